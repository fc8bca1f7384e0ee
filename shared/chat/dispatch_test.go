package chat_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
)

func TestWhoTakesATicketKnowsOfACallSinceTheLineWasRead(t *testing.T) {
	w := newWorld(t)
	first := w.join(w.citizen("p1"))
	w.store.beforeTake = func() { w.onDuty("a", 2) } // and gets the first, finding nobody else
	second := w.join(w.citizen("p2"))
	same(t, "the first", w.tail(first).State.Advisor.ID, "a")
	same(t, "the second", w.tail(second).State.Advisor.ID, "a")
}

func TestWhoJoinsBehindTheFrontKnowsWhenItIsServed(t *testing.T) {
	w := newWorld(t)
	w.onDuty("a", 1)
	first := w.join(w.citizen("p1"))
	w.pass(21 * time.Second)
	w.sweep() // the offer was missed
	same(t, "at the front", w.tail(first).State.Returned, true)
	w.store.beforeTake = func() { w.onDuty("b", 2) }
	second := w.join(w.citizen("p2"))
	same(t, "the first", w.tail(first).State.Advisor.ID, "b")
	same(t, "the second", w.tail(second).State.Advisor.ID, "b")
}

func TestWhoJoinsTwiceKeepsNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	w.onDuty("a", 2)
	c := w.citizen("p1")
	w.join(c)
	var second queue.ConversationID
	w.store.beforeEntry = map[conversation.Kind]func(){conversation.KindJoined: func() { second = w.join(w.citizen("p2")) }} // behind a ticket that is nobody's
	w.join(c)
	same(t, "the second", w.tail(second).State.Advisor.ID, "a")
}

func TestWhoJoinsDoesNotOvertakeTheFront(t *testing.T) {
	w := newWorld(t)
	w.onDuty("a", 1)
	first := w.join(w.citizen("p1"))
	w.store.beforeTake = func() {
		// The first comes back to the front while the second joins, and who put it
		// there has died before looking for an advisor.
		tail := w.tail(first)
		lost := conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: "a", Epoch: tail.State.Advisor.Epoch}
		next, v := conversation.Decide(tail, conversation.Command{At: w.clock(), By: conversation.Actor{Side: identity.SideSystem}, Act: lost})
		same(t, "requeued", v.Append, true)
		w.must(w.store.Store.Commit(t.Context(), store.StepFor(tail, next)))
	}
	second := w.join(w.citizen("p2"))
	same(t, "the first", w.tail(first).State.Status, conversation.Assigned)
	same(t, "the second", w.tail(second).State.Status, conversation.Queued)
}

func TestTheWholeFrontIsServed(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 2)
	first, second := w.join(w.citizen("p1")), w.join(w.citizen("p2"))
	w.pass(21 * time.Second)
	w.sweep() // both offers were missed
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 2)
	w.must(err)
	for _, id := range []queue.ConversationID{first, second} {
		same(t, "advisor", w.tail(id).State.Advisor.ID, "a")
	}
}

func TestACalledConversationGoesToWhoeverIsFreeThen(t *testing.T) {
	w := newWorld(t)
	id := w.join(w.citizen("p"))
	a := client{advisor("a"), w.connection()}
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	w.store.beforeSlot = func() { // just before a gets it, a is paused; b comes, and nobody waits
		w.must(w.store.Store.Commit(t.Context(), store.Step{Changes: []store.Change{
			store.SetPresence{Advisor: "a", Epoch: a.conn.Epoch, Presence: conversation.Paused, Capacity: 1},
		}}))
		w.onDuty("b", 1)
	}
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 1)
	w.must(err)
	same(t, "advisor", w.tail(id).State.Advisor.ID, "b")
}

func TestAConversationPutBackGoesToWhoeverCameMeanwhile(t *testing.T) {
	w := newWorld(t)
	id := w.join(w.citizen("p"))
	a := client{advisor("a"), w.connection()}
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	w.store.beforeSlot = func() {
		w.must(w.store.Store.Commit(t.Context(), store.Step{Changes: []store.Change{
			store.SetPresence{Advisor: "a", Epoch: a.conn.Epoch, Presence: conversation.Paused, Capacity: 1},
		}}))
	}
	// Nobody else is free; b comes just before the conversation is at the front.
	w.store.beforeEntry = map[conversation.Kind]func(){conversation.KindRequeued: func() { w.onDuty("b", 1) }}
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 1)
	w.must(err)
	same(t, "was put back", w.store.beforeEntry, map[conversation.Kind]func(){})
	same(t, "advisor", w.tail(id).State.Advisor.ID, "b")
}

func TestAnAdvisorWhoIsHeardOfAgainGetsWhoWaits(t *testing.T) {
	for name, comes := range map[string]func(w *world, a client) error{
		"by a ping": func(w *world, a client) error { return w.RenewAdvisor(w.t.Context(), a.who.Over(a.conn)) },
		"over a new socket": func(w *world, a client) error {
			a.conn = w.connection()
			w.must(w.Connected(w.t.Context(), a.who.Over(a.conn), ""))
			_, err := w.Duty(w.t.Context(), a.who.Over(a.conn))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.onDuty("a", 1)
			w.pass(w.Times.SlowLease)
			id := w.join(w.citizen("p"))
			same(t, "nobody is there", w.tail(id).State.Status, conversation.Queued)
			w.must(comes(w, a))
			same(t, "advisor", w.tail(id).State.Advisor.ID, "a")
		})
	}
}

func TestAnEmptyLineIsNotCalled(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	w.store.reset()
	_, err := w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Settled)
	w.must(err)
	same(t, "calls", w.store.calls, 0)
	same(t, "lines looked at", w.store.lines, len(queue.Topics))
	same(t, "advisors looked at", w.store.reads, 1)
}

// TestNobodyWaitsWhileSomebodyIsFree has people join and leave, and advisors
// close and come and go, all at once and without a sweep. Afterwards nobody
// waits while somebody is free.
func TestNobodyWaitsWhileSomebodyIsFree(t *testing.T) {
	for round := range 10 {
		w := newWorld(t)
		var wg sync.WaitGroup
		var advisors []client
		for n := range 3 {
			a := client{advisor(fmt.Sprint("a", n)), w.connection()}
			w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
			advisors = append(advisors, a)
		}
		for n, a := range advisors {
			wg.Go(func() {
				for i := range 4 { // the last time available
					presence := []conversation.Presence{conversation.Paused, conversation.Available}[i%2]
					if _, err := w.SetPresence(t.Context(), a.who.Over(a.conn), presence, 1+(n+i)%3); err != nil {
						t.Error(err)
					}
				}
			})
		}
		var mu sync.Mutex
		var ids []queue.ConversationID
		for n := range 12 {
			c := w.citizen(fmt.Sprint("p", n))
			wg.Go(func() {
				j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
				if err != nil {
					t.Error(err)
					return
				}
				id := j.View.Last.Conversation
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
				if n%3 != 0 {
					return
				}
				if _, err := w.Leave(t.Context(), c.who.Over(c.conn), id); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		free := 0
		all, err := w.store.Advisors(t.Context())
		w.must(err)
		for _, a := range all {
			free += a.Free(queue.WorkerCase, w.clock())
		}
		var waiting []queue.ConversationID
		for _, id := range ids {
			if w.tail(id).State.Status == conversation.Queued {
				waiting = append(waiting, id)
			}
		}
		if free > 0 && len(waiting) > 0 {
			t.Fatalf("round %d: %d slots are free, and %v wait", round, free, waiting)
		}
	}
}
