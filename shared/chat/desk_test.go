package chat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/office"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func fails(t *testing.T, what string, err error, want code.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %s", what, err, want)
	}
}

func TestAMessageIsOneAppendAndOneReadOfTheTail(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	w.store.reset()
	for n := 1; n <= 10; n++ {
		_, err := w.say(c, id, n, fmt.Sprint("domanda ", n))
		w.must(err)
		_, err = w.say(a, id, n, fmt.Sprint("risposta ", n))
		w.must(err)
	}
	same(t, "appends", w.store.entries, 20)
	same(t, "other changes", w.store.changes, 0)
	same(t, "reads of the tail", w.store.tails, 20)
	same(t, "other reads", w.store.reads+w.store.lines, 0)

	w.store.reset()
	again, err := w.say(a, id, 10, "risposta 10")
	w.must(err)
	same(t, "a resend is known", again.Again, true)
	same(t, "writes of a resend", w.store.entries+w.store.changes, 0)
	same(t, "reads of a resend", w.store.tails+w.store.reads, 1)
}

func TestJoiningCostsTheSameHoweverManyWait(t *testing.T) {
	w := newWorld(t)
	var costs []string
	for i := range 60 {
		w.store.reset()
		w.join(w.citizen(fmt.Sprint("p", i)))
		if i == 5 || i == 59 {
			s := w.store
			costs = append(costs, fmt.Sprint(s.took, s.entries, s.changes, s.tails, s.reads, s.lines))
		}
	}
	same(t, "cost with 59 waiting", costs[1], costs[0])
	same(t, "ticket, entry, change, tail, other, line", costs[0], "1 1 1 0 0 1")
}

func TestTheFirstInLineIsServedFirst(t *testing.T) {
	w := newWorld(t)
	var ids []queue.ConversationID
	var clients []client
	for i := range 4 {
		c := w.citizen(fmt.Sprint("p", i))
		clients = append(clients, c)
		ids = append(ids, w.join(c))
	}
	for i, c := range clients {
		v, err := w.Resume(t.Context(), c.who.Over(c.conn), "", 0)
		w.must(err)
		same(t, "ahead", v.Ahead, i)
	}
	a := w.onDuty("a", 1)
	for i := range ids {
		for j, id := range ids {
			want := conversation.Queued
			if j == i {
				want = conversation.Assigned
			} else if j < i {
				want = conversation.StatusEnded
			}
			same(t, fmt.Sprintf("status of %d in round %d", j, i), w.tail(id).State.Status, want)
		}
		_, err := w.Accept(t.Context(), a.who.Over(a.conn), ids[i])
		w.must(err)
		_, err = w.Close(t.Context(), a.who.Over(a.conn), ids[i], conversation.Settled)
		w.must(err)
	}
}

func TestWhoeverEndsItTheNextIsServed(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 1)
	first, second, third := w.citizen("p1"), w.citizen("p2"), w.citizen("p3")
	id := w.talking(first, a)
	next := w.join(second)
	last := w.join(third)
	_, err := w.Leave(t.Context(), first.who.Over(first.conn), id)
	w.must(err)
	same(t, "after the citizen left", w.tail(next).State.Status, conversation.Assigned)
	_, err = w.Accept(t.Context(), a.who.Over(a.conn), next)
	w.must(err)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), next, conversation.Settled)
	w.must(err)
	same(t, "after the advisor closed", w.tail(last).State.Status, conversation.Assigned)
}

func TestPositionCountsOutWhoLeft(t *testing.T) {
	w := newWorld(t)
	first, second, third := w.citizen("p1"), w.citizen("p2"), w.citizen("p3")
	w.join(first)
	id := w.join(second)
	w.join(third)
	_, err := w.Leave(t.Context(), second.who.Over(second.conn), id)
	w.must(err)
	v, err := w.Resume(t.Context(), third.who.Over(third.conn), "", 0)
	w.must(err)
	same(t, "ahead of the third", v.Ahead, 1)
	same(t, "outcome of the second", w.tail(id).State.Outcome, conversation.Abandoned)
}

func TestOneLiveConversationPerPerson(t *testing.T) {
	w := newWorld(t)
	other := w.citizen("other")
	w.join(other)
	var mu sync.Mutex
	found := map[queue.ConversationID]bool{}
	var wg sync.WaitGroup
	for range 20 {
		tab := w.citizen("p")
		wg.Go(func() {
			j, err := w.Join(t.Context(), tab.who.Over(tab.conn), desk.JoinRequest{Topic: queue.WorkerCase})
			if err != nil && !errors.Is(err, code.Superseded) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				found[j.View.Last.Conversation] = true
			}
		})
	}
	wg.Wait()
	same(t, "conversations of one person in 20 tabs", len(found), 1)
	late := w.citizen("late")
	w.join(late)
	v, err := w.Resume(t.Context(), late.who.Over(late.conn), "", 0)
	w.must(err)
	same(t, "ahead: the tickets of the other tabs are nobody's", v.Ahead, 2)
}

func TestANewerConnectionTakesOver(t *testing.T) {
	w := newWorld(t)
	a, phone := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(phone, a)
	_, err := w.say(phone, id, 1, "dal telefono")
	w.must(err)
	desktop := w.citizen("p")
	v, err := w.Resume(t.Context(), desktop.who.Over(desktop.conn), "", 0)
	w.must(err)
	same(t, "the last number of this side", v.Last.State.Citizen.Number, 1)
	_, err = w.say(phone, id, 2, "ancora dal telefono")
	fails(t, "the old connection", err, code.Superseded)
	_, err = w.say(desktop, id, 2, "dal computer")
	w.must(err)
	bye := false
	for _, e := range w.told[phone.conn.ID] {
		if _, ok := e.(desk.TakenOver); ok {
			bye = true
		}
	}
	same(t, "the old connection was told", bye, true)
	w.must(w.Disconnected(t.Context(), phone.who.Over(phone.conn), id)) // late notice
	same(t, "status after a late notice about the old one", w.tail(id).State.Status, conversation.Assigned)
	same(t, "connection", w.tail(id).State.Citizen.Connection, desktop.conn.ID)
}

func TestAwayAndBack(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	w.must(w.Disconnected(t.Context(), c.who.Over(c.conn), id))
	same(t, "status", w.tail(id).State.Status, conversation.CitizenAway)
	_, err := w.say(a, id, 1, "è ancora lì?")
	w.must(err)
	_, err = w.say(c, id, 1, "scritto prima, arrivato dopo")
	fails(t, "a frame of the closed socket that is handled late", err, code.Superseded)
	back := w.citizen("p")
	v, err := w.Resume(t.Context(), back.who.Over(back.conn), id, 2)
	w.must(err)
	same(t, "status", v.Last.State.Status, conversation.Assigned)
	same(t, "first entry after number 2", v.Entries[0].Seq, 3)
}

func TestAConnectionThatIsGoneIsNoted(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	w.pass(time.Minute)
	w.gone[c.conn.ID] = true
	sent, err := w.say(a, id, 1, "la pratica è in pagamento")
	w.must(err)
	same(t, "the message is stored", sent.Entry.Kind, conversation.KindMessage)
	same(t, "status", w.tail(id).State.Status, conversation.CitizenAway)
}

func TestAMissedOfferGoesToTheFrontWithTheOldTicket(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 1)
	c := w.citizen("p1")
	id := w.join(c)
	later := w.join(w.citizen("p2"))
	w.pass(21 * time.Second)
	w.sweep()
	st := w.tail(id).State
	same(t, "status", st.Status, conversation.Queued)
	same(t, "ticket", st.Ticket.N, 1)
	me, err := w.store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "who missed it is paused", me.Presence, conversation.Paused)
	same(t, "and has no slot taken", len(me.Open), 0)
	_, err = w.Accept(t.Context(), a.who.Over(a.conn), id)
	fails(t, "accepting too late", err, code.NotFound)
	b := w.onDuty("b", 1)
	same(t, "next is", w.tail(id).State.Advisor.ID, b.who.ID)
	same(t, "the other waits", w.tail(later).State.Status, conversation.Queued)
	same(t, "the old advisor was told", w.kinds(a.conn), []conversation.Kind{conversation.KindAssigned, conversation.KindRequeued})
}

func TestALostAdvisorsConversationsGoToTheFront(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	for end := w.clock().Add(w.Times.SlowLease); w.clock().Before(end); { // the citizen is there, the advisor is not
		w.pass(20 * time.Second)
		_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
		w.must(err)
	}
	w.sweep()
	same(t, "status", w.tail(id).State.Status, conversation.Queued)
	b := w.onDuty("b", 2)
	same(t, "advisor", w.tail(id).State.Advisor.ID, b.who.ID)
	_, err := w.say(a, id, 1, "eccomi")
	fails(t, "the former advisor", err, code.NotFound)
}

// TestAResendIsKnownAfterTheConversationCameBack: the acknowledgement was lost,
// then the advisor lost the conversation and got it again. The simulator found
// that the message was stored twice.
func TestAResendIsKnownAfterTheConversationCameBack(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	first, err := w.say(a, id, 1, "guardo")
	w.must(err)
	w.pass(w.Times.SlowLease + time.Second)
	_, err = w.Ping(t.Context(), c.who.Over(c.conn), id)
	w.must(err)
	w.sweep()
	same(t, "lost", w.tail(id).State.Status, conversation.Queued)
	a.conn = w.connection()
	a.conn.Epoch += w.clock().UnixMilli()
	w.must(w.Connected(t.Context(), a.who.Over(a.conn), ""))
	_, err = w.Duty(t.Context(), a.who.Over(a.conn))
	w.must(err)
	_, err = w.Accept(t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	again, err := w.say(a, id, 1, "guardo")
	w.must(err)
	same(t, "acknowledged again", again.Entry.Seq, first.Entry.Seq)
	_, err = w.say(a, id, 2, "ecco")
	w.must(err)
}

func TestAVanishedCitizenIsNoticed(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	alive := func() { w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn))) }
	_, err := w.say(a, id, 1, "la pratica è stata pagata")
	w.must(err)
	for range 4 {
		w.pass(20 * time.Second)
		alive()
	}
	w.sweep()
	same(t, "status", w.tail(id).State.Status, conversation.CitizenAway)
	for end := w.clock().Add(w.Times.IdleLimit + time.Second); w.clock().Before(end); {
		w.pass(20 * time.Second)
		alive()
	}
	w.sweep()
	same(t, "status", w.tail(id).State.Status, conversation.StatusEnded)
	same(t, "outcome", w.tail(id).State.Outcome, conversation.NoAnswer)
	w.join(w.citizen("p")) // may come again
}

// TestWhoWasAdmittedIsServedAfterClosingTime for as long as the grace lasts.
func TestWhoWasAdmittedIsServedAfterClosingTime(t *testing.T) {
	w := newWorld(t)
	c := w.citizen("p")
	id := w.join(c)
	still := func() {
		_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
		w.must(err)
		w.sweep()
	}
	w.pass(3*time.Hour + w.Times.Grace - time.Second)
	still()
	same(t, "still waits", w.tail(id).State.Status, conversation.Queued)
	w.onDuty("a", 1)
	same(t, "is served", w.tail(id).State.Status, conversation.Assigned)
	j, err := w.Join(t.Context(), worker("q").Over(w.connection()), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "nobody comes in any more", j.Decision.State, admission.Closed)
}

func TestWhoStillWaitsAfterTheGraceIsTold(t *testing.T) {
	w := newWorld(t)
	c := w.citizen("p")
	id := w.join(c)
	w.pass(3*time.Hour + w.Times.Grace)
	w.sweep()
	same(t, "outcome", w.tail(id).State.Outcome, conversation.NotServed)
	same(t, "told", w.kinds(c.conn), []conversation.Kind{conversation.KindClosed})
}

// TestAClosureStopsEverythingAtOnce: it is what operators have for an emergency.
func TestAClosureStopsEverythingAtOnce(t *testing.T) {
	w := newWorld(t)
	c := w.citizen("p")
	id := w.join(c)
	w.pass(time.Minute)
	closed, err := store.DeskRules{Closures: []hours.Closure{{From: w.clock(), Until: w.clock().Add(time.Hour), Reason: "guasto"}}}.Policy()
	w.must(err)
	w.Policy = func(context.Context) (admission.Policy, error) { return closed, nil }
	w.sweep()
	same(t, "outcome", w.tail(id).State.Outcome, conversation.NotServed)
	same(t, "told", w.kinds(c.conn), []conversation.Kind{conversation.KindClosed})
}

func TestASkippedTicketIsFoundBySweep(t *testing.T) {
	w := newWorld(t)
	id := w.join(w.citizen("p"))
	_, err := w.store.Call(t.Context(), queue.WorkerCase, 0, 0, 1) // by a dispatcher that died then
	w.must(err)
	w.onDuty("a", 1)
	same(t, "before the sweep", w.tail(id).State.Status, conversation.Queued)
	w.sweep()
	same(t, "after the sweep", w.tail(id).State.Status, conversation.Assigned)
}

func TestTransfer(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	_, err := w.Transfer(t.Context(), a.who.Over(a.conn), id, conversation.Transfer{})
	fails(t, "nobody else is there", err, code.Unavailable)
	w.onDuty("b", 5)
	d := w.onDuty("d", 1)
	_, err = w.Transfer(t.Context(), a.who.Over(a.conn), id, conversation.Transfer{To: "d"})
	w.must(err)
	same(t, "advisor", w.tail(id).State.Advisor.ID, "d")
	_, err = w.Accept(t.Context(), d.who.Over(d.conn), id)
	w.must(err)
	_, err = w.say(a, id, 2, "ancora io")
	fails(t, "the former advisor writes", err, code.NotFound)
	_, err = w.Transcript(t.Context(), a.who, id)
	fails(t, "the former advisor reads", err, code.NotFound)
	me, err := w.store.Advisor(t.Context(), "a")
	w.must(err)
	same(t, "slots of the former advisor", len(me.Open), 0)
}

func TestEscalationIsCommittedWithItsEntry(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	_, err := w.Escalations.Escalate(t.Context(), a.who.Over(a.conn), id, 1, "other.case", "testo")
	fails(t, "a case that is not the conversation's", err, code.Invalid)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Escalated)
	fails(t, "closed as escalated without one", err, code.Conflict)
	for range 2 { // the second is a resend after a lost reply
		sent, err := w.Escalations.Escalate(t.Context(), a.who.Over(a.conn), id, 1, "p.case", "manca l'accordo sindacale")
		w.must(err)
		pending, err := store.ReadAll(t.Context(), w.store.Escalations)
		w.must(err)
		same(t, "in the outbox", len(pending), 1)
		same(t, "escalation", pending[0].ID, sent.Entry.Escalation.ID)
		same(t, "office", pending[0].Office, office.ID("RM-EUR"))
	}
	_, err = w.Escalations.Escalate(t.Context(), a.who.Over(a.conn), id, 2, "p.case", "un'altra")
	fails(t, "a second escalation", err, code.Conflict)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Settled)
	fails(t, "settled although escalated", err, code.Conflict)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Escalated)
	w.must(err)
}

func TestNotesStayWithStaff(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	before := w.tail(id).Seq
	for range 2 {
		_, err := w.Note(t.Context(), a.who, id, 1, "telefonare alla sede")
		w.must(err)
	}
	notes, err := w.Notes(t.Context(), a.who, id)
	w.must(err)
	same(t, "notes", len(notes), 1)
	same(t, "entries", w.tail(id).Seq, before)
	_, err = w.Notes(t.Context(), c.who, id)
	fails(t, "the citizen", err, code.NotFound)
	_, err = w.Note(t.Context(), c.who, id, 1, "x")
	fails(t, "a note by the citizen", err, code.NotFound)
}

func TestStrangersSeeNothing(t *testing.T) {
	w := newWorld(t)
	a, c, b := w.onDuty("a", 1), w.citizen("p"), w.citizen("q")
	id := w.talking(c, a)
	other := client{advisor("z"), w.connection()}
	for name, err := range map[string]error{
		"send":       second(w.say(b, id, 1, "x")),
		"resume":     second(w.Resume(t.Context(), b.who.Over(b.conn), id, 0)),
		"transcript": second(w.Transcript(t.Context(), b.who, id)),
		"leave":      second(w.Leave(t.Context(), b.who.Over(b.conn), id)),
		"typing":     w.Typing(t.Context(), b.who.Over(b.conn), id),
		"open":       second(w.Open(t.Context(), other.who.Over(other.conn), id, 0)),
		"accept":     second(w.Accept(t.Context(), other.who.Over(other.conn), id)),
		"close":      second(w.Close(t.Context(), other.who.Over(other.conn), id, conversation.Settled)),
		"notes":      second(w.Notes(t.Context(), other.who, id)),
		"none":       second(w.say(b, "worker_case.0.999", 1, "x")),
	} {
		fails(t, name, err, code.NotFound)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTheAdvisorHasTheCasesInFront(t *testing.T) {
	w := newWorld(t)
	ids := func(asked ...cases.ID) []cases.ID {
		c := w.citizen(fmt.Sprint("p", len(asked)))
		for i := range asked {
			asked[i] = cases.ID(c.who.ID) + asked[i]
		}
		j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase, Cases: asked})
		w.must(err)
		var all []cases.ID
		for _, ref := range w.tail(j.View.Last.Conversation).State.Cases {
			all = append(all, ref.ID)
		}
		return all
	}
	same(t, "none chosen: all", ids(), []cases.ID{"p0.case", "p0.other"})
	same(t, "one chosen", ids(".other"), []cases.ID{"p1.other"})
	same(t, "both chosen", ids(".other", ".case"), []cases.ID{"p2.other", "p2.case"})
}

// TestNobodyComesInWhileTheTicketIsTaken: the desk closes in that moment. The
// simulator found that somebody did.
func TestNobodyComesInWhileTheTicketIsTaken(t *testing.T) {
	w := newWorld(t)
	w.Times.Handling = 0 // there is room until then
	w.pass(3*time.Hour - time.Second)
	c := w.citizen("p")
	w.store.beforeTake = func() { w.pass(time.Second) }
	j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "decision", j.Decision.State, admission.Closed)
	_, err = w.store.Live(t.Context(), "p")
	fails(t, "a conversation after the bell", err, code.NotFound)
	line, err := w.store.Line(t.Context(), queue.WorkerCase, 1)
	w.must(err)
	same(t, "nobody waits", line.Waiting(), 0)
}

func TestAdmissionIsDecidedWhenJoining(t *testing.T) {
	w := newWorld(t)
	w.pass(-admission.Early - time.Millisecond)
	c := w.citizen("p")
	j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "a millisecond before there are numbers", j.Decision.Admitted(), false)
	_, err = w.store.Live(t.Context(), "p")
	fails(t, "a conversation before the bell", err, code.NotFound)
	w.pass(11 * time.Second) // rules are read again
	w.join(c)
	_, err = w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.EmployerCase})
	fails(t, "a topic for others", err, code.Invalid)
	_, err = w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase, Cases: []cases.ID{"somebody.else"}})
	fails(t, "a case of somebody else", err, code.NotFound)
}
