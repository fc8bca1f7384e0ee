package push_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/coder/websocket"

	"infocig/local/gateway"
	"infocig/shared/aws/push"
	"infocig/shared/chat/socket"
	"infocig/shared/code"
)

var _ socket.Poster = (*push.Poster)(nil)

func poster(url string) *push.Poster {
	return push.New(aws.Config{Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")}, url)
}

// answering starts a server that answers the n-th request with the n-th status,
// the last one again and again.
func answering(t *testing.T, statuses ...int) (p *push.Poster, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	kinds := map[int]string{403: "ForbiddenException", 410: "GoneException", 413: "PayloadTooLargeException", 429: "LimitExceededException"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(requests.Add(1))
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.EscapedPath() != "/v1/@connections/R1kmxc2VNjMCFIA%3D" || string(body) != "frame" {
			t.Errorf("%s %s %q %v", r.Method, r.URL.EscapedPath(), body, err)
		}
		status := statuses[min(n, len(statuses))-1]
		w.Header().Set("X-Amzn-Errortype", kinds[status])
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return poster(s.URL + "/v1"), requests
}

func TestAnswersOfTheGateway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statuses []int
		want     error // nil: none
		requests int
	}{
		"taken":                {[]int{200}, nil, 1},
		"gone":                 {[]int{410}, code.NotFound, 1},
		"full, then taken":     {[]int{429, 200}, nil, 2},
		"full twice, and gone": {[]int{429, 429, 410}, code.NotFound, 3},
		"full":                 {[]int{429}, code.Throttled, 3},
		"failed, then taken":   {[]int{500, 200}, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, requests := answering(t, test.statuses...)
			if err := p.Post(t.Context(), "R1kmxc2VNjMCFIA=", []byte("frame")); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if int(requests.Load()) != test.requests {
				t.Errorf("%d requests, want %d", requests.Load(), test.requests)
			}
		})
	}
}

func TestRefusalsWithoutCode(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 413, 500} {
		p, _ := answering(t, status)
		err := p.Post(t.Context(), "R1kmxc2VNjMCFIA=", []byte("frame"))
		if code := code.Code(""); err == nil || errors.As(err, &code) {
			t.Errorf("%d: got %v, want an error without code", status, err)
		}
	}
}

// Many that are throttled at once do not change what each is told.
func TestThrottledAtLength(t *testing.T) {
	t.Parallel()
	p, _ := answering(t, 429)
	errs := make(chan error)
	const posts = 100
	for range posts {
		go func() { errs <- p.Post(t.Context(), "R1kmxc2VNjMCFIA=", []byte("frame")) }()
	}
	for range posts {
		if err := <-errs; !errors.Is(err, code.Throttled) {
			t.Fatalf("got %v, want Throttled", err)
		}
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		cancel()
		w.Header().Set("X-Amzn-Errortype", "LimitExceededException")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer s.Close()
	err := poster(s.URL+"/v1").Post(ctx, "R1kmxc2VNjMCFIA=", []byte("frame"))
	if n := requests.Load(); !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d requests, and %v", n, err)
	}
}

// accepting lets everybody in.
type accepting struct{ connected chan string }

func (a accepting) Invoke(_ context.Context, _ string, payload []byte) ([]byte, error) {
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	if e.RequestContext.EventType == "CONNECT" {
		a.connected <- e.RequestContext.ConnectionID
	}
	return []byte(`{"statusCode":200}`), nil
}

// The gateway of one machine checks what API Gateway checks: path, region,
// signature.
func TestOverTheGateway(t *testing.T) {
	t.Parallel()
	in := accepting{make(chan string, 1)}
	g, err := gateway.NewWebSocket(gateway.Config{
		Stage: "v1", Region: "eu-south-1", Routes: map[string]gateway.Route{"$connect": {Function: "f"}, "$default": {Function: "f"}},
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}, in)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/socket", g)
	mux.Handle("/v1/@connections/", g.Connections())
	s := httptest.NewServer(mux)
	defer s.Close()
	ws, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.CloseNow() }()
	p, id := poster(s.URL+"/v1"), <-in.connected
	if err := p.Post(t.Context(), id, []byte(`{"event":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := ws.Read(t.Context()); err != nil || string(got) != `{"event":"x"}` {
		t.Errorf("read %q, %v", got, err)
	}
	if err := p.Post(t.Context(), "R1kmxc2VNjMCFIA=", []byte("x")); !errors.Is(err, code.NotFound) {
		t.Errorf("nobody: %v, want NotFound", err)
	}
}
