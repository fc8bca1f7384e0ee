package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestBadFrames sends, over a real socket, what no client should: each gets a
// typed error and the connection stays, or a documented close; nothing is stored.
// The handler's own test has the rest of the list (shared/chat/socket).
func TestBadFrames(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	c, _, id, _, _, _ := talking(t, s)
	seq := func() float64 {
		v := c.must("hello", map[string]any{"conversation": id})
		return v["snapshot"].(map[string]any)["seq"].(float64)
	}
	before := seq()
	send := func(text string) string {
		return `{"action":"send","id":7,"conversation":"` + id + `","number":1,"text":` + text + `}`
	}
	for name, test := range map[string]struct{ frame, code string }{
		"an empty frame":                {"", "invalid"},
		"not JSON":                      {"ciao", "invalid"},
		"null":                          {"null", "invalid"},
		"an array":                      {"[]", "invalid"},
		"truncated":                     {`{"action":"ping"`, "invalid"},
		"a second document":             {`{"action":"ping"}{"action":"ping"}`, "invalid"},
		"an action of the gateway":      {`{"action":"$disconnect"}`, "invalid"},
		"a constructor of objects":      {`{"action":"constructor"}`, "invalid"},
		"a prototype":                   {`{"action":"ping","__proto__":{"action":"send"}}`, "invalid"},
		"17 KB":                         {send(`"` + strings.Repeat("a", 17<<10) + `"`), "invalid"},
		"1e400":                         {`{"action":"ping","id":1e400}`, "invalid"},
		"an id of the far future":       {`{"action":"ping","id":99999999999999999999}`, "invalid"},
		"a message before there is one": {`{"action":"send","conversation":"worker_case.0.2","number":1,"text":"a"}`, "not_found"},
		"a long name of a conversation": {`{"action":"ping","conversation":"` + strings.Repeat("x", 5000) + `"}`, "not_found"},
		"a path for a conversation":     {`{"action":"ping","conversation":"../../etc/passwd"}`, "not_found"},
		"a key for a conversation":      {`{"action":"ping","conversation":"1#000001"}`, "not_found"},
		"an expression":                 {`{"action":"ping","conversation":"x OR attribute_exists(pk)"}`, "not_found"},
		"a line break in a name":        {`{"action":"ping","conversation":"x\r\nX-Injected: 1"}`, "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.socket.Write(t.Context(), websocket.MessageText, []byte(test.frame)); err != nil {
				t.Fatal(err)
			}
			v := c.next()
			if v["event"] != "error" || v["code"] != test.code || v["text"] == "" {
				t.Errorf("got %v, want %s", v, test.code)
			}
			same(t, "alive", c.must("ping", nil)["event"], any("pong"))
		})
	}
	same(t, "entries", seq(), before)

	// What is text stays text, exactly as it was written.
	for n, text := range []string{`<script>alert(1)</script>`, `javascript:alert(1)`, `{{7*7}} ${7*7} %s`, "'; DROP TABLE infocig; --"} {
		v := c.must("send", map[string]any{"conversation": id, "number": n + 1, "text": text})
		same(t, "stored", v["item"].(map[string]any)["text"], any(text))
	}
	again := c.ask("send", map[string]any{"conversation": id, "number": 4, "text": "un altro testo"})
	same(t, "the same number with another text", again["code"], any("conflict"))
	same(t, "joining twice", c.must("join", map[string]any{"topic": "worker_case"})["conversation"], any(id))
	same(t, "a second hello", c.must("hello", nil)["event"], any("welcome"))
}

func TestFramesThatCloseTheConnection(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "myinps", "worker-rm")
	for name, test := range map[string]struct {
		kind  websocket.MessageType
		parts []int // sizes of the frames of one message
		want  websocket.StatusCode
	}{
		"a binary frame":        {websocket.MessageBinary, []int{3}, websocket.StatusUnsupportedData},
		"a frame over 32 KB":    {websocket.MessageText, []int{32<<10 + 1}, websocket.StatusMessageTooBig},
		"a message over 128 KB": {websocket.MessageText, []int{30 << 10, 30 << 10, 30 << 10, 30 << 10, 30 << 10}, websocket.StatusMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s, "/v1/tickets", token, map[string]any{})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			w, err := c.socket.Writer(ctx, test.kind)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range test.parts {
				_, _ = io.WriteString(w, strings.Repeat("a", n)) // it may be closed already
			}
			_ = w.Close()
			for err == nil {
				_, _, err = c.socket.Read(ctx)
			}
			same(t, "close code", websocket.CloseStatus(err), test.want)
		})
	}
}

// TestBadRequests: over HTTP a problem that names what is wrong, never more.
func TestBadRequests(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	worker, operator := login(t, s, "cassetto", "consultant"), login(t, s, "institute", "operator")
	supervisor := login(t, s, "institute", "supervisor")
	do := func(method, path, token, body string) (int, string, http.Header) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text), resp.Header
	}
	for name, body := range map[string]string{
		"nothing": "", "not JSON": "ciao", "null of a list": "[null]", "a number": "7", "truncated": `{"company":`,
		"a second document": `{} {}`, "a name twice": `{"company":"99999030150","company":"99999040639"}`, "another case": `{"Company":"99999030150"}`,
		"an unknown field": `{"company":"99999030150","side":"advisor"}`, "another type": `{"company":99999030150}`, "an object": `{"company":{"$ne":""}}`,
		"invalid UTF-8": "{\"company\":\"\xff\"}", "a lone surrogate": `{"company":"\ud800"}`, "a byte order mark": "\ufeff{}",
		"depth": strings.Repeat(`{"company":`, 20_000), "65 KB": `{"company":"` + strings.Repeat("9", 65<<10) + `"}`,
		"a company of somebody else": `{"company":"99999010152"}`, "a company that is none": `{"company":"x"}`, "no company": `{}`,
	} {
		for _, path := range []string{"/v1/tickets", "/v1/slips"} {
			status, text, h := do("POST", path, worker, body)
			if status != http.StatusBadRequest || h.Get("Content-Type") != "application/problem+json" || !strings.Contains(text, `"code":"invalid"`) {
				t.Errorf("%s, %s: %d %s", path, name, status, text)
			}
		}
	}
	for name, body := range map[string]string{
		"a closure that ends before it begins": `{"rev":0,"closures":[{"from":"2026-11-24T15:00:00Z","until":"2026-11-24T14:00:00Z","reason":"x"}]}`,
		"a date that is none":                  `{"rev":0,"closures":[{"from":"2026-02-30T15:00:00Z","until":"2026-11-24T14:00:00Z","reason":"x"}]}`,
		"a phase of no province":               `{"rev":0,"closures":[],"phases":[{"id":"x"}]}`,
		"a negative revision":                  `{"rev":-5,"closures":[]}`,
	} {
		if status, text, _ := do("PUT", "/v1/operator/rules", operator, body); status != http.StatusBadRequest && status != http.StatusConflict {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	for name, body := range map[string]string{
		"no reason": `{}`, "a reason of blanks": `{"reason":" "}`, "a reason of two lines": `{"reason":"a\nb"}`,
		"a reason of 201 characters": `{"reason":"` + strings.Repeat("x", 201) + `"}`, "bidi": `{"reason":"\u202e"}`,
		"an end that is over": `{"reason":"x","until":"2026-11-23T14:59:59+01:00"}`, "a date that is none": `{"reason":"x","until":"2026-02-30T15:00:00Z"}`,
		"an unknown field": `{"reason":"x","from":"2026-11-23T15:00:00Z"}`,
	} {
		if status, text, _ := do("POST", "/v1/operator/closure", operator, body); status != http.StatusBadRequest {
			t.Errorf("closure, %s: %d %s", name, status, text)
		}
	}
	for name, body := range map[string]string{"no reason": `{}`, "a reason of nobody's": `{"reason":"a friend"}`, "more than a reason": `{"reason":"deadline","ahead":0}`} {
		if status, text, _ := do("POST", "/v1/supervisor/waiting/worker_case.0.1/front", supervisor, body); status != http.StatusBadRequest {
			t.Errorf("front, %s: %d %s", name, status, text)
		}
	}
	for path, want := range map[string]int{
		"/v1/conversations/" + strings.Repeat("x", 5000) + "/transcript": http.StatusNotFound,
		"/v1/conversations/..%2f..%2fetc%2fpasswd/transcript":            http.StatusNotFound,
		"/v1/conversations/%00/transcript":                               http.StatusNotFound,
		"/v1/conversations/1%23000001/transcript":                        http.StatusNotFound,
		"/v1/nothing":                        http.StatusNotFound,
		"/v1/tickets/":                       http.StatusNotFound,
		"/v1/cases?company=%27%20OR%201%3D1": http.StatusBadRequest,
	} {
		if status, text, _ := do("GET", path, worker, ""); status != want {
			t.Errorf("%.60s: %d %s", path, status, text)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "TRACE"} {
		if status, _, _ := do(method, "/v1/tickets", worker, ""); status != http.StatusNotFound {
			t.Errorf("%s: %d", method, status)
		}
	}
	status, text, _ := do("GET", "/v1/me", strings.Repeat("x", 9000), "")
	same(t, "a token of 9 KB", fmt.Sprint(status, strings.Contains(text, "xxx")), "401 false")
}
