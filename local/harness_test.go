package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"infocig/infra/topology"
	"infocig/local/lambda"
	"infocig/shared/chat/socket"
)

// opening is a Monday at 15:00 in Italy.
const opening = "2026-11-23T15:00:00+01:00"

// scratch is the folder of what tests share.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "infocig-local-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(scratch) // of a temporary folder
	os.Exit(code)
}

// binaries builds the functions, once for all tests.
var binaries = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot(context.Background())
	if err != nil {
		return "", err
	}
	var names []string
	for _, f := range topology.Functions {
		names = append(names, string(f))
	}
	out := filepath.Join(scratch, "functions")
	return out, lambda.Build(context.Background(), root, out, names)
})

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// serve runs the service until the test ends, and returns it with a function
// that stops it before.
func serve(t *testing.T, o options) (*server, func()) {
	t.Helper()
	return serveLogging(t, o, slog.New(slog.DiscardHandler))
}

// serveWith is serve with a log.
func serveWith(t *testing.T, o options, log *slog.Logger) *server {
	t.Helper()
	s, _ := serveLogging(t, o, log)
	return s
}

func serveLogging(t *testing.T, o options, log *slog.Logger) (*server, func()) {
	t.Helper()
	if o.addr == "" {
		o.addr = "127.0.0.1:0"
	}
	if o.data == "" {
		o.data = "memory"
	}
	if o.functions == "" {
		o.functions = inProcess
	}
	if o.functions != inProcess {
		var err error
		if o.binaries, err = binaries(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s, err := newServer(ctx, o, log)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.run(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	t.Cleanup(stop)
	return s, stop
}

// request sends a request and decodes the answer, if it is JSON.
func request(t *testing.T, method, url, token string, body any) (int, map[string]any, string) {
	t.Helper()
	raw := []byte{}
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(raw))
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
	var v map[string]any
	_ = json.Unmarshal(text, &v) // not every answer is JSON
	return resp.StatusCode, v, string(text)
}

// login returns the token of a ready person.
func login(t *testing.T, s *server, issuer, person string) string {
	t.Helper()
	status, v, text := request(t, "POST", s.base+"/dev/token", "", map[string]any{"issuer": issuer, "person": person})
	if status != http.StatusOK {
		t.Fatalf("token of %s: %d %s", person, status, text)
	}
	return v["access_token"].(string)
}

// A peer is a client on a real socket.
type peer struct {
	t      *testing.T
	socket *websocket.Conn
	id     int
	events []map[string]any // pushed, in the order of their arrival
	told   float64          // number of the last news of an escalation

	seen    func(frame string)  // if set, is told of every frame, as "> send" or "< ack"
	arrived chan map[string]any // what watch has read
}

// dial gets a ticket by path and opens a socket with it.
func dial(t *testing.T, s *server, path, token string, body any) *peer {
	t.Helper()
	status, v, text := request(t, "POST", s.base+path, token, body)
	if status != http.StatusCreated {
		t.Fatalf("ticket: %d %s", status, text)
	}
	socket, _, err := websocket.Dial(t.Context(), v["url"].(string), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {s.base}}})
	if err != nil {
		t.Fatal(err)
	}
	socket.SetReadLimit(128 << 10)
	t.Cleanup(func() { _ = socket.CloseNow() })
	return &peer{t: t, socket: socket}
}

func (p *peer) next() map[string]any {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	if p.arrived != nil {
		select {
		case v := <-p.arrived:
			return v
		case <-ctx.Done():
			p.t.Fatal("read: nothing came")
		}
	}
	v, err := p.read(ctx)
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return v
}

func (p *peer) read(ctx context.Context) (v map[string]any, err error) {
	_, raw, err := p.socket.Read(ctx)
	if err == nil {
		err = json.Unmarshal(raw, &v)
	}
	return v, err
}

// watch reads what comes as it comes from now on, and tells of every frame.
func (p *peer) watch(seen func(frame string)) {
	p.seen, p.arrived = seen, make(chan map[string]any, 1000)
	go func() {
		for {
			v, err := p.read(context.Background())
			if err != nil { // closed
				return
			}
			seen(fmt.Sprint("< ", v["event"]))
			p.arrived <- v
		}
	}()
}

// ask sends a frame and waits for its answer.
func (p *peer) ask(action string, fields map[string]any) map[string]any {
	p.t.Helper()
	p.id++
	frame := map[string]any{"action": action, "id": p.id}
	for k, v := range fields {
		frame[k] = v
	}
	raw, err := json.Marshal(frame)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.seen != nil {
		p.seen("> " + action)
	}
	if err := p.socket.Write(p.t.Context(), websocket.MessageText, raw); err != nil {
		p.t.Fatal(err)
	}
	for {
		v := p.next()
		if v["re"] == float64(p.id) {
			p.documented(action, v["code"])
			return v
		}
		p.events = append(p.events, v)
	}
}

// anyFrame are the codes that any frame can be refused with.
var anyFrame = [...]string{"invalid", "forbidden", "throttled", "superseded", "unavailable", "internal"}

var errorsOf = sync.OnceValue(func() map[string][]string {
	var d struct {
		Components struct {
			Messages map[string]struct {
				Errors []string `yaml:"x-errors"`
			}
		}
	}
	if err := yaml.Unmarshal(socket.AsyncAPI, &d); err != nil {
		panic(err)
	}
	all := map[string][]string{}
	for name, m := range d.Components.Messages {
		all[name] = m.Errors
	}
	return all
})

// documented looks whether the document has the code among those of the action.
func (p *peer) documented(action string, code any) {
	p.t.Helper()
	c, ok := code.(string)
	if all, known := errorsOf()["up_"+action]; ok && known && !slices.Contains(anyFrame[:], c) && !slices.Contains(all, c) {
		p.t.Errorf("%s is refused with %s, which the document does not say", action, c)
	}
}

// must is ask for what cannot be refused.
func (p *peer) must(action string, fields map[string]any) map[string]any {
	p.t.Helper()
	v := p.ask(action, fields)
	if v["event"] == "error" || v["event"] == "refused" {
		p.t.Fatalf("%s %v: %v", action, fields, v)
	}
	return v
}

// until waits for a pushed event of that name.
func (p *peer) until(event string) map[string]any {
	p.t.Helper()
	for {
		for i, v := range p.events {
			if v["event"] == event {
				p.events = p.events[i+1:]
				return v
			}
		}
		p.events = append(p.events, p.next())
	}
}

// texts returns the messages of a snapshot's entries.
func texts(snapshot any) []string {
	var all []string
	for _, e := range snapshot.(map[string]any)["entries"].([]any) {
		if e := e.(map[string]any); e["kind"] == "message" {
			all = append(all, e["text"].(string))
		}
	}
	return all
}
