package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"infocig/shared/fiscal"
)

// A service is what the load goes to.
type service struct {
	base  string
	count *tally
}

// A tally counts messages.
type tally struct {
	acknowledged, pushed, lost, doubled, resumed atomic.Int64
}

func (t *tally) String() string {
	return fmt.Sprintf("%d messages acknowledged, %d pushed, %d of the rest found by asking, %d lost, %d doubled",
		t.acknowledged.Load(), t.pushed.Load(), t.resumed.Load(), t.lost.Load(), t.doubled.Load())
}

// post sends JSON and reads the answer into v.
func (s *service) post(ctx context.Context, path, token string, body, v any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("POST %s: %s: %.200s", path, resp.Status, text)
	}
	return json.Unmarshal(text, v)
}

// A frame is what the service sends: what this program looks at.
type frame struct {
	Event        string
	Re           int
	Conversation string
	Code         string
	AfterMS      int `json:"after_ms"`
	Item         *item
	Snapshot     *struct {
		Conversation string
		Entries      []item
		More         bool
	}
}

type item struct {
	Seq    int
	Kind   string
	By     string
	Number int
	Text   string
}

// A socket is one that is open, kept alive until ctx ends.
type socket struct {
	conn    *websocket.Conn
	pushed  func(frame)
	mu      sync.Mutex
	asked   int
	answers map[int]chan frame
}

// open logs somebody in and opens their socket.
func (s *service) open(ctx context.Context, issuer, person, path string, claims map[string]any, pushed func(frame)) (*socket, error) {
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := s.post(ctx, "/dev/token", "", map[string]any{"issuer": issuer, "person": person, "claims": claims}, &token); err != nil {
		return nil, err
	}
	var ticket struct{ URL string }
	if err := s.post(ctx, path, token.AccessToken, map[string]any{}, &ticket); err != nil {
		return nil, err
	}
	conn, err := s.dial(ctx, ticket.URL)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(128 << 10)
	x := &socket{conn: conn, pushed: pushed, answers: map[int]chan frame{}}
	go x.read(ctx)
	return x, nil
}

// dial opens a socket; where too many are opened at once it tries again.
func (s *service) dial(ctx context.Context, address string) (*websocket.Conn, error) {
	for {
		conn, resp, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {s.base}}}) //nolint:bodyclose // the library closes it
		if err == nil || resp == nil || resp.StatusCode != http.StatusTooManyRequests {
			return conn, err
		}
		time.Sleep(time.Second/4 + rand.N(time.Second/2)) //nolint:gosec // a pause is no secret
	}
}

// read hands on what comes, until the socket ends.
func (x *socket) read(ctx context.Context) {
	for {
		_, raw, err := x.conn.Read(ctx)
		var f frame
		if err != nil || json.Unmarshal(raw, &f) != nil {
			return // whoever waits for an answer waits until the end
		}
		x.mu.Lock()
		answer := x.answers[f.Re]
		delete(x.answers, f.Re)
		x.mu.Unlock()
		if answer != nil {
			answer <- f
		} else {
			x.pushed(f)
		}
	}
}

// ask sends a frame and waits for its answer; what comes too fast it sends again.
func (x *socket) ask(ctx context.Context, fields map[string]any) (frame, error) {
	for {
		x.mu.Lock()
		x.asked++
		id, answer := x.asked, make(chan frame, 1)
		x.answers[id] = answer
		x.mu.Unlock()
		fields["id"] = id
		raw, err := json.Marshal(fields)
		if err == nil {
			err = x.conn.Write(ctx, websocket.MessageText, raw)
		}
		if err != nil {
			return frame{}, err
		}
		select {
		case f := <-answer:
			if f.Event == "error" && f.Code == "throttled" {
				time.Sleep(time.Duration(f.AfterMS) * time.Millisecond)
				continue
			}
			if f.Event == "error" || f.Event == "refused" {
				return f, fmt.Errorf("%s: %s %s", fields["action"], f.Event, f.Code)
			}
			return f, nil
		case <-ctx.Done():
			return frame{}, fmt.Errorf("%s: no answer: %w", fields["action"], ctx.Err())
		}
	}
}

// heartbeat is sent as often as clients must.
const heartbeat = 20 * time.Second

// beat keeps the socket alive until done.
func (x *socket) beat(ctx context.Context, done <-chan struct{}, fields func() map[string]any) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, err := x.ask(ctx, fields()); err != nil {
				return
			}
		case <-done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// code returns a valid codice fiscale of somebody who does not exist.
func code(n int) string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	var name [6]byte
	for i := range name {
		name[i] = letters[n%len(letters)]
		n /= len(letters)
	}
	first := string(name[:]) + "80A01Z999"
	return first + string(fiscal.CheckLetter(first))
}
