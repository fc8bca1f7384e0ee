package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"infocig/shared/redact"
)

// A tap keeps everything that is written to it.
type tap struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *tap) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *tap) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// TestNobodyGetsWhatIsNotTheirs marks everything that people write and have, lets
// them all talk at the same time while things go wrong, and looks for the marks
// of others in every frame and body that anybody got, and in the log. Invariants
// I-11 and I-15.
func TestNobodyGetsWhatIsNotTheirs(t *testing.T) {
	for name, handler := range map[string]func(*tap) slog.Handler{
		"as it is logged": func(w *tap) slog.Handler {
			return redact.Handler(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
		},
		"as it would be logged without redaction": func(w *tap) slog.Handler {
			return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logged := &tap{}
			f, err := parseFaults("gone=0.2,throttle=0.2,delay=0.3,duplicate=0.5")
			if err != nil {
				t.Fatal(err)
			}
			s := serveWith(t, options{clock: opening, faults: f}, slog.New(handler(logged)))
			taint(t, s, logged)
		})
	}
}

// A marked person has things that nobody else may get to see.
type marked struct {
	person, advisor string
	marks           []string // in texts
	secrets         []string // codes and tokens: nobody else, and no log
	seen            *strings.Builder
	peers           []*peer
}

func taint(t *testing.T, s *server, logged *tap) {
	people := []*marked{
		{person: "worker-rm", advisor: "advisor-1", secrets: []string{"FRRGLN84C52Z999T"}},
		{person: "worker-mi", advisor: "advisor-2", secrets: []string{"BRMTTR79S02Z999W"}},
		{person: "worker-na", advisor: "advisor-3", secrets: []string{"SPSMCL91L68Z999M"}},
	}
	for i, m := range people { // one after the other, so that each has an advisor of their own
		m.seen = &strings.Builder{}
		mark := func(what string) string {
			text := fmt.Sprintf("SEGNO%d-%s", i, what)
			m.marks = append(m.marks, text)
			return text
		}
		worker, advisor := login(t, s, "myinps", m.person), login(t, s, "institute", m.advisor)
		m.secrets = append(m.secrets, worker, advisor)
		c := dial(t, s, "/v1/tickets", worker, map[string]any{})
		a := dial(t, s, "/v1/advisor/tickets", advisor, nil)
		m.peers = []*peer{c, a}
		m.saw(c.must("hello", nil), a.must("hello", nil))
		m.saw(a.must("presence", map[string]any{"state": "available", "capacity": 1}))
		joined := c.must("join", map[string]any{"topic": "worker_case", "question": mark("domanda")})
		id := joined["conversation"].(string)
		m.saw(joined)
		about := func(fields map[string]any) map[string]any { fields["conversation"] = id; return fields }
		m.saw(a.must("accept", about(map[string]any{})))
		for n := 1; n <= 3; n++ {
			m.saw(c.must("send", about(map[string]any{"number": n, "text": mark(fmt.Sprint("c", n))})))
			m.saw(a.must("send", about(map[string]any{"number": n, "text": mark(fmt.Sprint("a", n))})))
		}
		m.saw(a.must("note", about(map[string]any{"number": 1, "text": mark("nota")})))
		w := a.must("hello", about(map[string]any{}))
		own := w["snapshot"].(map[string]any)["cases"].([]any)[0]
		m.saw(w, a.must("escalate", about(map[string]any{"number": 4, "case": own, "text": mark("segnalazione")})))
		for _, path := range []string{"cases", "notes"} {
			_, v, _ := request(t, "GET", s.base+"/v1/advisor/conversations/"+id+"/"+path, advisor, nil)
			m.saw(v)
		}
		_, v, transcript := request(t, "GET", s.base+"/v1/conversations/"+id+"/transcript", worker, nil)
		m.saw(v, transcript)
		if strings.Contains(transcript, mark("nota")) {
			t.Error("the citizen got a note of staff")
		}
		if i == 0 {
			_ = c.socket.CloseNow() // something to log
		}
		// Others ask for it.
		for _, other := range people[:i] {
			for _, p := range other.peers {
				if other != people[0] || p != other.peers[0] {
					other.saw(p.ask("hello", about(map[string]any{})), p.ask("typing", about(map[string]any{})))
				}
			}
		}
		status, _, _ := request(t, "POST", s.base+"/v1/lineainps/events", "", map[string]any{"escalation": mark("evento"), "step": 1})
		same(t, "an event that is not signed", status, http.StatusForbidden)
	}
	for _, m := range people {
		for _, p := range m.peers {
			for _, e := range p.events {
				m.saw(e)
			}
		}
	}
	for i, m := range people {
		for j, other := range people {
			for _, mark := range append(other.marks, other.secrets...) {
				if i != j && strings.Contains(m.seen.String(), mark) {
					t.Errorf("%s and his advisor got %s of %s", m.person, mark, other.person)
				}
				if strings.Contains(logged.String(), mark) {
					t.Errorf("the log has %s", mark)
				}
			}
		}
		if !strings.Contains(m.seen.String(), m.marks[0]) {
			t.Errorf("%s got nothing: the test sees nothing", m.person)
		}
	}
	if logged.String() == "" {
		t.Error("nothing was logged: the test sees nothing")
	}
}

func (m *marked) saw(all ...any) {
	for _, v := range all {
		raw, _ := json.Marshal(v) // it came as JSON, or is a text
		m.seen.Write(raw)
	}
}
