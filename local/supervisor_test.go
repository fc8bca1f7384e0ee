package main

import (
	"net/http"
	"testing"

	"infocig/shared/chat/queue"
)

// TestASupervisorLetsSomebodyGoFirst: the list without names, who it is, noted; a
// reason; the front; the advisor gets that one first.
func TestASupervisorLetsSomebodyGoFirst(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	boss := login(t, s, "institute", "supervisor")
	path := s.base + "/v1/supervisor/waiting"
	_, empty, _ := request(t, "GET", path, boss, nil)
	same(t, "nobody", len(empty["waiting"].([]any)), 0)

	var ids []string
	for i, person := range []string{"worker-rm", "worker-mi", "worker-pz"} {
		p := dial(t, s, "/v1/tickets", login(t, s, "myinps", person), map[string]any{})
		question := []string{"", "", "Oggi scade il termine per l'affitto"}[i]
		ids = append(ids, p.must("join", map[string]any{"topic": "worker_case", "question": question})["conversation"].(string))
	}
	order := func() (all []string) {
		_, v, _ := request(t, "GET", path, boss, nil)
		for i, p := range v["waiting"].([]any) {
			place := p.(map[string]any)
			same(t, "ahead", place["ahead"], float64(i))
			all = append(all, place["conversation"].(string))
		}
		return all
	}
	same(t, "in line", order(), ids)

	status, who, text := request(t, "GET", path+"/"+ids[2], boss, nil)
	if status != http.StatusOK || who["name"] == "" || who["question"] != "Oggi scade il termine per l'affitto" {
		t.Errorf("who: %d %s", status, text)
	}
	front := func(id, reason string) int {
		status, _, _ := request(t, "POST", path+"/"+id+"/front", boss, map[string]any{"reason": reason})
		return status
	}
	same(t, "no reason that counts", front(ids[2], "a friend"), http.StatusBadRequest)
	same(t, "first", front(ids[2], "deadline"), http.StatusNoContent)
	same(t, "again", front(ids[2], "deadline"), http.StatusConflict)
	same(t, "nobody's", front("worker_case.0.99", "deadline"), http.StatusNotFound)
	same(t, "then", order(), []string{ids[2], ids[0], ids[1]})

	noted, err := s.store.Accesses(t.Context(), queue.ConversationID(ids[2]))
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	for _, a := range noted {
		log = append(log, a.Who+" "+a.What+" "+a.Why)
	}
	same(t, "noted", log, []string{"supervisor conversation supervising", "supervisor reorder deadline"})

	a := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-1"), nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 1})
	same(t, "offered", a.until("offered")["conversation"], ids[2])
	if status, _, text := request(t, "GET", path+"/"+ids[2], boss, nil); status != http.StatusConflict {
		t.Errorf("who is served: %d %s", status, text)
	}
}
