package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

const signature = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-south-1/execute-api/aws4_request, SignedHeaders=content-length;host;x-amz-date, Signature=" + sixtyFour

const sixtyFour = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// manage calls the management API over HTTP.
func (a *api) manage(t *testing.T, method, id, authorization string, body []byte) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.server.URL+"/prod/@connections/"+url.QueryEscape(id), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	r.Header.Set("X-Amz-Date", "20261122T140000Z")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

func TestRow08GoneOverHTTP(t *testing.T) {
	a := start(t, nil)
	for _, method := range []string{"POST", "GET", "DELETE"} {
		status, header, body := a.manage(t, method, "R1kmxc2VNjMCFIA=", signature, nil)
		if status != 410 || header.Get("X-Amzn-ErrorType") != "GoneException" || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %v %s", method, status, header, body)
		}
	}
}

func TestRow09SignatureIsNeeded(t *testing.T) {
	a := start(t, nil)
	ws, id := a.open(t)
	for name, test := range map[string]struct {
		authorization string
		status        int
	}{
		"signed":             {signature, 200},
		"none":               {"", 403},
		"bearer":             {"Bearer x", 403},
		"another service":    {strings.Replace(signature, "execute-api", "s3", 1), 403},
		"another region":     {strings.Replace(signature, "eu-south-1", "us-east-1", 1), 403},
		"another day":        {strings.Replace(signature, "20261122", "20261121", 1), 403},
		"host not signed":    {strings.Replace(signature, "host;", "", 1), 403},
		"no signature":       {strings.Replace(signature, sixtyFour, "", 1), 403},
		"another end":        {strings.Replace(signature, "aws4_request", "aws4", 1), 403},
		"SignatureV4A":       {strings.Replace(signature, "HMAC", "ECDSA-P256", 1), 403},
		"something after it": {signature + "0", 403},
	} {
		t.Run(name, func(t *testing.T) {
			status, header, body := a.manage(t, "POST", id, test.authorization, []byte("hello"))
			if status != test.status {
				t.Errorf("status %d, want %d: %s", status, test.status, body)
			}
			if status == 403 && header.Get("X-Amzn-ErrorType") != "ForbiddenException" {
				t.Errorf("header %v", header)
			}
		})
	}
	if got := receive(t, ws); got != "hello" {
		t.Errorf("frame %q", got)
	}
}

func TestRow09IDIsURLEncoded(t *testing.T) {
	ids := []string{"a/b+c=", "r"}
	a := start(t, func(c *Config, _ *fake) {
		c.NewID = func() string { id := ids[0]; ids = ids[1:]; ids = append(ids, "r"); return id }
	})
	ws, id := a.open(t)
	if id != "a/b+c=" {
		t.Fatalf("id %q", id)
	}
	if status, _, body := a.manage(t, "POST", id, signature, []byte("hello")); status != 200 {
		t.Errorf("status %d %s", status, body)
	}
	if got := receive(t, ws); got != "hello" {
		t.Errorf("frame %q", got)
	}
}

func TestRow10GetTellsOfTheConnection(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 5e6, time.UTC)
	clock := make(chan time.Time, 1)
	clock <- now
	a := start(t, func(c *Config, _ *fake) { c.Now = func() time.Time { n := <-clock; clock <- n; return n } })
	ws, _, err := a.dial("", http.Header{"User-Agent": {"test"}})
	if err != nil {
		t.Fatal(err)
	}
	id := a.wait(t, "connect", 1).RequestContext.ConnectionID
	<-clock
	clock <- now.Add(time.Minute)
	send(t, ws, "x")
	a.wait(t, "default", 1)
	status, _, body := a.manage(t, "GET", id, signature, nil)
	want := `{"connectedAt":"2026-11-22T14:00:00.005Z","identity":{"sourceIp":"127.0.0.1","userAgent":"test"},"lastActiveAt":"2026-11-22T14:01:00.005Z"}` + "\n"
	if diff := cmp.Diff(want, body); status != 200 || diff != "" {
		t.Errorf("status %d: %s", status, diff)
	}
	got, err := a.Connections().Get(t.Context(), id)
	if err != nil || !got.LastActiveAt.Equal(now.Add(time.Minute)) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRow10FullBufferIsLimitExceeded(t *testing.T) {
	a := start(t, func(c *Config, _ *fake) { c.Limits.SendBuffer = 4 })
	_, id := a.open(t) // and never reads
	full := bytes.Repeat([]byte("a"), 128<<10)
	posted := 0
	for ; posted < 1000; posted++ {
		if err := a.Connections().Post(t.Context(), id, full); errors.Is(err, LimitExceeded) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if posted == 1000 {
		t.Error("1,000 messages of 128 KB were taken for a client that does not read")
	}
	// The kernel may take one more now and then, but not for long.
	eventually(t, "429 over HTTP", func() bool {
		status, header, _ := a.manage(t, "POST", id, signature, full)
		return status == 429 && header.Get("X-Amzn-ErrorType") == "LimitExceededException"
	})
}

func TestRow10PostedOver128KBIs413(t *testing.T) {
	a := start(t, nil)
	_, id := a.open(t)
	status, header, _ := a.manage(t, "POST", id, signature, make([]byte, 128<<10+1))
	if status != 413 || header.Get("X-Amzn-ErrorType") != "PayloadTooLargeException" {
		t.Errorf("%d %v", status, header)
	}
}

func TestRow14DeleteClosesWith1000AfterWhatWasPosted(t *testing.T) {
	a := start(t, nil)
	ws, id := a.open(t)
	// More than the kernel takes, so that some is still queued here.
	const n = 100
	full := bytes.Repeat([]byte("a"), 128<<10)
	for range n {
		if err := a.Connections().Post(t.Context(), id, full); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Connections().Post(t.Context(), id, []byte("bye")); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := a.manage(t, "DELETE", id, signature, nil); status != 204 {
		t.Errorf("status %d", status)
	}
	if err := a.Connections().Post(t.Context(), id, []byte("late")); !errors.Is(err, Gone) {
		t.Errorf("post after DELETE: %v", err)
	}
	for range n {
		receive(t, ws)
	}
	if got := receive(t, ws); got != "bye" {
		t.Errorf("last frame: %d bytes", len(got))
	}
	if got := closeCode(t, ws); got != websocket.StatusNormalClosure {
		t.Errorf("close %d", got)
	}
}

func TestFaultsRefusePosts(t *testing.T) {
	a := start(t, func(c *Config, _ *fake) { c.Faults.Post = func(string) error { return Gone } })
	_, id := a.open(t)
	if err := a.Connections().Post(t.Context(), id, []byte("x")); !errors.Is(err, Gone) {
		t.Errorf("err %v", err)
	}
}
