package chat_test

import (
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/hours"
)

// closings returns what a connection was told of the closing.
func (w *world) closings(c client) []desk.Closing {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []desk.Closing
	for _, e := range w.told[c.conn.ID] {
		if closing, ok := e.(desk.Closing); ok {
			all = append(all, closing)
		}
	}
	return all
}

// usual is the closing of the day of opening.
var usual = desk.Closing{At: opening.Add(3 * time.Hour), Until: opening.Add(3*time.Hour + 15*time.Minute)}

// closingWorld is somebody who talks, somebody who waits and their advisor, at
// 17:48, after a look.
func closingWorld(t *testing.T) (w *world, all []client, look func(after time.Duration)) {
	t.Helper()
	w = newWorld(t)
	w.pass(2*time.Hour + 48*time.Minute)
	a, talks, waits := w.onDuty("a", 1), w.citizen("p"), w.citizen("q")
	running, waiting := w.talking(talks, a), w.join(waits)
	look = func(after time.Duration) {
		t.Helper()
		w.pass(after)
		w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
		for id, c := range map[queue.ConversationID]client{running: talks, waiting: waits} {
			_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
			w.must(err)
		}
		w.sweep()
	}
	look(0)
	return w, []client{a, talks, waits}, look
}

// TestTenMinutesBeforeTheClosing everybody is told, once.
func TestTenMinutesBeforeTheClosing(t *testing.T) {
	w, all, look := closingWorld(t)
	told := func(what string, want ...desk.Closing) {
		t.Helper()
		for n, c := range all {
			same(t, []string{"advisor", "who talks", "who waits"}[n]+" "+what, w.closings(c), want)
		}
	}
	look(2*time.Minute - time.Millisecond)
	told("before 17:50")
	same(t, "who connects then", w.Closing(t.Context()), (*desk.Closing)(nil))
	look(time.Millisecond)
	told("at 17:50", usual)
	look(10 * time.Second)
	look(9*time.Minute + 50*time.Second) // it is 18:00
	told("at 18:00", usual)
	same(t, "who connects then", w.Closing(t.Context()), &usual)
	w.pass(15*time.Minute - time.Millisecond)
	same(t, "in the last moment of the grace", w.Closing(t.Context()), &usual)
	w.pass(time.Millisecond)
	same(t, "after the grace", w.Closing(t.Context()), (*desk.Closing)(nil))
}

// TestALateLookTellsTheClosing: those before were missed.
func TestALateLookTellsTheClosing(t *testing.T) {
	w, all, look := closingWorld(t)
	look(9 * time.Minute)
	for _, c := range all {
		same(t, "at 17:57", w.closings(c), []desk.Closing{usual})
	}
}

// TestAClosureIsToldToWhoTalks, by the action itself, and once more by a look when
// every function knows of it.
func TestAClosureIsToldToWhoTalks(t *testing.T) {
	for name, after := range map[string]time.Duration{"in the afternoon": time.Hour, "just after the opening": time.Second} {
		t.Run(name, func(t *testing.T) { closureIsTold(t, after) })
	}
}

func closureIsTold(t *testing.T, after time.Duration) {
	w := newWorld(t)
	w.pass(after)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	w.closeDesk()
	want := desk.Closing{At: w.clock(), Until: w.clock().Add(15 * time.Minute), Reason: why}
	for n := range 4 {
		times := map[bool]int{false: 1, true: 2}[n >= 2] // looks at 0, 10, 20 and 30 s
		w.sweep()
		for _, who := range []client{a, c} {
			got := w.closings(who)
			same(t, "how often "+who.who.Name, len(got), times)
			same(t, "what", got[0], want)
		}
		w.pass(10 * time.Second)
		w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
		_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
		w.must(err)
	}
	same(t, "goes on", w.tail(id).State.Status, conversation.Assigned)
	same(t, "who connects", w.Closing(t.Context()), &want)
}

// TestAClosureThatIsKnownBefore is told ten minutes before, with its reason.
func TestAClosureThatIsKnownBefore(t *testing.T) {
	w := newWorld(t)
	at := opening.Add(time.Hour)
	_, err := w.SetRules(t.Context(), store.DeskRules{Closures: []hours.Closure{{From: at, Until: at.Add(8 * time.Hour), Reason: why}}})
	w.must(err)
	w.pass(50*time.Minute - time.Millisecond)
	same(t, "before", w.Closing(t.Context()), (*desk.Closing)(nil))
	w.pass(time.Millisecond)
	same(t, "ten minutes before", w.Closing(t.Context()), &desk.Closing{At: at, Until: at.Add(15 * time.Minute), Reason: why})
}
