package chat_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// day is from an opening to the next, in the week of these tests.
const day = 24 * time.Hour

// closes is when the desk closes on the day of opening.
var closes = opening.Add(3 * time.Hour)

// fullWorld is a desk at 17:55, where nobody new has room.
func fullWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.pass(2*time.Hour + 55*time.Minute)
	return w
}

// reserve gives c a slip.
func (w *world) reserve(c client) {
	w.t.Helper()
	d, who, err := w.Reserve(w.t.Context(), c.who)
	w.must(err)
	same(w.t, "decision", d.State, admission.Full)
	if who.Slip.IsZero() {
		w.t.Fatal("no slip")
	}
}

// comesBack is c over a new socket.
func (w *world) comesBack(c client) client {
	w.t.Helper()
	p, err := w.NewPass(w.t.Context(), worker(c.who.ID))
	w.must(err)
	return client{p.Identity, w.connection()}
}

// until moves the clock to t.
func (w *world) until(t time.Time) { w.pass(t.Sub(w.clock())) }

// withSlip is somebody with a slip, at the opening that it is for.
func withSlip(t *testing.T) (*world, client) {
	t.Helper()
	w := fullWorld(t)
	p := w.citizen("p")
	w.reserve(p)
	w.until(opening.Add(day))
	return w, w.comesBack(p)
}

func TestWhoHasASlipGoesFirstAtTheNextOpening(t *testing.T) {
	w := fullWorld(t)
	p := w.citizen("p")
	w.reserve(p)
	w.until(opening.Add(day - 15*time.Minute))
	others := []client{w.citizen("q0"), w.citizen("q1")}
	var ids []queue.ConversationID
	for _, c := range others {
		ids = append(ids, w.join(c))
	}
	p = w.comesBack(p)
	j, err := w.Join(t.Context(), p.who.Over(p.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	first := j.View.Last
	same(t, "why", first.Reason, conversation.HasSlip)
	same(t, "ahead, as told and as promised", []int{j.View.Ahead, first.Promise.Ahead}, []int{0, 0})
	for i, c := range others {
		v, err := w.Ping(t.Context(), c.who.Over(c.conn), ids[i])
		w.must(err)
		same(t, "ahead of the others", v.Ahead, i+1)
	}
	w.until(opening.Add(day))
	w.onDuty("a", 1)
	same(t, "who is served first", w.tail(first.Conversation).State.Status, conversation.Assigned)
	same(t, "who waits", w.tail(ids[0]).State.Status, conversation.Queued)
	v, err := w.Ping(t.Context(), others[1].who.Over(others[1].conn), ids[1])
	w.must(err)
	same(t, "ahead of the last", v.Ahead, 1)
}

func TestASlipIsUsedOnce(t *testing.T) {
	w, p := withSlip(t)
	id := w.join(p)
	same(t, "first", w.tail(id).State.Returned, true)
	_, err := w.Leave(t.Context(), p.who.Over(p.conn), id)
	w.must(err)
	other := w.join(w.citizen("q"))
	// Over the same socket, which was opened with the slip.
	j, err := w.Join(t.Context(), p.who.Over(p.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "again", []any{j.View.Last.State.Returned, j.View.Ahead}, []any{false, 1})
	w.onDuty("a", 1)
	same(t, "who is served first", w.tail(other).State.Status, conversation.Assigned)
	same(t, "over a new socket", w.comesBack(p).who.Slip, time.Time{})
}

// TestASlipMakesRoom: whoever has one comes in though the line is full.
func TestASlipMakesRoom(t *testing.T) {
	w, p := withSlip(t)
	w.onDuty("a", 1)
	w.join(w.citizen("busy"))
	for n := range 40 {
		w.join(w.citizen(fmt.Sprint("q", n)))
	}
	w.sweep()
	j, err := w.Join(t.Context(), worker("r").Over(w.connection()), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "without a slip", j.Decision.State, admission.Full)
	j, err = w.Join(t.Context(), p.who.Over(p.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "with one", []any{j.Decision.Admitted(), j.View.Ahead}, []any{true, 0})
}

func TestWhenASlipHolds(t *testing.T) {
	closure := hours.Closure{From: opening.Add(day - 6*time.Hour), Until: opening.Add(day + 8*time.Hour), Reason: why}
	for name, test := range map[string]struct {
		at       time.Time
		closures []hours.Closure
		first    bool
		opens    time.Time // as the person is told; zero if of nothing
	}{
		"an hour later":               {at: closes.Add(time.Hour), opens: opening.Add(day)},
		"just before the numbers":     {at: opening.Add(day - 15*time.Minute - time.Millisecond), opens: opening.Add(day)},
		"with the numbers":            {at: opening.Add(day - 15*time.Minute), first: true, opens: opening.Add(day)},
		"in the afternoon":            {at: opening.Add(day + 2*time.Hour), first: true, opens: opening.Add(day)},
		"after that day's closing":    {at: opening.Add(day + 3*time.Hour)},
		"a day late":                  {at: opening.Add(2 * day)},
		"the desk stayed closed":      {at: opening.Add(2 * day), closures: []hours.Closure{closure}, first: true, opens: opening.Add(2 * day)},
		"while the desk stays closed": {at: opening.Add(day), closures: []hours.Closure{closure}, opens: opening.Add(2 * day)},
	} {
		t.Run(name, func(t *testing.T) {
			w := fullWorld(t)
			p := w.citizen("p")
			w.reserve(p)
			w.until(closes.Add(time.Minute))
			_, err := w.SetRules(t.Context(), store.DeskRules{Closures: test.closures})
			w.must(err)
			w.until(test.at)
			p = w.comesBack(p)
			turn, ok, err := w.TurnOf(t.Context(), p.who)
			w.must(err)
			same(t, "is told", ok, !test.opens.IsZero())
			if ok {
				same(t, "turn", turn, desk.Turn{Opens: test.opens.In(turn.Opens.Location()), From: test.opens.Add(-15 * time.Minute).In(turn.Opens.Location()), Now: test.first})
			}
			j, err := w.Join(t.Context(), p.who.Over(p.conn), desk.JoinRequest{Topic: queue.WorkerCase})
			w.must(err)
			same(t, "goes first", j.View.Last.State.Returned, test.first)
		})
	}
}

func TestWhoGetsASlip(t *testing.T) {
	w := newWorld(t)
	d, who, err := w.Reserve(t.Context(), worker("p"))
	w.must(err)
	same(t, "while there is room", []any{d.State, who.Slip.IsZero()}, []any{admission.Open, true})
	inside := w.citizen("inside")
	w.join(inside)
	w.until(closes.Add(-5 * time.Minute))
	_, _, err = w.Reserve(t.Context(), inside.who)
	fails(t, "who waits already", err, code.Conflict)
	for range 2 {
		_, who, err = w.Reserve(t.Context(), worker("p"))
		w.must(err)
		same(t, "slip", who.Slip, closes)
	}
	weak := worker("weak")
	weak.Login.Level = 1
	d, who, err = w.Reserve(t.Context(), weak)
	w.must(err)
	same(t, "who may not chat", []any{d.State, who.Slip.IsZero()}, []any{admission.LoginTooWeak, true})
	for n := range 9 { // with the one of p ten
		w.reserve(w.citizen(fmt.Sprint("q", n)))
	}
	_, _, err = w.Reserve(t.Context(), worker("late"))
	same(t, "when all are given", errors.Is(err, desk.ErrNoSlips), true)
	_, who, err = w.Reserve(t.Context(), worker("p"))
	w.must(err)
	same(t, "who has one keeps it", who.Slip, closes)
	w.until(closes)
	d, _, err = w.Reserve(t.Context(), worker("later"))
	w.must(err)
	same(t, "after the closing", d.State, admission.Closed)
	w.until(closes.Add(day - 5*time.Minute))
	w.reserve(w.citizen("later"))
}

// TestSlipsForTheFirstRound: the more conversations there can be at once the more slips.
func TestSlipsForTheFirstRound(t *testing.T) {
	for slots, want := range map[int]int{0: 10, 25: 25, 500: 50} {
		w := fullWorld(t)
		for n := range slots / 5 {
			w.onDuty(fmt.Sprint("a", n), 5)
		}
		w.sweep()
		w.pass(2 * time.Minute)
		given := 0
		for n := range 60 {
			if _, _, err := w.Reserve(t.Context(), worker(fmt.Sprint("p", n))); err == nil {
				given++
			}
		}
		same(t, fmt.Sprint("slips with ", slots, " slots"), given, want)
	}
}

// TestWhoWaitedInVainGoesFirst at the next opening, without asking: at the end of the day,
// and where an operator closes the desk; also with a slip of before.
func TestWhoWaitedInVainGoesFirst(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"the day ends": func(w *world) {
			w.pass(3*time.Hour + w.Times.Grace)
			w.sweep()
		},
		"the desk is closed": func(w *world) {
			_, err := w.CloseDesk(w.t.Context(), operator, "guasto degli impianti", time.Time{})
			w.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.citizen("p")
			id := w.join(c)
			end(w)
			same(t, "not served", w.tail(id).State.Outcome, conversation.NotServed)
			who, err := w.WithSlip(t.Context(), c.who)
			w.must(err)
			turn, ok, err := w.TurnOf(t.Context(), who)
			w.must(err)
			same(t, "goes first at", []any{ok, turn.Opens.UTC()}, []any{true, opening.Add(24 * time.Hour)})
		})
	}
}

func TestASlipIsExportedAndErased(t *testing.T) {
	w := fullWorld(t)
	w.reserve(w.citizen("p"))
	d, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "dossier", d.Slips, []store.Slip{{Holder: "p", After: closes}})
	for _, want := range []int{1, 0} {
		r, err := w.Erase(t.Context(), "p", noted)
		w.must(err)
		same(t, "slips", r.Slips, want)
	}
	d, err = w.Export(t.Context(), "p")
	w.must(err)
	same(t, "afterwards", d.Slips, []store.Slip(nil))
}

// TestWhoGoesFirstHasNotLeft: what is learned of the wait counts them among those who
// were served.
func TestWhoGoesFirstHasNotLeft(t *testing.T) {
	w, p := withSlip(t)
	a := w.onDuty("a", 1)
	talks := w.talking(w.citizen("q"), a)
	waits := w.citizen("r")
	waiting := w.join(waits)
	look := func() {
		w.pass(10 * time.Second)
		w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
		_, err := w.Ping(t.Context(), waits.who.Over(waits.conn), waiting)
		w.must(err)
		w.sweep()
	}
	look()
	look()
	first := w.join(p)
	_, err := w.Close(t.Context(), a.who.Over(a.conn), talks, conversation.Settled)
	w.must(err)
	same(t, "is served", w.tail(first).State.Status, conversation.Assigned)
	look()
	look()
	line, err := w.Line(t.Context(), queue.WorkerCase)
	w.must(err)
	f := line.Figures
	same(t, "first", f.First, []queue.ConversationID{first})
	same(t, "left", f.Left, int64(0))
	if f.Begun == 0 || f.Begun > 1000 {
		t.Errorf("begun: %d thousandths, want one", f.Begun)
	}
}

// TestWhoGoesFirstTakesOneSlot: their tickets are called later, and that is nothing more.
func TestWhoGoesFirstTakesOneSlot(t *testing.T) {
	w, p := withSlip(t)
	ids := []queue.ConversationID{w.join(p), w.join(w.citizen("q")), w.join(w.citizen("r"))}
	w.onDuty("a", 3)
	for _, id := range ids {
		same(t, string(id), w.tail(id).State.Status, conversation.Assigned)
	}
}
