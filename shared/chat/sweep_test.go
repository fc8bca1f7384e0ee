package chat_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// alive lets time pass while c and a give their signs of life.
func (w *world) alive(d time.Duration, c client, id queue.ConversationID, a *client) {
	w.t.Helper()
	for end := w.clock().Add(d); w.clock().Before(end); {
		w.pass(desk.Heartbeat)
		if a != nil {
			w.must(w.RenewAdvisor(w.t.Context(), a.who.Over(a.conn)))
		}
		_, err := w.Ping(w.t.Context(), c.who.Over(c.conn), id)
		w.must(err)
		w.sweep()
	}
}

func TestSignsOfLifeKeepACitizen(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	w.alive(10*time.Minute, c, id, &a)
	same(t, "status after ten minutes of pings", w.tail(id).State.Status, conversation.Assigned)
}

func TestAPlaceIsKeptForSomeTime(t *testing.T) {
	w := newWorld(t)
	c := w.citizen("p")
	id := w.join(c)
	w.must(w.Disconnected(t.Context(), c.who.Over(c.conn), ""))
	w.pass(w.Times.KeepPlace - time.Second)
	w.sweep()
	same(t, "before", w.tail(id).State.Status, conversation.Queued)
	w.pass(2 * time.Second)
	w.sweep()
	same(t, "after", w.tail(id).State.Outcome, conversation.Abandoned)
}

func TestWhoDoesNotAnswerTheAdvisor(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	_, err := w.say(a, id, 1, "mi serve il codice della domanda")
	w.must(err)
	_, err = w.Expect(t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	w.alive(w.Times.IdleLimit-time.Minute, c, id, &a)
	same(t, "before", w.tail(id).State.Status, conversation.Assigned)
	w.alive(2*time.Minute, c, id, &a)
	same(t, "after", w.tail(id).State.Outcome, conversation.NoAnswer)
}

func TestTheAdvisorMayTakeHisTime(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	_, err := w.say(a, id, 1, "guardo")
	w.must(err)
	_, err = w.say(c, id, 1, "grazie")
	w.must(err)
	w.alive(w.Times.IdleLimit+5*time.Minute, c, id, &a)
	same(t, "status", w.tail(id).State.Status, conversation.Assigned)
}

// TestSilenceEndsNothingWhileItIsTheAdvisorsTurn: whoever wrote last, as long as the
// advisor has not asked for an answer, and also while the citizen's phone sleeps.
func TestSilenceEndsNothingWhileItIsTheAdvisorsTurn(t *testing.T) {
	for name, away := range map[string]bool{"the page is open": false, "the phone sleeps": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, c := w.onDuty("a", 1), w.citizen("p")
			id := w.talking(c, a)
			_, err := w.say(c, id, 1, "quando mi pagate?")
			w.must(err)
			if !away {
				_, err = w.say(a, id, 1, "Buongiorno, guardo.")
				w.must(err)
				w.alive(4*w.Times.IdleLimit, c, id, &a)
				same(t, "status", w.tail(id).State.Status, conversation.Assigned)
				return
			}
			for end := w.clock().Add(4 * w.Times.IdleLimit); w.clock().Before(end); {
				w.pass(desk.Heartbeat)
				w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
				w.sweep()
			}
			same(t, "status", w.tail(id).State.Status, conversation.CitizenAway)
			_, err = w.Ping(t.Context(), c.who.Over(c.conn), id)
			w.must(err)
			same(t, "back", w.tail(id).State.Status, conversation.Assigned)
		})
	}
}

// TestAnAnswerEndsTheQuestion of the advisor who asked for it.
func TestAnAnswerEndsTheQuestion(t *testing.T) {
	for name, answer := range map[string]func(w *world, c client, id queue.ConversationID) error{
		"a message": func(w *world, c client, id queue.ConversationID) error {
			_, err := w.say(c, id, 1, "eccolo")
			return err
		},
		"typing": func(w *world, c client, id queue.ConversationID) error {
			return w.Typing(w.t.Context(), c.who.Over(c.conn), id)
		},
		"here": func(w *world, c client, id queue.ConversationID) error {
			_, err := w.Here(w.t.Context(), c.who.Over(c.conn), id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, c := w.onDuty("a", 1), w.citizen("p")
			id := w.talking(c, a)
			_, err := w.Expect(t.Context(), a.who.Over(a.conn), id)
			w.must(err)
			w.alive(w.Times.IdleLimit-time.Minute, c, id, &a)
			w.must(answer(w, c, id))
			w.alive(w.Times.IdleLimit, c, id, &a)
			same(t, "status", w.tail(id).State.Status, conversation.Assigned)
		})
	}
}

// TestACitizenWhoIsNotConnectedIsPassedOver, keeps the place and is served first when back.
func TestACitizenWhoIsNotConnectedIsPassedOver(t *testing.T) {
	w := newWorld(t)
	all, pages := w.line("p1", "p2")
	first := pages[all[0]]
	w.must(w.Disconnected(t.Context(), first.who.Over(first.conn), all[0]))
	a := w.onDuty("a", 1)
	same(t, "the second is served", w.tail(all[1]).State.Advisor.ID, a.who.ID)
	same(t, "the first waits", []any{w.tail(all[0]).State.Status, w.tail(all[0]).Reason}, []any{conversation.Queued, conversation.Absent})
	third := w.join(w.citizen("p3"))
	first.conn = w.connection()
	first.conn.Epoch = w.clock().UnixMilli()
	w.must(w.Connected(t.Context(), first.who.Over(first.conn), all[0]))
	_, err := w.Accept(t.Context(), a.who.Over(a.conn), all[1])
	w.must(err)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), all[1], conversation.Settled)
	w.must(err)
	same(t, "the first goes before the third", w.tail(all[0]).State.Advisor.ID, a.who.ID)
	same(t, "the third waits", w.tail(third).State.Status, conversation.Queued)
	w.must(w.Disconnected(t.Context(), first.who.Over(first.conn), all[0]))
	_, err = w.Accept(t.Context(), a.who.Over(a.conn), all[0])
	w.must(err)
	same(t, "accepted while away", w.tail(all[0]).State.Status, conversation.CitizenAway)
	for end := w.clock().Add(w.Times.AwayLimit + 20*time.Second); w.clock().Before(end); {
		w.pass(20 * time.Second)
		w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
		w.sweep()
	}
	same(t, "and did not come", []any{w.tail(all[0]).State.Outcome, w.tail(all[0]).Reason}, []any{conversation.NoAnswer, conversation.AwayTooLong})
}

// TestWhoComesBackAtTheFrontIsServed at once, by who is free.
func TestWhoComesBackAtTheFrontIsServed(t *testing.T) {
	w := newWorld(t)
	c := w.citizen("p")
	id := w.join(c)
	w.must(w.Disconnected(t.Context(), c.who.Over(c.conn), id))
	w.onDuty("a", 1)
	same(t, "not offered", w.tail(id).State.Status, conversation.Queued)
	again := w.connection()
	again.Epoch = w.clock().UnixMilli()
	w.must(w.Connected(t.Context(), c.who.Over(again), id))
	same(t, "served", w.tail(id).State.Status, conversation.Assigned)
}

// TestAnAdvisorWhoComesDuringTheSweep is not lost, although he was when it began.
func TestAnAdvisorWhoComesDuringTheSweep(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	w.pass(w.Times.SlowLease + time.Second)
	w.store.beforeAllLive = func() { w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn))) }
	_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
	w.must(err)
	before := w.tail(id).Seq
	w.sweep()
	same(t, "entries since", w.tail(id).Seq-before, 0)
}

// TestATicketCalledForNobody: the advisor is gone between the call and the
// assignment.
func TestATicketCalledForNobody(t *testing.T) {
	w := newWorld(t)
	id := w.join(w.citizen("p1"))
	second := w.join(w.citizen("p2"))
	var a client
	w.store.beforeSlot = func() {
		w.must(w.store.Commit(t.Context(), store.Step{Changes: []store.Change{
			store.SetPresence{Advisor: "a", Epoch: a.conn.Epoch, Presence: conversation.Paused, Capacity: 1},
		}}))
	}
	a = client{advisor("a"), w.connection()}
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 1)
	w.must(err)
	st := w.tail(id).State
	same(t, "it waits at the front", []any{st.Status, st.Returned}, []any{conversation.Queued, true})
	b := w.onDuty("b", 1)
	same(t, "and is next", w.tail(id).State.Advisor.ID, b.who.ID)
	same(t, "before the other", w.tail(second).State.Status, conversation.Queued)
}

func TestAnAdvisorsConversationsFollowHim(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	home := client{a.who, w.connection()}
	w.must(w.Connected(t.Context(), home.who.Over(home.conn), ""))
	_, err := w.say(c, id, 1, "ci sei?")
	w.must(err)
	same(t, "told at the new connection", w.kinds(home.conn), []conversation.Kind{conversation.KindMessage})
	_, err = w.say(a, id, 1, "dal vecchio")
	fails(t, "the old connection", err, code.Superseded)
	_, err = w.Duty(t.Context(), a.who.Over(a.conn))
	fails(t, "the old connection's hello", err, code.Superseded)
	w.must(w.Disconnected(t.Context(), a.who.Over(a.conn), ""))
	me, err := w.store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "the lease after the old one's end", me.Lease, w.clock().Add(w.Times.SlowLease))
}

// TestRulesAreReadAgain: what an operator changes is in force within ten
// seconds, and a store that fails does not close the desk.
func TestRulesAreReadAgain(t *testing.T) {
	w := newWorld(t)
	open := func() bool {
		t.Helper()
		p, err := w.Policy(t.Context())
		w.must(err)
		return p.Calendar.At(w.clock()).Open
	}
	same(t, "at first", open(), true)
	_, err := w.SetRules(t.Context(), store.DeskRules{Closures: []hours.Closure{{From: opening, Until: opening.Add(time.Hour), Reason: "guasto"}}})
	w.must(err)
	w.pass(10 * time.Second)
	same(t, "ten seconds later", open(), false)

	broken := &failing{err: errors.New("no answer")}
	policy := desk.CacheRules(broken, w.clock).Policy
	if _, err := policy(t.Context()); err == nil {
		t.Error("without any rules there is no policy")
	}
	broken.err = nil
	_, err = policy(t.Context())
	w.must(err)
	broken.err = errors.New("no answer")
	w.pass(time.Minute)
	_, err = policy(t.Context())
	w.must(err)
}

type failing struct{ err error }

func (f *failing) DeskRules(context.Context) (store.DeskRules, error) {
	return store.DeskRules{}, f.err
}

// TestASweepTellsWhoWaitsWhileSomebodyIsFree: what woke them died on the way.
func TestASweepTellsWhoWaitsWhileSomebodyIsFree(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	w.talking(c, a)
	waiting := w.citizen("q")
	id := w.join(waiting)
	w.pass(8 * time.Second)
	same(t, "nobody is free", w.sweep().Stuck, time.Duration(0))
	// The advisor gets room for one more, and nobody looks.
	set := store.SetPresence{Advisor: "a", Epoch: a.conn.Epoch, Presence: conversation.Available, Capacity: 2}
	w.must(w.store.Commit(t.Context(), store.Step{Changes: []store.Change{set}}))
	w.pass(4 * time.Second)
	same(t, "waits", w.sweep().Stuck, 12*time.Second)
	same(t, "and is served by the sweep", w.tail(id).State.Status, conversation.Assigned)
	same(t, "afterwards", w.sweep().Stuck, time.Duration(0))
}

// TestWhoFindsEachOtherIsNotStuck: they do while the sweep looks a second time.
func TestWhoFindsEachOtherIsNotStuck(t *testing.T) {
	w := newWorld(t)
	w.join(w.citizen("q"))
	a := client{advisor("a"), w.connection()}
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	set := store.SetPresence{Advisor: "a", Epoch: a.conn.Epoch, Presence: conversation.Available, Capacity: 1}
	w.must(w.store.Commit(t.Context(), store.Step{Changes: []store.Change{set}}))
	w.pass(15 * time.Second)
	w.store.beforeAdvisors = func() {
		w.store.beforeAdvisors = func() { // of the second look
			_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 1)
			w.must(err)
		}
	}
	same(t, "stuck", w.sweep().Stuck, time.Duration(0))
}

// TestATicketThatNobodyHasIsNotAhead: who took it died. The simulator found that
// those behind were told of one more than there was.
func TestATicketThatNobodyHasIsNotAhead(t *testing.T) {
	w := newWorld(t)
	w.join(w.citizen("p"))
	_, _, err := w.store.Take(t.Context(), queue.WorkerCase, 0)
	w.must(err)
	c := w.citizen("q")
	id := w.join(c)
	ahead := func() int {
		v, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
		w.must(err)
		return v.Ahead
	}
	w.sweep() // counts
	same(t, "it may still join", ahead(), 2)
	w.pass(29 * time.Second)
	w.sweep()
	same(t, "a function may still run", ahead(), 2)
	w.pass(2 * time.Second)
	w.sweep()
	same(t, "nobody has it", ahead(), 1)
}
