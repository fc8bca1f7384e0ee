package chat_test

import (
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/upkeep"
)

func TestGrade(t *testing.T) {
	w := newWorld(t)
	early := w.join(w.citizen("early")) // nobody is there: nobody can tell
	a := w.onDuty("a", 1)
	_, err := w.Accept(t.Context(), a.who.Over(a.conn), early)
	w.must(err)
	w.sweep()
	w.pass(time.Second)
	start := w.clock()
	kept, later, left, waits := w.citizen("kept"), w.citizen("later"), w.citizen("left"), w.citizen("waits")
	ids := []queue.ConversationID{early, w.join(kept), w.join(later), w.join(left), w.join(waits)}
	_, err = w.Leave(t.Context(), left.who.Over(left.conn), ids[3])
	w.must(err)
	for i, after := range []time.Duration{5 * time.Minute, 2 * time.Hour} {
		_, err = w.Accept(t.Context(), a.who.Over(a.conn), ids[i])
		w.must(err)
		w.pass(after)
		w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
		_, err = w.Close(t.Context(), a.who.Over(a.conn), ids[i], conversation.Settled)
		w.must(err)
	}
	got, err := w.Grade(t.Context(), start, start.Add(time.Hour))
	w.must(err)
	same(t, "of an hour", got, upkeep.Grades{
		Joined: 4, Promised: 4, Kept: 1, Later: 1, Left: 1, Waits: 1, Median: 7500, Longest: 7500, Share: 50,
	})
	got, err = w.Grade(t.Context(), start.Add(-time.Hour), start)
	w.must(err)
	same(t, "before", got, upkeep.Grades{Joined: 1})
}
