package chat_test

import (
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
)

// pings counts the pings that were pushed to a connection.
func (w *world) pings(c conversation.Connection) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.told[c.ID] {
		if _, ok := e.(desk.Pinged); ok {
			n++
		}
	}
	return n
}

// TestAnAdvisorKeepsWhatIsOpen for as long as the client may be alive: whatever heartbeats
// get lost, at every phase of the sweep.
func TestAnAdvisorKeepsWhatIsOpen(t *testing.T) {
	for name, test := range map[string]struct {
		answers bool          // pings of the service
		every   time.Duration // heartbeats
		lost    map[int]bool  // which do not arrive
		writes  bool          // instead
	}{
		"one of a visible page is lost":                  {every: 25 * time.Second, lost: map[int]bool{1: true, 5: true}},
		"one is lost, and the client answers":            {answers: true, every: 25 * time.Second, lost: map[int]bool{1: true, 5: true}},
		"once a minute, as a hidden page":                {every: time.Minute},
		"once a minute, and two are lost":                {every: time.Minute, lost: map[int]bool{1: true, 2: true, 4: true, 5: true}},
		"none at all, but the client answers":            {answers: true, every: time.Hour},
		"none at all, but the advisor writes":            {every: time.Hour, writes: true},
		"none at all, but the advisor of a page writes":  {answers: true, every: time.Hour, writes: true},
		"two are lost, and the first answer to the ping": {answers: true, every: 25 * time.Second, lost: map[int]bool{1: true, 2: true}},
	} {
		t.Run(name, func(t *testing.T) {
			for phase := range 10 {
				w := newWorld(t)
				a, c := client{advisor("a"), w.connection()}, w.citizen("p")
				a.conn.AnswersPings = test.answers
				w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
				_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 3)
				w.must(err)
				id := w.talking(c, a)
				answered, number := 0, 0
				for s := 1; s <= 600; s++ {
					w.pass(time.Second)
					every := int(test.every / time.Second)
					if s%every == 0 && !test.lost[s/every] {
						w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
					}
					if n := w.pings(a.conn); n > answered && test.answers && !test.writes {
						answered = n
						if !test.lost[1] || n != 1 {
							w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
						}
					}
					if test.writes && s%20 == 0 {
						number++
						_, err := w.say(a, id, number, "un momento")
						w.must(err)
					}
					if s%25 == 0 {
						_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
						w.must(err)
					}
					if s%10 == phase {
						if n := w.sweep().Requeued; n > 0 {
							t.Fatalf("phase %d: taken away after %d s", phase, s)
						}
					}
				}
			}
		})
	}
}

// TestASocketThatIsClosedIsFoundOut by a ping, where no $disconnect came.
func TestASocketThatIsClosedIsFoundOut(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	w.gone[a.conn.ID] = true
	for s := 1; s <= 60; s++ {
		w.pass(time.Second)
		if s%25 == 0 {
			_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
			w.must(err)
		}
		if s%10 == 0 {
			w.sweep()
		}
	}
	same(t, "a minute later", w.tail(id).State.Status, conversation.Queued)
}

// TestNothingIsOfferedOverAClosedSocket: known to be closed, or found to be.
func TestNothingIsOfferedOverAClosedSocket(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 3)
	w.must(w.Disconnected(t.Context(), a.who.Over(a.conn), ""))
	first := w.join(w.citizen("p1"))
	same(t, "after $disconnect", w.tail(first).State.Status, conversation.Queued)
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn))) // it is there all the same
	same(t, "heard of again", w.tail(first).State.Advisor.ID, "a")
	w.pass(time.Minute) // a gateway may not know a connection at first
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	w.gone[a.conn.ID] = true
	second := w.join(w.citizen("p2"))
	same(t, "the push finds nobody", w.tail(second).State.Status, conversation.Queued)
	b := w.onDuty("b", 3)
	same(t, "given to another", w.tail(second).State.Advisor.ID, b.who.ID)
}

// TestAConnectionThatTheGatewayDoesNotKnowYet is no closed one: the simulator found that
// an advisor who had just come back lost everything.
func TestAConnectionThatTheGatewayDoesNotKnowYet(t *testing.T) {
	w := newWorld(t)
	a := client{advisor("a"), w.connection()}
	a.conn.Epoch = w.clock().UnixMilli()
	w.gone[a.conn.ID] = true // until $connect has returned
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 1)
	w.must(err)
	id := w.join(w.citizen("p"))
	same(t, "offered", w.tail(id).State.Advisor.ID, "a")
	me, err := w.store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "connection", me.Connection, a.conn.ID)
}

// TestAnAdvisorWhoLogsOut hands everything over at once, and is nobody's colleague.
func TestAnAdvisorWhoLogsOut(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 2)
	var ids []queue.ConversationID
	for n := range 2 {
		ids = append(ids, w.talking(w.citizen(fmt.Sprint("p", n)), a))
	}
	b := w.onDuty("b", 3)
	pass, err := w.NewPass(t.Context(), a.who)
	w.must(err)
	w.must(w.Logout(t.Context(), a.who))
	for _, id := range ids {
		same(t, "with a colleague", w.tail(id).State.Advisor.ID, b.who.ID)
	}
	w.must(w.Disconnected(t.Context(), a.who.Over(a.conn), "")) // comes after
	present, err := w.Colleagues(t.Context(), b.who)
	w.must(err)
	same(t, "colleagues", len(present), 0)
	_, err = w.Redeem(t.Context(), pass.ID)
	fails(t, "a ticket from before", err, code.NotFound)
	me, err := w.store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "presence", me.Presence, conversation.Paused)
}
