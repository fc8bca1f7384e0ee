package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// gone waits until the service closes the socket, and returns the code.
func (p *peer) gone() websocket.StatusCode {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Second)
	defer cancel()
	for {
		if _, err := p.read(ctx); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// TestANewerSocketTakesOver: the older one is told and closed, as after every bye; an
// advisor's at once, whether or not there is a conversation.
func TestANewerSocketTakesOver(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	c, a, id, _, worker, desk := talking(t, s)
	newer := dial(t, s, "/v1/tickets", worker, map[string]any{})
	newer.must("hello", map[string]any{"conversation": id, "since": 0})
	same(t, "citizen", c.until("bye")["reason"], any("superseded"))
	same(t, "closed", c.gone(), websocket.StatusNormalClosure)

	dial(t, s, "/v1/advisor/tickets", desk, nil).must("hello", nil)
	same(t, "advisor", a.until("bye")["reason"], any("superseded"))
	same(t, "closed", a.gone(), websocket.StatusNormalClosure)

	idle := login(t, s, "institute", "advisor-3")
	first := dial(t, s, "/v1/advisor/tickets", idle, nil)
	first.must("presence", map[string]any{"state": "available", "capacity": 1})
	dial(t, s, "/v1/advisor/tickets", idle, nil).must("hello", nil)
	same(t, "an advisor who has nothing", first.until("bye")["reason"], any("superseded"))
	same(t, "closed", first.gone(), websocket.StatusNormalClosure)
}

// TestWhatIsSentAgainSaysWhatIsStored: the sender's own last message, whatever came after
// it, and after the end.
func TestWhatIsSentAgainSaysWhatIsStored(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening, unhurried: true})
	c, a, id, _, _, _ := talking(t, s)
	mine := map[string]any{"conversation": id, "number": 1, "text": "eccomi"}
	first := c.must("send", mine)
	for i := range 60 { // more than are looked through
		a.must("send", map[string]any{"conversation": id, "number": i + 1, "text": "ancora"})
	}
	again := func(item, status any) {
		t.Helper()
		v := c.must("send", mine)
		same(t, fmt.Sprint("again, ", status), []any{v["seq"], v["item"], v["status"]}, []any{first["seq"], item, status})
	}
	again(nil, "assigned") // it costs no read
	a.must("close", map[string]any{"conversation": id, "outcome": "settled"})
	again(first["item"], "closed")
	other := c.ask("send", map[string]any{"conversation": id, "number": 1, "text": "altro"})
	same(t, "another text after the end", other["code"], any("closed"))
}

// TestAnOfferIsNoAnswer: until an advisor has accepted the citizen sees nothing of them, and
// they hand nothing over.
func TestAnOfferIsNoAnswer(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	c := dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-rm"), map[string]any{})
	id := c.must("join", map[string]any{"topic": "worker_case"})["conversation"]
	a := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-1"), nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 1})
	a.until("offered")
	a.must("typing", map[string]any{"conversation": id})
	a.must("read", map[string]any{"conversation": id, "seq": 1})
	same(t, "handed over", a.ask("transfer", map[string]any{"conversation": id})["code"], any("conflict"))
	a.must("accept", map[string]any{"conversation": id})
	for v := c.next(); v["event"] != "assigned"; v = c.next() {
		if v["event"] == "typing" || v["event"] == "read" {
			t.Errorf("the citizen gets %v before an advisor is there", v)
		}
	}
}

// TestRequestsAreWhole: null is no value, and what a request needs is there. The desk's
// rules would lose their closures otherwise.
func TestRequestsAreWhole(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	boss, worker := login(t, s, "institute", "operator"), login(t, s, "myinps", "worker-rm")
	for _, r := range []struct {
		method, path, token string
		body                any
	}{
		{"PUT", "/v1/operator/rules", boss, map[string]any{"closures": []any{}}},
		{"PUT", "/v1/operator/rules", boss, map[string]any{"rev": 0}},
		{"PUT", "/v1/operator/rules", boss, map[string]any{"rev": 0, "closures": nil}},
		{"PUT", "/v1/operator/rules", boss, map[string]any{"rev": 0, "closures": []any{}, "phases": nil}},
		{"POST", "/v1/operator/closure", boss, map[string]any{}},
		{"POST", "/v1/tickets", worker, map[string]any{"company": nil}},
		{"POST", "/v1/tickets", worker, []any{}},
	} {
		status, v, text := request(t, r.method, s.base+r.path, r.token, r.body)
		if status != http.StatusBadRequest || v["code"] != "invalid" {
			t.Errorf("%s %s %v: %d %s", r.method, r.path, r.body, status, text)
		}
	}
	p := dial(t, s, "/v1/tickets", worker, map[string]any{})
	for _, fields := range []map[string]any{
		{"action": "join"}, {"action": "join", "topic": nil}, {"action": "join", "topic": "worker_case", "question": nil},
		{"action": "typing"}, {"action": "send", "conversation": "worker_case.0.1", "text": "a"}, {"action": "hello", "answers_pings": nil},
	} {
		same(t, fmt.Sprint(fields), p.ask(fields["action"].(string), fields)["code"], any("invalid"))
	}
}

// TestAClosureTwiceIsOne: an operator who is not sure whether it has worked gives it again.
func TestAClosureTwiceIsOne(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	c, _, _, _, _, _ := talking(t, s)
	boss := login(t, s, "institute", "operator")
	var closures []any
	for range 2 {
		status, v, text := request(t, "POST", s.base+"/v1/operator/closure", boss, map[string]any{"reason": "guasto degli impianti"})
		same(t, "closed: "+text, status, http.StatusOK)
		closures = append(closures, v["closure"])
	}
	same(t, "the second", closures[1], closures[0])
	_, v, _ := request(t, "GET", s.base+"/v1/operator/rules", boss, nil)
	same(t, "closures", len(v["closures"].([]any)), 1)
	same(t, "told the same", c.until("closing")["closing"], c.until("closing")["closing"])
}
