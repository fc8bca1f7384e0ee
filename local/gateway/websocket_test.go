package gateway

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

func TestRow01TooLargeCloses1009(t *testing.T) {
	fragments := func(sizes ...int) func(io.Writer) {
		return func(w io.Writer) {
			for i, size := range sizes {
				opcode := byte(0)
				if i == 0 {
					opcode = 1
				}
				if i == len(sizes)-1 {
					opcode |= 0x80
				}
				_, _ = w.Write(frame(opcode, strings.Repeat("a", size)))
			}
		}
	}
	for name, test := range map[string]struct {
		write func(io.Writer)
		code  int // 0: accepted
	}{
		"a frame of 32 KB":                               {fragments(32 << 10), 0},
		"a frame over 32 KB":                             {fragments(32<<10 + 1), 1009},
		"four frames of 32 KB are a message of 128 KB":   {fragments(32<<10, 32<<10, 32<<10, 32<<10), 0},
		"a message over 128 KB":                          {fragments(32<<10, 32<<10, 32<<10, 32<<10, 1), 1009},
		"a later frame over 32 KB":                       {fragments(10, 32<<10+1), 1009},
		"a frame that claims 2^62 bytes and sends a few": {func(w io.Writer) { _, _ = w.Write(huge()) }, 1009},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, nil)
			nc, br := a.raw(t)
			test.write(nc)
			if test.code == 0 {
				a.wait(t, "default", 1)
				return
			}
			if got := readClose(t, br); got != test.code {
				t.Errorf("close %d, want %d", got, test.code)
			}
			_, _ = nc.Write(frame(0x88, "\x03\xf1")) // the client's half of the handshake
			_ = nc.Close()
			if got := a.wait(t, "disconnect", 1).RequestContext.DisconnectStatusCode; got != int64(test.code) {
				t.Errorf("disconnectStatusCode %d, want %d", got, test.code)
			}
			if n := len(a.payloads("default")); n != 0 {
				t.Errorf("%d messages reached the function", n)
			}
		})
	}
}

func TestRow01SmallMessageBeforeALargeFrameIsHandled(t *testing.T) {
	a := start(t, nil)
	nc, br := a.raw(t)
	_, _ = nc.Write(slices.Concat(frame(0x81, "first"), frame(0x81, strings.Repeat("a", 32<<10+1))))
	if got := readClose(t, br); got != 1009 {
		t.Errorf("close %d", got)
	}
	if got := a.wait(t, "default", 1).Body; got != "first" {
		t.Errorf("body %q", got)
	}
}

func TestRow01DataOver128KBToConnectionsIsTooLarge(t *testing.T) {
	a := start(t, nil)
	ws, id := a.open(t)
	if err := a.Connections().Post(t.Context(), id, make([]byte, 128<<10+1)); !errors.Is(err, TooLarge) {
		t.Errorf("err %v", err)
	}
	full := strings.Repeat("a", 128<<10)
	if err := a.Connections().Post(t.Context(), id, []byte(full)); err != nil {
		t.Errorf("err %v", err)
	}
	if got := receive(t, ws); got != full {
		t.Errorf("%d bytes", len(got))
	}
}

func TestRow02Defaults(t *testing.T) {
	got := Limits{Frame: 5}.orDefault()
	want := Limits{5, 128 << 10, 10 * time.Minute, 2 * time.Hour, 29 * time.Second, 8 << 10, 256, 500, 10_000}
	if got != want {
		t.Errorf("limits %+v, want %+v", got, want)
	}
}

func TestRow02IntegrationTimeoutIsAFunctionError(t *testing.T) {
	a := start(t, func(c *Config, f *fake) {
		c.Limits.Integration = 20 * time.Millisecond
		f.run("send", func(ctx context.Context, _ []byte) (string, error) { <-ctx.Done(); return `{"statusCode":200}`, nil })
	})
	ws, _ := a.open(t)
	send(t, ws, `{"action":"send"}`)
	if got := receive(t, ws); !strings.Contains(got, "Internal server error") {
		t.Errorf("frame %s", got)
	}
}

func TestRow02RatesAreLimited(t *testing.T) {
	now := time.Unix(0, 0)
	a := start(t, func(c *Config, _ *fake) {
		c.Now = func() time.Time { return now }
		c.Limits.NewConnections, c.Limits.Requests = 1, 2
	})
	ws, id := a.open(t)
	if _, status, _ := a.dial("", nil); status != http.StatusTooManyRequests {
		t.Errorf("second connection in a second: %d", status)
	}
	send(t, ws, "one")
	a.wait(t, "default", 1)
	if err := a.Connections().Post(t.Context(), id, []byte("two")); err != nil {
		t.Error(err)
	}
	if err := a.Connections().Post(t.Context(), id, []byte("three")); !errors.Is(err, LimitExceeded) {
		t.Errorf("third request in a second: %v", err)
	}
	receive(t, ws)
	send(t, ws, "four")
	if got := receive(t, ws); !strings.Contains(got, "Limit exceeded") {
		t.Errorf("frame %s", got)
	}
}

func TestRow03IdleAndLifeCloseWith1001(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		a := start(t, func(c *Config, _ *fake) { c.Limits.Idle = 30 * time.Millisecond })
		ws, _ := a.open(t)
		if got := closeCode(t, ws); got != 1001 {
			t.Errorf("close %d", got)
		}
		if e := a.wait(t, "disconnect", 1); e.RequestContext.DisconnectStatusCode != 1001 {
			t.Errorf("disconnect %+v", e.RequestContext)
		}
	})
	t.Run("traffic keeps a connection from being idle, not from ageing", func(t *testing.T) {
		a := start(t, func(c *Config, _ *fake) { c.Limits.Idle, c.Limits.Life = time.Second, 3*time.Second })
		ws, _ := a.open(t)
		began := time.Now()
		go func() {
			for ws.Write(context.Background(), websocket.MessageText, []byte("x")) == nil {
				time.Sleep(20 * time.Millisecond)
			}
		}()
		if got := closeCode(t, ws); got != 1001 {
			t.Errorf("close %d", got)
		}
		if lived := time.Since(began); lived < 2900*time.Millisecond {
			t.Errorf("lived %v", lived)
		}
	})
}

func TestRow04BinaryCloses1003(t *testing.T) {
	a := start(t, nil)
	ws, _ := a.open(t)
	if err := ws.Write(t.Context(), websocket.MessageBinary, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := closeCode(t, ws); got != 1003 {
		t.Errorf("close %d", got)
	}
	if got := a.wait(t, "disconnect", 1).RequestContext.DisconnectStatusCode; got != 1003 {
		t.Errorf("disconnectStatusCode %d", got)
	}
}

func TestRow05UpgradeIsPendingUntilConnectReturns(t *testing.T) {
	release := make(chan struct{})
	a := start(t, func(_ *Config, f *fake) {
		f.run("connect", func(context.Context, []byte) (string, error) { <-release; return `{"statusCode":200}`, nil })
	})
	dialed := make(chan error, 1)
	go func() {
		ws, _, err := a.dial("", nil)
		if ws != nil {
			defer func() { _ = ws.CloseNow() }()
		}
		dialed <- err
	}()
	a.wait(t, "connect", 1)
	select {
	case err := <-dialed:
		t.Fatalf("upgraded before $connect returned: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	close(release)
	if err := <-dialed; err != nil {
		t.Error(err)
	}
}

func TestRow05ConnectRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		result string
		err    error
		status int
	}{
		"a status reaches the client as it is": {`{"statusCode":403}`, nil, 403},
		"any status":                           {`{"statusCode":418}`, nil, 418},
		"function error":                       {"", errors.New("boom"), 502},
		"no statusCode":                        {`{}`, nil, 502},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, func(_ *Config, f *fake) {
				f.run("connect", func(context.Context, []byte) (string, error) { return test.result, test.err })
			})
			ws, status, err := a.dial("", nil)
			if ws != nil || err == nil || status != test.status {
				t.Errorf("status %d, err %v, want %d", status, err, test.status)
			}
			if err := a.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if n := len(a.payloads("disconnect")); n != 0 {
				t.Error("there was no connection, but a $disconnect")
			}
		})
	}
}

func TestRow06SubprotocolIsWhatConnectSays(t *testing.T) {
	for name, test := range map[string]struct{ answer, want string }{
		"echoed":     {`{"statusCode":200,"headers":{"sec-websocket-protocol":"v1"}}`, "v1"},
		"not echoed": {`{"statusCode":200}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, func(_ *Config, f *fake) { f.on("connect", test.answer) })
			ws, _, err := a.dial("", nil, "v0", "v1")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ws.CloseNow() }()
			if got := ws.Subprotocol(); got != test.want {
				t.Errorf("subprotocol %q, want %q", got, test.want)
			}
		})
	}
}

func TestRow07Authorizer(t *testing.T) {
	policy := func(effect, resource string) string {
		return fmt.Sprintf(`{"principalId":"p","policyDocument":{"Statement":[{"Action":["execute-api:Invoke"],"Effect":%q,"Resource":[%q]}]}}`, effect, resource)
	}
	const arn = "arn:aws:execute-api:eu-south-1:000000000000:local/prod/$connect"
	for name, test := range map[string]struct {
		query  string
		result string
		err    error
		status int
		calls  int
	}{
		"identity source missing: not called": {"", allow, nil, 401, 0},
		"identity source empty: not called":   {"?ticket=", allow, nil, 401, 0},
		"allowed":                             {"?ticket=t", policy("Allow", arn), nil, 101, 1},
		"allowed by wildcard":                 {"?ticket=t", policy("Allow", "arn:aws:execute-api:*/prod/*"), nil, 101, 1},
		"denied":                              {"?ticket=t", policy("Deny", arn), nil, 403, 1},
		"allowed elsewhere only":              {"?ticket=t", policy("Allow", "arn:aws:execute-api:*/test/$connect"), nil, 403, 1},
		"error Unauthorized":                  {"?ticket=t", "", errors.New("Unauthorized"), 401, 1},
		"wrapped error Unauthorized":          {"?ticket=t", "", fmt.Errorf("invoke: %w", &FunctionError{"errorString", "Unauthorized"}), 401, 1},
		"any other error":                     {"?ticket=t", "", errors.New("boom"), 500, 1},
		"not JSON":                            {"?ticket=t", "Allow", nil, 500, 1},
		"no policy":                           {"?ticket=t", `{"principalId":"p"}`, nil, 500, 1},
		"unknown effect":                      {"?ticket=t", policy("allow", arn), nil, 500, 1},
		"context with an object":              {"?ticket=t", strings.Replace(allow, `"level":2`, `"level":{}`, 1), nil, 500, 1},
		"more than 8 KB":                      {"?ticket=t", strings.Replace(allow, "citizen", strings.Repeat("c", 8<<10), 1), nil, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, func(c *Config, f *fake) {
				c.Authorizer = &Authorizer{Function: "authorize", IdentitySources: []string{"route.request.querystring.ticket"}}
				f.run("authorize", func(context.Context, []byte) (string, error) { return test.result, test.err })
			})
			ws, status, _ := a.dial(test.query, nil)
			if ws != nil {
				defer func() { _ = ws.CloseNow() }()
			}
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if n := len(a.payloads("authorize")); n != test.calls {
				t.Errorf("authorizer called %d times, want %d", n, test.calls)
			}
			if n := len(a.payloads("connect")); (n == 1) != (test.status == 101) {
				t.Errorf("$connect called %d times", n)
			}
		})
	}
}

func TestRow07IdentitySourceThatAWSRefuses(t *testing.T) {
	_, err := NewWebSocket(Config{Stage: "s", Authorizer: &Authorizer{Function: "f", IdentitySources: []string{"$request.header.x"}}}, &fake{})
	if err == nil {
		t.Error("accepted")
	}
}

func TestRow07ContextReachesEveryEvent(t *testing.T) {
	a := start(t, func(c *Config, f *fake) {
		c.Authorizer = &Authorizer{Function: "authorize", IdentitySources: []string{"route.request.header.X-Ticket"}}
		f.on("authorize", allow)
	})
	ws, status, err := a.dial("", http.Header{"X-Ticket": {"t"}})
	if err != nil {
		t.Fatal(status, err)
	}
	send(t, ws, `{"action":"send"}`)
	a.wait(t, "send", 1)
	_ = ws.Close(websocket.StatusNormalClosure, "")
	want := map[string]any{"principalId": "p1", "role": "citizen", "level": "2", "strong": "true"}
	for _, function := range []string{"connect", "send", "disconnect"} {
		got := a.wait(t, function, 1).RequestContext.Authorizer
		if diff := cmp.Diff(any(want), got); diff != "" {
			t.Errorf("%s: %s", function, diff)
		}
	}
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(a.payloads("authorize")[0], &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "REQUEST" || !strings.HasSuffix(e.MethodArn, "/prod/$connect") || e.Headers["X-Ticket"] != "t" {
		t.Errorf("event %+v", e)
	}
}

func TestRow08GoneBeforeConnectHasFinishedAfterCloseAndUnknown(t *testing.T) {
	var a *api
	early := make(chan error, 1)
	a = start(t, func(_ *Config, f *fake) {
		f.run("connect", func(ctx context.Context, payload []byte) (string, error) {
			var e events.APIGatewayWebsocketProxyRequest
			_ = json.Unmarshal(payload, &e)
			early <- a.Connections().Post(ctx, e.RequestContext.ConnectionID, []byte("hello"))
			return `{"statusCode":200}`, nil
		})
	})
	ws, id := a.open(t)
	if err := <-early; !errors.Is(err, Gone) {
		t.Errorf("within $connect: %v", err)
	}
	if err := a.Connections().Post(t.Context(), "unknown=", nil); !errors.Is(err, Gone) {
		t.Errorf("unknown: %v", err)
	}
	_ = ws.Close(websocket.StatusNormalClosure, "")
	a.wait(t, "disconnect", 1)
	if err := a.Connections().Post(t.Context(), id, nil); !errors.Is(err, Gone) {
		t.Errorf("after close: %v", err)
	}
}

func TestRow11Routing(t *testing.T) {
	for name, test := range map[string]struct{ body, function, routeKey string }{
		"exact match":             {`{"action":"send"}`, "send", "send"},
		"no match":                {`{"action":"Send"}`, "default", "$default"},
		"name in another case":    {`{"Action":"send"}`, "default", "$default"},
		"not a string":            {`{"action":["send"]}`, "default", "$default"},
		"not JSON":                {`send`, "default", "$default"},
		"a second document":       {`{"action":"send"}{}`, "default", "$default"},
		"empty":                   {``, "default", "$default"},
		"a route of the platform": {`{"action":"$connect"}`, "default", "$default"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, nil)
			ws, _ := a.open(t)
			send(t, ws, test.body)
			if e := a.wait(t, test.function, 1); e.Body != test.body || e.RequestContext.RouteKey != test.routeKey {
				t.Errorf("event %+v", e)
			}
		})
	}
}

func TestRow11NoDefaultIsForbiddenAndStays(t *testing.T) {
	a := start(t, func(c *Config, _ *fake) { delete(c.Routes, "$default") })
	ws, id := a.open(t)
	send(t, ws, `{"action":"other"}`)
	var got notice
	if err := json.Unmarshal([]byte(receive(t, ws)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Message != "Forbidden" || got.ConnectionID != id || got.RequestID == "" {
		t.Errorf("frame %+v", got)
	}
	send(t, ws, `{"action":"send"}`)
	a.wait(t, "send", 1)
}

func TestRow12FunctionErrorIsAFrameAndStays(t *testing.T) {
	for name, test := range map[string]struct {
		result string
		err    error
	}{
		"function error":  {"", errors.New("boom")},
		"no statusCode":   {`null`, nil},
		"not an object":   {`"ok"`, nil},
		"body not base64": {`{"statusCode":200,"body":"?","isBase64Encoded":true}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, func(_ *Config, f *fake) {
				f.run("send", func(context.Context, []byte) (string, error) { return test.result, test.err })
			})
			ws, id := a.open(t)
			send(t, ws, `{"action":"send"}`)
			want := fmt.Sprintf(`{"message":"Internal server error","connectionId":%q,"requestId":%q}`, id, a.wait(t, "send", 1).RequestContext.RequestID)
			if got := receive(t, ws); got != want {
				t.Errorf("frame %s, want %s", got, want)
			}
			send(t, ws, "x")
			a.wait(t, "default", 1)
		})
	}
}

func TestRow12And13BodyOnlyWithARouteResponse(t *testing.T) {
	a := start(t, func(_ *Config, f *fake) {
		f.on("default", `{"statusCode":500,"body":"one-way failure"}`)
		f.on("send", `{"statusCode":200,"body":"one-way"}`)
		f.on("ask", `{"statusCode":200,"body":"dHdvLXdheQ==","isBase64Encoded":true}`)
	})
	ws, _ := a.open(t)
	send(t, ws, "x")
	send(t, ws, `{"action":"send"}`)
	a.wait(t, "default", 1)
	a.wait(t, "send", 1)
	time.Sleep(20 * time.Millisecond)
	send(t, ws, `{"action":"ask"}`)
	if got := receive(t, ws); got != "two-way" {
		t.Errorf("first frame %q: one-way routes must say nothing", got)
	}
}

func TestRow14DisconnectAfterAnyClose(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(a *api, ws *websocket.Conn, id string)
		code   int64
		reason string
	}{
		"client, with a code": {func(_ *api, ws *websocket.Conn, _ string) { _ = ws.Close(4000, "moving") }, 4000, "moving"},
		"client, normal":      {func(_ *api, ws *websocket.Conn, _ string) { _ = ws.Close(1000, "") }, 1000, ""},
		"client, no code":     {func(_ *api, ws *websocket.Conn, _ string) { _ = ws.Close(1005, "") }, 1005, ""},
		"unclean":             {func(_ *api, ws *websocket.Conn, _ string) { _ = ws.CloseNow() }, 1006, ""},
		"DELETE": {func(a *api, ws *websocket.Conn, id string) {
			ws.CloseRead(context.Background())
			_ = a.Connections().Delete(context.Background(), id)
		}, 1000, "Connection closed"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, nil)
			ws, id := a.open(t)
			test.end(a, ws, id)
			got := a.wait(t, "disconnect", 1).RequestContext
			if got.DisconnectStatusCode != test.code || got.DisconnectReason == nil || *got.DisconnectReason != test.reason {
				t.Errorf("code %d reason %v, want %d %q", got.DisconnectStatusCode, got.DisconnectReason, test.code, test.reason)
			}
			if got.ConnectionID != id {
				t.Errorf("connection %q, want %q", got.ConnectionID, id)
			}
		})
	}
}

func TestRow14DisconnectMayBeDroppedOrLate(t *testing.T) {
	drop := make(chan bool, 2)
	a := start(t, func(c *Config, _ *fake) {
		c.Faults.Disconnect = func(string) (time.Duration, bool) { return 50 * time.Millisecond, <-drop }
	})
	drop <- true
	ws, _ := a.open(t)
	_ = ws.Close(1000, "")
	eventually(t, "connection forgotten", func() bool { a.WebSocket.mu.Lock(); defer a.WebSocket.mu.Unlock(); return len(a.conns) == 0 })

	drop <- false
	ws, id := a.open(t)
	began := time.Now()
	_ = ws.Close(1000, "")
	if e := a.wait(t, "disconnect", 1); e.RequestContext.ConnectionID != id || time.Since(began) < 50*time.Millisecond {
		t.Errorf("after %v: %+v", time.Since(began), e.RequestContext)
	}
}

func TestRow15EventFields(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 123e6, time.UTC)
	a := start(t, func(c *Config, _ *fake) { c.Now = func() time.Time { return now } })
	ws, _, err := a.dial("?name=one&name=two", http.Header{"User-Agent": {"test"}, "X-Forwarded-For": {"192.0.2.1"}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, ws, "\r\n")
	a.wait(t, "default", 1)
	_ = ws.Close(1000, "")
	a.wait(t, "disconnect", 1)

	for function, file := range map[string]string{"default": "apigw-websocket-request-send-message.json", "disconnect": "apigw-websocket-request-disconnect.json"} {
		if diff := cmp.Diff(fields(t, golden(t, file)), fields(t, a.payloads(function)[0])); diff != "" {
			t.Errorf("%s: fields differ from the captured event: %s", function, diff)
		}
	}
	// The captured CONNECT event is padded by hand with fields of REST APIs.
	known := fields(t, golden(t, "apigw-websocket-request.json"))
	for _, field := range fields(t, a.payloads("connect")[0]) {
		if !slices.Contains(known, field) {
			t.Errorf("connect: field %s is not in the captured event", field)
		}
	}

	connect, message, disconnect := a.wait(t, "connect", 1), a.wait(t, "default", 1), a.wait(t, "disconnect", 1)
	ctx := message.RequestContext
	ctx.RequestID, ctx.ExtendedRequestID, ctx.ConnectionID, ctx.MessageID = "r", "r", "c", "m"
	want := events.APIGatewayWebsocketProxyRequestContext{
		RouteKey: "$default", EventType: "MESSAGE", MessageID: "m", RequestID: "r", ExtendedRequestID: "r", ConnectionID: "c",
		RequestTime: "22/Nov/2026:14:00:00 +0000", RequestTimeEpoch: 1795356000123, ConnectedAt: 1795356000123,
		MessageDirection: "IN", Stage: "prod", APIID: "local", DomainName: strings.TrimPrefix(a.server.URL, "http://"),
		Identity: events.APIGatewayRequestIdentity{SourceIP: "127.0.0.1", UserAgent: "test"},
	}
	if diff := cmp.Diff(want, ctx); diff != "" {
		t.Error(diff)
	}
	if connect.RequestContext.EventType != "CONNECT" || disconnect.RequestContext.EventType != "DISCONNECT" {
		t.Error("event types")
	}
	if connect.QueryStringParameters["name"] != "two" || len(connect.MultiValueQueryStringParameters["name"]) != 2 {
		t.Errorf("query %v", connect.MultiValueQueryStringParameters)
	}
	if connect.Headers["X-Forwarded-For"] != "192.0.2.1, 127.0.0.1" || connect.Headers["Sec-WebSocket-Key"] == "" || connect.Headers["Host"] == "" || connect.Headers["Upgrade"] != "" {
		t.Errorf("headers %v", connect.Headers)
	}
	if len(message.Headers) != 0 || len(message.QueryStringParameters) != 0 || len(disconnect.QueryStringParameters) != 0 || disconnect.Headers["User-Agent"] != "" {
		t.Error("headers and query of the client outside CONNECT")
	}
	if id := connect.RequestContext.ConnectionID; len(id) != 16 || !strings.HasSuffix(id, "=") {
		t.Errorf("connection id %q", id)
	}
}

func TestRow15AuthorizerEventFields(t *testing.T) {
	a := start(t, func(c *Config, f *fake) {
		c.Authorizer = &Authorizer{Function: "authorize"}
		f.on("authorize", allow)
	})
	a.open(t)
	known := fields(t, golden(t, "apigw-custom-auth-request-type-request.json"))
	for _, field := range fields(t, a.payloads("authorize")[0]) {
		if !strings.HasPrefix(field, "requestContext.") && !slices.Contains(known, field) {
			t.Errorf("field %s is not in the captured event", field)
		}
	}
}

func TestRow16MessagesOfOneConnectionRunInParallel(t *testing.T) {
	second := make(chan struct{})
	a := start(t, func(_ *Config, f *fake) {
		f.run("send", func(context.Context, []byte) (string, error) { <-second; return `{"statusCode":200}`, nil })
		f.run("default", func(context.Context, []byte) (string, error) { close(second); return `{"statusCode":200}`, nil })
	})
	ws, _ := a.open(t)
	send(t, ws, `{"action":"send"}`)
	a.wait(t, "send", 1)
	send(t, ws, "overtakes")
	select {
	case <-second:
	case <-time.After(5 * time.Second):
		t.Error("the second message waits for the first")
	}
}

func TestCloseEndsAllWith1001AndRunsDisconnect(t *testing.T) {
	a := start(t, nil)
	var codes []chan websocket.StatusCode
	for range 3 {
		ws, _ := a.open(t)
		code := make(chan websocket.StatusCode, 1)
		go func() { code <- closeCode(t, ws) }()
		codes = append(codes, code)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, code := range codes {
		if got := <-code; got != 1001 {
			t.Errorf("close %d", got)
		}
	}
	if n := len(a.payloads("disconnect")); n != 3 {
		t.Errorf("%d $disconnect", n)
	}
	if _, status, _ := a.dial("", nil); status != http.StatusServiceUnavailable {
		t.Errorf("upgrade after Close: %d", status)
	}
}

func TestCloseGivesUpWhenItsContextEnds(t *testing.T) {
	a := start(t, nil)
	a.open(t) // and never reads
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := a.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err %v", err)
	}
}

func TestNotAnUpgradeInvokesNothing(t *testing.T) {
	a := start(t, nil)
	for name, test := range map[string]struct {
		header http.Header
		status int
	}{
		"plain GET":     {http.Header{}, 426},
		"no key":        {http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}}, 400},
		"other version": {http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"8"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, a.server.URL+"/prod", nil)
			r.Header = test.header
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode != test.status || len(a.payloads("connect")) != 0 {
				t.Errorf("status %d, want %d", resp.StatusCode, test.status)
			}
		})
	}
}

// raw opens a connection without a library, to send frames as we like.
func (a *api) raw(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(a.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(nc, "GET /prod HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	br := bufio.NewReader(nc)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("upgrade: %v %v", resp, err)
	}
	return nc, br
}

// frame is a client's frame with a masking key of zeros.
func frame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func huge() []byte {
	b := binary.BigEndian.AppendUint64([]byte{0x81, 0x80 | 127}, 1<<62)
	return append(b, 0, 0, 0, 0, 'a', 'b')
}

// readClose reads server frames up to the close frame and returns its code.
func readClose(t *testing.T, br *bufio.Reader) int {
	t.Helper()
	var h [2]byte
	for {
		if _, err := io.ReadFull(br, h[:]); err != nil {
			t.Fatalf("no close frame: %v", err)
		}
		payload := make([]byte, h[1])
		if _, err := io.ReadFull(br, payload); err != nil {
			t.Fatal(err)
		}
		if h[0] == 0x88 {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}

func golden(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fields lists the paths of the members of a JSON object, sorted; maps of
// headers and parameters count as one field.
func fields(t *testing.T, document []byte) []string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	var paths []string
	var walk func(prefix string, v map[string]any)
	walk = func(prefix string, v map[string]any) {
		for name, member := range v {
			inner, ok := member.(map[string]any)
			if ok && (prefix+name == "requestContext" || name == "identity") {
				walk(prefix+name+".", inner)
				continue
			}
			paths = append(paths, prefix+name)
		}
	}
	walk("", v)
	slices.Sort(paths)
	return paths
}
