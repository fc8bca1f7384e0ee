package chat_test

import (
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

func TestASupervisorLetsSomebodyGoFirst(t *testing.T) {
	w := newWorld(t)
	var ids []queue.ConversationID
	for n := range 3 {
		ids = append(ids, w.join(w.citizen(fmt.Sprint("p", n))))
		w.pass(time.Second)
	}
	boss := conversation.Caller{Identity: identity.Identity{ID: "supervisor"}}
	_, err := w.Reorder(t.Context(), boss, ids[2], "a friend")
	fails(t, "no reason that counts", err, code.Invalid)
	_, err = w.Reorder(t.Context(), boss, "worker_case.0.99", "deadline")
	fails(t, "nobody's", err, code.NotFound)
	e, err := w.Reorder(t.Context(), boss, ids[2], "deadline")
	w.must(err)
	same(t, "entry", []any{e.Kind, e.Reason, e.State.Ticket}, []any{conversation.KindRequeued, conversation.Reordered, queue.Ticket{Topic: queue.WorkerCase, N: 3}})
	_, err = w.Reorder(t.Context(), boss, ids[2], "deadline")
	fails(t, "is at the front already", err, code.Conflict)

	all, more, err := w.Waiting(t.Context(), 9)
	w.must(err)
	same(t, "more", more, 0)
	var order []queue.ConversationID
	for i, p := range all {
		order = append(order, p.Conversation)
		same(t, "ahead", p.Ahead, i)
	}
	same(t, "who waits", order, []queue.ConversationID{ids[2], ids[0], ids[1]})
	same(t, "why", all[0].Why, conversation.Reordered)
	same(t, "since", all[1].Since, opening)
	first, more, err := w.Waiting(t.Context(), 1)
	w.must(err)
	same(t, "the first only", []any{len(first), first[0].Conversation, more}, []any{1, ids[2], 2})

	log, err := w.store.Accesses(t.Context(), ids[2])
	w.must(err)
	same(t, "noted", []string{log[0].Who, log[0].What, log[0].Why}, []string{"supervisor", store.Reorders, "deadline"})
	w.onDuty("a", 1)
	same(t, "is served first", w.tail(ids[2]).State.Status, conversation.Assigned)
}

func lineOfEight(t *testing.T) (w *world, people []client, ids []queue.ConversationID) {
	t.Helper()
	w = newWorld(t)
	for n := range 8 {
		people = append(people, w.citizen(fmt.Sprint("p", n)))
		ids = append(ids, w.join(people[n]))
	}
	return w, people, ids
}

// TestWhoWentFirstIsNotCountedAgain: those behind the old place have as many ahead as
// there are, before and after the other is served.
func TestWhoWentFirstIsNotCountedAgain(t *testing.T) {
	w, people, ids := lineOfEight(t)
	ahead := func(n int) int {
		t.Helper()
		v, err := w.Ping(t.Context(), people[n].who.Over(people[n].conn), ids[n])
		w.must(err)
		return v.Ahead
	}
	_, err := w.Reorder(t.Context(), conversation.Caller{Identity: identity.Identity{ID: "supervisor"}}, ids[5], "amends")
	w.must(err)
	same(t, "who went first, the first, the one behind the old place", []int{ahead(5), ahead(0), ahead(6)}, []int{0, 1, 6})
	w.onDuty("a", 1)
	same(t, "is served", w.tail(ids[5]).State.Status, conversation.Assigned)
	same(t, "the first, and the one behind the old place", []int{ahead(0), ahead(6)}, []int{0, 5})
}

// TestWhoWentFirstIsLookedAfter: an offer that is missed comes back, though the ticket
// was never called.
func TestWhoWentFirstIsLookedAfter(t *testing.T) {
	w, _, ids := lineOfEight(t)
	_, err := w.Reorder(t.Context(), conversation.Caller{Identity: identity.Identity{ID: "supervisor"}}, ids[5], "amends")
	w.must(err)
	w.onDuty("a", 1)
	w.pass(w.Times.Offer)
	w.sweep()
	same(t, "after a missed offer", w.tail(ids[5]).State.Status, conversation.Queued)
}
