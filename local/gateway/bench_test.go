package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// sockets is how many clients send at the same time.
const sockets = 16

// BenchmarkGateway exchanges messages with a route of the gateway that answers at once, and as
// many with an echo that is nothing but the WebSocket library, in the same run. It prints how
// many messages a second each of them exchanges, and the first as a part of the second.
func BenchmarkGateway(b *testing.B) {
	message := `{"action":"ask","text":"` + strings.Repeat("a", 200) + `"}`
	answers := answerer(`{"statusCode":200,"body":"` + strings.Repeat("a", len(message)) + `"}`)
	g, err := NewWebSocket(Config{Stage: "prod", Routes: routes(), Log: quiet(), Limits: Limits{Requests: 1 << 30}}, answers)
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/prod", g)
	mux.HandleFunc("/echo", echo)
	server := httptest.NewServer(mux)
	b.Cleanup(func() {
		_ = g.Close(context.Background())
		server.Close()
	})
	base := "ws" + strings.TrimPrefix(server.URL, "http")
	plain, gateway := exchange(b, base+"/echo", message), exchange(b, base+"/prod", message)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/plain.Seconds(), "echo/s")
	b.ReportMetric(float64(b.N)/gateway.Seconds(), "gateway/s")
	b.ReportMetric(plain.Seconds()/gateway.Seconds(), "of-echo")
}

// exchange sends b.N messages over all sockets, each after the answer to the one before, and
// returns how long that took.
func exchange(b *testing.B, url, message string) time.Duration {
	b.Helper()
	clients := make([]*websocket.Conn, sockets)
	for i := range clients {
		ws, _, err := websocket.Dial(b.Context(), url, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = ws.CloseNow() }()
		clients[i] = ws
	}
	began := time.Now()
	var all sync.WaitGroup
	for i, ws := range clients {
		all.Go(func() {
			for n := i; n < b.N; n += sockets {
				err := ws.Write(b.Context(), websocket.MessageText, []byte(message))
				if err == nil {
					_, _, err = ws.Read(b.Context())
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// echo sends back what it receives.
func echo(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	for {
		kind, message, err := ws.Read(r.Context())
		if err != nil || ws.Write(r.Context(), kind, message) != nil {
			return
		}
	}
}

// answerer answers each event with itself.
type answerer string

// Invoke implements Invoker.
func (a answerer) Invoke(context.Context, string, []byte) ([]byte, error) { return []byte(a), nil }
