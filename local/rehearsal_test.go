package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"infocig/shared/aws/rehearsal"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

// TestRehearsals gives every function its rehearsal: each answers what the hook of a
// deployment waits for, twice, and nobody who waits or talks notices.
func TestRehearsals(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	_, _, _, _, _, _ = talking(t, s)
	before := lines(t, s)
	for range 2 {
		for name, r := range rehearsal.Rehearsals {
			payload, err := json.Marshal(r.Event)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := s.invoker.Invoke(t.Context(), name, payload)
			if err != nil || !strings.Contains(string(answer), r.Want) {
				t.Errorf("%s: %s, %v; want %s", name, answer, err, r.Want)
			}
		}
	}
	if after := lines(t, s); !reflect.DeepEqual(before, after) {
		t.Errorf("who waits changed from %+v to %+v", before, after)
	}
}

// lines are the queues and who has a conversation.
func lines(t *testing.T, s *server) (all []any) {
	t.Helper()
	for _, topic := range queue.Topics {
		line, err := s.store.Line(t.Context(), topic, 1)
		if err != nil {
			t.Fatal(err)
		}
		line.Figures = queue.Figures{} // the sweep counts
		all = append(all, line)
	}
	live, err := store.ReadAll(t.Context(), s.store.AllLive)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range live {
		all = append(all, l.Conversation)
	}
	return all
}
