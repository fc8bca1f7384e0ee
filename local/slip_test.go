package main

import (
	"net/http"
	"testing"

	"infocig/shared/test/servers"
)

// TestASlip: full in the evening, first the next day, on both stores.
func TestASlip(t *testing.T) {
	dynamodb, err := servers.Dynoxide(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dynamodb.Stop)
	for name, o := range map[string]options{"embedded": {data: t.TempDir()}, "dynamodb": {dynamodb: dynamodb.URL}} {
		t.Run(name, func(t *testing.T) { slipStory(t, o) })
	}
}

func slipStory(t *testing.T, o options) {
	o.clock = "2026-11-23T17:55:00+01:00"
	s, stop := serve(t, o)
	worker, consultant := login(t, s, "myinps", "worker-rm"), login(t, s, "cassetto", "consultant")
	_, me, _ := request(t, "GET", s.base+"/v1/me", worker, nil)
	same(t, "state", me["decisions"].([]any)[0].(map[string]any)["state"], any("full"))
	same(t, "no slip", me["slip"], nil)
	same(t, "companies of a worker", me["companies"], nil)
	for range 2 {
		status, slip, _ := request(t, "POST", s.base+"/v1/slips", worker, map[string]any{})
		same(t, "given", status, http.StatusCreated)
		same(t, "slip", slip, map[string]any{
			"opens_at": "2026-11-24T14:00:00.000Z", "numbers_at": "2026-11-24T13:45:00.000Z",
			"text": "Hai un posto prenotato per martedì 24 novembre 2026. Entra in chat quel giorno, dalle 14:45 in poi: passi prima di chi non ha prenotato. La prenotazione vale una volta sola. Se non puoi venire, non devi fare niente: scade da sola.",
		})
	}
	_, firms, _ := request(t, "GET", s.base+"/v1/me", consultant, nil)
	codes := firms["companies"].([]any)
	status, _, _ := request(t, "POST", s.base+"/v1/slips", consultant, map[string]any{"company": codes[0].(map[string]any)["id"]})
	same(t, "given to a consultant", status, http.StatusCreated)
	stop()

	o.clock = "2026-11-24T14:50:00+01:00"
	s, _ = serve(t, o)
	worker, consultant = login(t, s, "myinps", "worker-rm"), login(t, s, "cassetto", "consultant")
	first := dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-mi"), map[string]any{})
	same(t, "who came first", ahead(first.must("join", map[string]any{"topic": "worker_case"})), 0)
	_, me, _ = request(t, "GET", s.base+"/v1/me", worker, nil)
	same(t, "slip", me["slip"].(map[string]any)["text"], any("Hai un posto prenotato per oggi. Entra in chat: passi prima di chi non ha prenotato."))
	c := dial(t, s, "/v1/tickets", worker, map[string]any{})
	joined := c.must("join", map[string]any{"topic": "worker_case"})
	same(t, "goes first", ahead(joined), 0)
	entry := joined["snapshot"].(map[string]any)["entries"].([]any)[0].(map[string]any)
	same(t, "why", entry["reason"], any("slip"))
	same(t, "who came first", ahead(first.must("hello", nil)), 1)
	_, me, _ = request(t, "GET", s.base+"/v1/me", worker, nil)
	same(t, "used", me["slip"], nil)

	// For another company, and another topic.
	other := codes[1].(map[string]any)["id"]
	_, firms, _ = request(t, "GET", s.base+"/v1/me", consultant, nil)
	if firms["slip"] == nil {
		t.Error("the consultant's slip is not told")
	}
	d := dial(t, s, "/v1/tickets", consultant, map[string]any{"company": other})
	entry = d.must("join", map[string]any{"topic": "employer_benefits"})["snapshot"].(map[string]any)["entries"].([]any)[0].(map[string]any)
	same(t, "why", entry["reason"], any("slip"))

	status, problem, _ := request(t, "POST", s.base+"/v1/slips", login(t, s, "myinps", "worker-na"), map[string]any{})
	same(t, "while there is room", status, http.StatusConflict)
	if title, _ := problem["title"].(string); title == "" || problem["code"] != "conflict" {
		t.Errorf("problem: %v", problem)
	}
}

// ahead is how many a frame says are before.
func ahead(frame map[string]any) int {
	snapshot, _ := frame["snapshot"].(map[string]any)
	n, ok := snapshot["ahead"].(float64)
	if !ok {
		return -1
	}
	return int(n)
}
