package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// An officer works at the desk of an office.
type officer struct {
	t     *testing.T
	s     *server
	token string
}

// list returns the escalations of the officer's office.
func (o officer) list() []map[string]any {
	o.t.Helper()
	status, v, text := request(o.t, "GET", o.s.base+"/linea/desk/escalations", o.token, nil)
	if status != http.StatusOK {
		o.t.Fatalf("%d %s", status, text)
	}
	var all []map[string]any
	for _, e := range v["escalations"].([]any) {
		all = append(all, e.(map[string]any))
	}
	return all
}

// does makes a step; it returns the status of the answer.
func (o officer) does(e map[string]any, after int, status, text string) int {
	o.t.Helper()
	body := map[string]any{"after": after, "status": status}
	if text != "" {
		body["text"] = text
	}
	code, _, _ := request(o.t, "POST", o.s.base+"/linea/desk/escalations/"+e["id"].(string)+"/steps", o.token, body)
	return code
}

// news waits for the next state of the escalation, as a client is told. What it
// has it drops: two that recorded the same step in the same millisecond both push
// it.
func (p *peer) news() map[string]any {
	p.t.Helper()
	for {
		it := p.until("escalation")["item"].(map[string]any)
		if seq := it["seq"].(float64); it["kind"] == "progressed" && seq > p.told {
			p.told = seq
			return it
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("%s: not in 20 s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// talking joins a worker and an advisor in a conversation about a case.
func talking(t *testing.T, s *server) (c, a *peer, id, about string, worker, advisor string) {
	t.Helper()
	worker, advisor = login(t, s, "myinps", "worker-rm"), login(t, s, "institute", "advisor-1")
	_, own, _ := request(t, "GET", s.base+"/v1/cases", worker, nil)
	about = own["cases"].([]any)[0].(map[string]any)["id"].(string)
	c = dial(t, s, "/v1/tickets", worker, map[string]any{})
	queued := c.must("join", map[string]any{"topic": "worker_case", "question": "A che punto è?", "cases": []string{about}})
	id = queued["conversation"].(string)
	a = dial(t, s, "/v1/advisor/tickets", advisor, nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 2})
	offer := a.until("offered")["snapshot"].(map[string]any)["entries"].([]any)[0].(map[string]any)
	same(t, "the offer brings the question along", offer["text"], any("A che punto è?"))
	a.must("accept", map[string]any{"conversation": id})
	c.until("assigned")
	return c, a, id, about, worker, advisor
}

// escalationStory is what has to work wherever the functions, the store and the
// queue are: the advisor escalates, the office takes in charge, asks for a
// document and settles; both sides see every state.
func escalationStory(t *testing.T, s *server) {
	c, a, id, about, worker, advisor := talking(t, s)
	const words = "Manca l'accordo sindacale, l'azienda lo ha spedito il 12"
	a.must("escalate", map[string]any{"conversation": id, "number": 1, "case": about, "text": words})
	told := c.until("escalation")["item"].(map[string]any)
	if told["text"] != nil || told["escalation"].(map[string]any)["text"] != nil {
		t.Errorf("the citizen is told what the office was told: %v", told)
	}
	for _, p := range []*peer{c, a} {
		e := p.news()["escalation"].(map[string]any)
		same(t, "status", e["status"], any("delivered"))
		if !strings.HasPrefix(e["protocol"].(string), "INPS.7000.") || e["due_at"] == nil {
			t.Errorf("delivered as %v", e)
		}
	}
	a.must("close", map[string]any{"conversation": id, "outcome": "escalated"})
	same(t, "outcome", c.until("ended")["item"].(map[string]any)["outcome"], any("escalated"))

	o := officer{t, s, login(t, s, "institute", "officer-rm")}
	var e map[string]any
	for _, x := range o.list() {
		if x["text"] == words {
			e = x
		}
	}
	if e == nil {
		t.Fatalf("the office has %v", o.list())
	}
	same(t, "whom it is about", e["person"], any(map[string]any{"name": "Giuliana Ferrantini", "fiscal_code": "FRRGLN84C52Z999T"}))
	same(t, "settled at once", o.does(e, 1, "settled", ""), http.StatusConflict)
	said := func(path, token string) (status, words any) {
		_, v, _ := request(t, "GET", s.base+path, token, nil)
		first := v["escalations"].([]any)[0].(map[string]any)
		return first["status"], first["words"]
	}
	last := any(nil)
	for i, step := range []struct{ status, text string }{
		{"taken_in_charge", ""}, {"needs_document", "Serve l'accordo firmato"}, {"taken_in_charge", ""}, {"settled", "Il pagamento parte lunedì"},
	} {
		same(t, step.status, o.does(e, i+1, step.status, step.text), http.StatusOK)
		same(t, step.status+" again", o.does(e, i+1, step.status, step.text), http.StatusConflict)
		for _, p := range []*peer{c, a} {
			it := p.news()
			same(t, "status", it["escalation"].(map[string]any)["status"], any(step.status))
			text, _ := it["text"].(string)
			same(t, "words", text, step.text)
		}
		if step.text != "" {
			last = step.text
		}
		for path, token := range map[string]string{"/v1/escalations": worker, "/v1/advisor/escalations": advisor} {
			status, words := said(path, token)
			same(t, path, []any{status, words}, []any{step.status, last})
		}
	}
	_, v, _ := request(t, "GET", s.base+"/v1/advisor/escalations", advisor, nil)
	own := v["escalations"].([]any)[0].(map[string]any)
	same(t, "what the advisor lists", own["status"], any("settled"))
	same(t, "office", own["office_name"], any("Roma EUR"))
	_, _, transcript := request(t, "GET", s.base+"/v1/conversations/"+id+"/transcript", worker, nil)
	for _, part := range []string{"Il pagamento parte lunedì", own["protocol"].(string), "Serve l'accordo firmato"} {
		if !strings.Contains(transcript, part) {
			t.Errorf("the transcript lacks %q", part)
		}
	}
	if strings.Contains(transcript, words) {
		t.Error("the transcript has what the office was told")
	}
}

func TestEscalationStory(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	escalationStory(t, s)
	other := officer{t, s, login(t, s, "institute", "officer-mi")}
	same(t, "another office's escalations", len(other.list()), 0)
	e := officer{t, s, login(t, s, "institute", "officer-rm")}.list()[0]
	same(t, "a step by another office", other.does(e, 5, "taken_in_charge", ""), http.StatusNotFound)
	status, _, _ := request(t, "GET", s.base+"/linea/desk/escalations", login(t, s, "institute", "advisor-1"), nil)
	same(t, "an advisor at the office's desk", status, http.StatusForbidden)
	status, _, _ = request(t, "GET", s.base+"/linea/v1/escalations/"+e["id"].(string), login(t, s, "institute", "officer-rm"), nil)
	same(t, "an officer at the chat's door", status, http.StatusUnauthorized)
}
