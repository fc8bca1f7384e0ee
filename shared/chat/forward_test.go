package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/office"
)

// A linea is Linea INPS: it keeps what took effect, and does what its faults say.
type linea struct {
	clock func() time.Time

	mu        sync.Mutex
	down      bool // answers nothing, does nothing
	silent    bool // does what it is asked, and the answer gets lost
	refuses   bool
	effects   map[conversation.EscalationID]int
	delivered map[conversation.EscalationID]escalation.Delivery
	answers   map[conversation.EscalationID]escalation.OfficeAnswer
	posts     int
}

var errLost = errors.New("no answer")

func (l *linea) Ask(_ context.Context, id conversation.EscalationID) (escalation.OfficeAnswer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down || l.silent {
		return escalation.OfficeAnswer{}, errLost
	}
	a, ok := l.answers[id]
	if !ok {
		return a, code.NotFound
	}
	a.Steps = slices.Clone(a.Steps)
	return a, nil
}

func (l *linea) Deliver(_ context.Context, d escalation.Delivery) (escalation.OfficeAnswer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts++
	id := d.Escalation.ID
	if l.down {
		return escalation.OfficeAnswer{}, errLost
	}
	if l.refuses {
		return escalation.OfficeAnswer{}, &escalation.Refusal{Code: "unknown_office"}
	}
	a, known := l.answers[id]
	if !known {
		l.effects[id]++
		l.delivered[id] = d
		a = escalation.OfficeAnswer{
			Protocol: fmt.Sprintf("INPS.7000.23/11/2026.%07d", len(l.answers)+1), Due: l.clock().Add(48 * time.Hour),
			Steps: []escalation.OfficeStep{{Number: 1, Status: conversation.EscalationDelivered, At: l.clock()}},
		}
		l.answers[id] = a
	}
	if l.silent {
		return escalation.OfficeAnswer{}, errLost
	}
	return a, nil
}

// does adds a step of the office.
func (l *linea) does(id conversation.EscalationID, status conversation.EscalationStatus, text conversation.Text) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.answers[id]
	a.Steps = append(slices.Clone(a.Steps), escalation.OfficeStep{Number: len(a.Steps) + 1, Status: status, At: l.clock(), Text: text})
	l.answers[id] = a
}

// A relay keeps what was sent on.
type relay struct {
	down bool
	sent []conversation.EscalationID
}

func (r *relay) Send(_ context.Context, id conversation.EscalationID) error {
	if r.down {
		return errLost
	}
	r.sent = append(r.sent, id)
	return nil
}

// escalating is a world with Linea INPS and a conversation.
type escalating struct {
	*world
	linea *linea
	relay *relay
	a, c  client
	id    queue.ConversationID
}

func newEscalating(t *testing.T) *escalating {
	w := newWorld(t)
	x := &escalating{world: w, relay: &relay{}, linea: &linea{
		clock: w.clock, effects: map[conversation.EscalationID]int{}, answers: map[conversation.EscalationID]escalation.OfficeAnswer{},
		delivered: map[conversation.EscalationID]escalation.Delivery{},
	}}
	w.Escalations.Linea, w.Escalations.Relay = x.linea, x.relay
	x.a, x.c = w.onDuty("a", 2), w.citizen("p")
	x.id = w.talking(x.c, x.a)
	return x
}

func (x *escalating) escalate() conversation.EscalationID {
	x.t.Helper()
	sent, err := x.Escalations.Escalate(x.t.Context(), x.a.who.Over(x.a.conn), x.id, 1, "p.case", "manca l'accordo sindacale")
	x.must(err)
	return sent.Entry.Escalation.ID
}

func (x *escalating) status(id conversation.EscalationID) conversation.EscalationStatus {
	x.t.Helper()
	e, err := x.store.Escalation(x.t.Context(), id)
	x.must(err)
	return e.Status
}

// news returns what the conversation records of its escalation.
func (x *escalating) news() []conversation.EscalationStatus {
	x.t.Helper()
	entries, err := x.store.Read(x.t.Context(), x.id, 0, 1000)
	x.must(err)
	var all []conversation.EscalationStatus
	for _, e := range entries {
		if e.Kind == conversation.KindProgressed {
			all = append(all, e.Escalation.Status)
		}
	}
	return all
}

func TestAnEscalationGoesAndComesBack(t *testing.T) {
	x := newEscalating(t)
	id := x.escalate()
	same(t, "sent on", x.relay.sent, []conversation.EscalationID{id})
	same(t, "status", x.status(id), conversation.EscalationQueued)
	x.must(x.Escalations.Forward(t.Context(), id))
	d := x.linea.delivered[id]
	same(t, "words", d.Text, conversation.Text("manca l'accordo sindacale"))
	same(t, "whom it is about", d.Profile.Name, "Persona p")
	same(t, "who sends it", d.Advisor, "Advisor a")
	same(t, "office", d.Escalation.Office, office.ID("RM-EUR"))
	_, err := x.Close(t.Context(), x.a.who.Over(x.a.conn), x.id, conversation.Escalated)
	x.must(err)

	x.linea.does(id, conversation.EscalationTaken, "")
	x.linea.does(id, conversation.EscalationNeeds, "serve l'accordo firmato")
	x.must(x.Escalations.Forward(t.Context(), id))
	x.linea.does(id, conversation.EscalationTaken, "")
	x.linea.does(id, conversation.EscalationSettled, "pagamento disposto")
	for range 3 { // events come again
		x.must(x.Escalations.Forward(t.Context(), id))
	}
	want := []conversation.EscalationStatus{
		conversation.EscalationDelivered, conversation.EscalationTaken, conversation.EscalationNeeds, conversation.EscalationTaken, conversation.EscalationSettled,
	}
	same(t, "news", x.news(), want)
	for _, c := range []client{x.a, x.c} {
		var told []conversation.EscalationStatus
		for _, e := range x.told[c.conn.ID] {
			if h, ok := e.(desk.Happened); ok && h.Entry.Kind == conversation.KindProgressed {
				told = append(told, h.Entry.Escalation.Status)
				same(t, "protocol", h.Entry.Escalation.Protocol, "INPS.7000.23/11/2026.0000001")
			}
		}
		same(t, "told "+string(c.who.Side), told, want)
	}
	tail := x.tail(x.id)
	same(t, "conversation", tail.State.Outcome, conversation.Escalated)
	same(t, "what the office says", tail.Text, conversation.Text("pagamento disposto"))
	same(t, "requests", x.linea.posts, 1)

	x.pass(conversation.EscalationLife)
	x.sweep()
	if _, err := x.store.Escalation(t.Context(), id); !errors.Is(err, code.NotFound) {
		t.Errorf("long after its end: %v, want NotFound", err)
	}
	x.must(x.Escalations.Forward(t.Context(), id)) // a very late event
	same(t, "news", x.news(), want)
}

func TestASecondAdvisorConnectionIsToldToo(t *testing.T) {
	x := newEscalating(t)
	id := x.escalate()
	_, err := x.Close(t.Context(), x.a.who.Over(x.a.conn), x.id, conversation.Escalated)
	x.must(err)
	again := x.connection()
	x.must(x.Connected(t.Context(), x.a.who.Over(again), ""))
	x.must(x.Escalations.Forward(t.Context(), id))
	same(t, "told on the new connection", x.kinds(again), []conversation.Kind{conversation.KindProgressed})
}

func TestWhatTheHandlerDidNotSendTheSweepSends(t *testing.T) {
	x := newEscalating(t)
	x.relay.down = true
	id := x.escalate()
	same(t, "status", x.status(id), conversation.EscalationPending)
	x.relay.down = false
	x.sweep()
	same(t, "too early", len(x.relay.sent), 0)
	x.alive(time.Minute+time.Second, x.c, x.id, &x.a)
	same(t, "sent by the sweep", x.relay.sent, []conversation.EscalationID{id})
	same(t, "status", x.status(id), conversation.EscalationQueued)
}

func TestAnOfficeThatIsLateIsRaisedOnce(t *testing.T) {
	x := newEscalating(t)
	id := x.escalate()
	x.must(x.Escalations.Forward(t.Context(), id))
	x.pass(49 * time.Hour)
	for range 3 {
		x.sweep()
	}
	entries, err := x.store.Read(t.Context(), x.id, 0, 1000)
	x.must(err)
	late := 0
	for _, e := range entries {
		if e.Reason == conversation.OfficeLate {
			late++
			same(t, "late", e.Escalation.Overdue, true)
		}
	}
	same(t, "raised", late, 1)
	x.linea.does(id, conversation.EscalationTaken, "")
	x.must(x.Escalations.Forward(t.Context(), id))
	e, err := x.store.Escalation(t.Context(), id)
	x.must(err)
	same(t, "still late after a step", e.Overdue, true)
	same(t, "status", e.Status, conversation.EscalationTaken)
}

func TestWhatLineaINPSRefusesIsNotSilent(t *testing.T) {
	x := newEscalating(t)
	id := x.escalate()
	x.linea.refuses = true
	for range 2 {
		x.must(x.Escalations.Forward(t.Context(), id))
	}
	same(t, "news", x.news(), []conversation.EscalationStatus{conversation.EscalationFailed})
	same(t, "status", x.status(id), conversation.EscalationFailed)
	own, err := x.Escalations.List(t.Context(), x.a.who)
	x.must(err)
	same(t, "what the advisor sees", own[0].Status, conversation.EscalationFailed)
	own, err = x.Escalations.List(t.Context(), x.c.who)
	x.must(err)
	same(t, "what the citizen finds after a reload", own[0].ID, id)
	for _, other := range []conversation.Caller{worker("q"), advisor("b")} {
		own, err = x.Escalations.List(t.Context(), other)
		x.must(err)
		same(t, "somebody else's", len(own), 0)
	}
}

// TestAnHourOfTrouble: whatever Linea INPS, the queue and the processes do for
// an hour, afterwards every escalation took effect once and its news are whole.
func TestAnHourOfTrouble(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := newEscalating(t)
		x.relay.down = rapid.Bool().Draw(r, "the queue is down at first")
		id := x.escalate()
		_, err := x.Close(t.Context(), x.a.who.Over(x.a.conn), x.id, conversation.Escalated)
		x.must(err)
		want := []conversation.EscalationStatus{conversation.EscalationDelivered}
		for minute := range 60 {
			x.relay.down = rapid.Bool().Draw(r, "queue down")
			x.linea.down = rapid.Bool().Draw(r, "linea down")
			x.linea.silent = rapid.Bool().Draw(r, "answers lost")
			x.pass(time.Minute)
			_, _ = x.Sweep(t.Context()) // an error says that the queue is down
			if minute >= 40 && x.linea.effects[id] == 1 && len(want) == 1 {
				x.linea.does(id, conversation.EscalationTaken, "")
				want = append(want, conversation.EscalationTaken)
			}
			for _, id := range x.relay.sent {
				for range rapid.IntRange(0, 2).Draw(r, "times") { // lost, once, twice
					_ = x.Escalations.Forward(t.Context(), id)
				}
			}
			x.relay.sent = nil
		}
		x.relay.down, x.linea.down, x.linea.silent = false, false, false
		for minute := range 40 {
			if minute == 20 {
				x.linea.does(id, conversation.EscalationSettled, "fatto")
				want = append(want, conversation.EscalationSettled)
			}
			x.pass(time.Minute)
			x.sweep()
			for _, id := range x.relay.sent {
				x.must(x.Escalations.Forward(t.Context(), id))
			}
			x.relay.sent = nil
		}
		same(t, "took effect", x.linea.effects[id], 1)
		same(t, "news", x.news(), want)
	})
}

// TestAListOfEscalationsIsNotedWithEachConversation, once a day, by whichever process.
func TestAListOfEscalationsIsNotedWithEachConversation(t *testing.T) {
	x := newEscalating(t)
	x.escalate()
	looked := func(id queue.ConversationID) (n int) {
		t.Helper()
		all, err := x.store.Accesses(t.Context(), id)
		x.must(err)
		for _, a := range all {
			if a.What == store.ReadEscalations && a.Who == x.a.who.ID {
				n++
			}
		}
		return n
	}
	look := func(d *upkeep.Service, who conversation.Caller) {
		t.Helper()
		_, err := d.Escalations.List(t.Context(), who)
		x.must(err)
	}
	look(x.Service, x.a.who)
	look(x.Service, x.a.who)
	look(x.another(), x.a.who)
	look(x.Service, x.c.who)
	same(t, "on one day", looked(x.id), 1)
	same(t, "in no conversation's log", looked(""), 0)
	x.store.reset()
	look(x.Service, x.a.who)
	same(t, "writes of another poll", x.store.changes, 0)
	x.pass(24 * time.Hour)
	look(x.Service, x.a.who)
	same(t, "on the next day", looked(x.id), 2)
}
