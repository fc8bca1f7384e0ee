package main

import (
	"net/http"
	"testing"
)

// TestNobodyAnswersTheOwnQuestion: an advisor who is a worker, too, is not offered the
// own question, also where nobody else is there; whoever waits behind is served; it
// cannot be handed over to them; and a supervisor cannot let themselves go first.
func TestNobodyAnswersTheOwnQuestion(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	own := map[string]any{"fiscal_number": "TINIT-FRRGLN84C52Z999T"} // of worker-rm
	self := dial(t, s, "/v1/advisor/tickets", token(t, s, "institute", "advisor-1", own), nil)
	self.must("presence", map[string]any{"state": "available", "capacity": 3})
	ask := func(person string) (*peer, string) {
		p := dial(t, s, "/v1/tickets", login(t, s, "myinps", person), map[string]any{})
		return p, p.must("join", map[string]any{"topic": "worker_case", "question": "Quando mi pagano?"})["conversation"].(string)
	}
	_, mine := ask("worker-rm")
	_, other := ask("worker-mi")
	same(t, "the advisor gets the question behind", self.until("offered")["conversation"], any(other))

	boss := token(t, s, "institute", "supervisor", own)
	status, v, _ := request(t, "POST", s.base+"/v1/supervisor/waiting/"+mine+"/front", boss, map[string]any{"reason": "deadline"})
	same(t, "first by oneself", []any{status, v["code"]}, []any{http.StatusForbidden, "forbidden"})

	colleague := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-2"), nil)
	colleague.must("presence", map[string]any{"state": "available", "capacity": 3})
	same(t, "a colleague gets it", colleague.until("offered")["conversation"], any(mine))
	colleague.must("accept", map[string]any{"conversation": mine})
	to := colleague.ask("transfer", map[string]any{"conversation": mine, "advisor": "advisor-1"})
	same(t, "back to oneself", []any{to["event"], to["code"]}, []any{"error", "conflict"})
	anybody := colleague.ask("transfer", map[string]any{"conversation": mine})
	same(t, "to anybody: nobody else is there", []any{anybody["event"], anybody["code"]}, []any{"error", "unavailable"})
}
