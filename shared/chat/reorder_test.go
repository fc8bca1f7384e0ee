package chat_test

import (
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat"
)

func TestASupervisorLetsSomebodyGoFirst(t *testing.T) {
	w := newWorld(t)
	var ids []chat.ConversationID
	for n := range 3 {
		ids = append(ids, w.join(w.citizen(fmt.Sprint("p", n))))
		w.pass(time.Second)
	}
	boss := chat.Identity{ID: "supervisor"}
	_, err := w.Reorder(t.Context(), boss, ids[2], "a friend")
	fails(t, "no reason that counts", err, chat.Invalid)
	_, err = w.Reorder(t.Context(), boss, "worker_case.0.99", "deadline")
	fails(t, "nobody's", err, chat.NotFound)
	e, err := w.Reorder(t.Context(), boss, ids[2], "deadline")
	w.must(err)
	same(t, "entry", []any{e.Kind, e.Reason, e.State.Ticket}, []any{chat.KindRequeued, chat.Reordered, chat.Ticket{Topic: chat.WorkerCase, N: 3}})
	_, err = w.Reorder(t.Context(), boss, ids[2], "deadline")
	fails(t, "is at the front already", err, chat.Conflict)

	all, err := w.Waiting(t.Context())
	w.must(err)
	var order []chat.ConversationID
	for i, p := range all {
		order = append(order, p.Conversation)
		same(t, "ahead", p.Ahead, i)
	}
	same(t, "who waits", order, []chat.ConversationID{ids[2], ids[0], ids[1]})
	same(t, "why", all[0].Why, chat.Reordered)

	log, err := w.store.Accesses(t.Context(), ids[2])
	w.must(err)
	same(t, "noted", []string{log[0].Who, log[0].What, log[0].Why}, []string{"supervisor", chat.Reorders, "deadline"})
	w.onDuty("a", 1)
	same(t, "is served first", w.tail(ids[2]).State.Status, chat.Assigned)
}
