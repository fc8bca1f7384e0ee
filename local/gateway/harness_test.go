package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/coder/websocket"
)

const allow = `{"principalId":"p1","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]},"context":{"role":"citizen","level":2,"strong":true}}`

// fake runs functions from a table and keeps what they were invoked with.
type fake struct {
	functions map[string]func(ctx context.Context, payload []byte) (string, error)

	mu    sync.Mutex
	calls map[string][][]byte
}

func (f *fake) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	f.mu.Lock()
	f.calls[function] = append(f.calls[function], payload)
	f.mu.Unlock()
	if run := f.functions[function]; run != nil {
		result, err := run(ctx, payload)
		return []byte(result), err
	}
	return []byte(`{"statusCode":200}`), nil
}

func (f *fake) payloads(function string) [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([][]byte(nil), f.calls[function]...)
}

// wait returns the n-th event that function got, the first being 1.
func (f *fake) wait(t *testing.T, function string, n int) events.APIGatewayWebsocketProxyRequest {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if got := f.payloads(function); len(got) >= n {
			var e events.APIGatewayWebsocketProxyRequest
			if err := json.Unmarshal(got[n-1], &e); err != nil {
				t.Fatal(err)
			}
			return e
		}
	}
	t.Fatalf("%s: no event %d", function, n)
	return events.APIGatewayWebsocketProxyRequest{}
}

func (f *fake) on(function, result string) {
	f.run(function, func(context.Context, []byte) (string, error) { return result, nil })
}

func (f *fake) run(function string, run func(context.Context, []byte) (string, error)) {
	f.functions[function] = run
}

// api is a gateway behind a server, with functions named like their routes.
type api struct {
	*fake
	*WebSocket
	server *httptest.Server
}

func routes() map[string]Route {
	return map[string]Route{
		"$connect": {Function: "connect"}, "$disconnect": {Function: "disconnect"}, "$default": {Function: "default"},
		"send": {Function: "send"}, "ask": {Function: "ask", Response: true},
	}
}

func start(t *testing.T, change func(*Config, *fake)) *api {
	t.Helper()
	f := &fake{functions: map[string]func(context.Context, []byte) (string, error){}, calls: map[string][][]byte{}}
	c := Config{Stage: "prod", Routes: routes(), Log: quiet()}
	if change != nil {
		change(&c, f)
	}
	g, err := NewWebSocket(c, f)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/prod", g)
	mux.Handle("/prod/@connections/", g.Connections())
	a := &api{fake: f, WebSocket: g, server: httptest.NewServer(mux)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_ = g.Close(ctx)
		a.server.Close()
	})
	return a
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (a *api) url() string { return "ws" + strings.TrimPrefix(a.server.URL, "http") + "/prod" }

// dial connects; status is that of the upgrade.
func (a *api) dial(query string, header http.Header, protocols ...string) (ws *websocket.Conn, status int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, a.url()+query, &websocket.DialOptions{HTTPHeader: header, Subprotocols: protocols})
	if ws != nil {
		ws.SetReadLimit(-1)
	}
	if resp != nil {
		status = resp.StatusCode
	}
	return ws, status, err
}

func (a *api) open(t *testing.T) (*websocket.Conn, string) {
	t.Helper()
	n := len(a.payloads("connect"))
	ws, _, err := a.dial("", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws, a.wait(t, "connect", n+1).RequestContext.ConnectionID
}

func send(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// receive returns the next frame.
func receive(t *testing.T, ws *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, b, err := ws.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func closeCode(t *testing.T, ws *websocket.Conn) websocket.StatusCode {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for {
		if _, _, err := ws.Read(ctx); err != nil {
			if websocket.CloseStatus(err) == -1 {
				t.Fatalf("no close frame: %v", err)
			}
			return websocket.CloseStatus(err)
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}
