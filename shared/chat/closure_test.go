package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

const why = "guasto degli impianti"

var operator = conversation.Caller{Identity: identity.Identity{ID: "operator"}}

// nextOpening is that after opening, on Tuesday.
var nextOpening = opening.Add(24 * time.Hour)

// closeDesk closes it for the rest of the day.
func (w *world) closeDesk() upkeep.EmergencyClosure {
	w.t.Helper()
	c, err := w.CloseDesk(w.t.Context(), operator, why, time.Time{})
	w.must(err)
	return c
}

// notServed fails the test unless the conversation has ended because of the
// closure, in words and with the next opening.
func (w *world) notServed(what string, id queue.ConversationID) {
	w.t.Helper()
	e := w.tail(id)
	same(w.t, what, []any{e.State.Status, e.State.Outcome, e.Reason, e.Text}, []any{conversation.StatusEnded, conversation.NotServed, conversation.DeskClosed, conversation.Text(why)})
	if e.Opens == nil || !e.Opens.Equal(nextOpening) {
		w.t.Errorf("%s: opens again %v, want %v", what, e.Opens, nextOpening)
	}
}

// TestClosingAtOnce: the action itself ends who waits, also who waits again, and
// leaves alone who talks.
func TestClosingAtOnce(t *testing.T) {
	w := newWorld(t)
	a, talks := w.onDuty("a", 1), w.citizen("p")
	running := w.talking(talks, a)
	waits, behind := w.citizen("q"), w.citizen("r")
	first, second := w.join(waits), w.join(behind)
	_, err := w.Transfer(t.Context(), a.who.Over(a.conn), running, conversation.Transfer{}) // to whoever comes next
	fails(t, "nobody is free", err, code.Unavailable)
	w.pass(time.Hour)
	c := w.closeDesk()
	same(t, "closure", c, upkeep.EmergencyClosure{
		Closure: hours.Closure{From: w.clock(), Until: opening.Add(9 * time.Hour), Reason: why}, Opens: nextOpening, Ended: 2,
	})
	w.notServed("who waits", first)
	w.notServed("who waits behind", second)
	same(t, "is told at once", w.kinds(waits.conn), []conversation.Kind{conversation.KindClosed})
	same(t, "who talks goes on", w.tail(running).State.Status, conversation.Assigned)
	_, err = w.say(talks, running, 1, "ci siete?")
	w.must(err)
	same(t, "again", w.closeDesk().Ended, 0)
}

// TestAClosureIsForWhoeverWaitsAtTheFront, too: called before, and queued again.
func TestAClosureIsForWhoeverWaitsAtTheFront(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	w.pass(w.Times.SlowLease + time.Second)
	_, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
	w.must(err)
	w.sweep()
	same(t, "waits again", w.tail(id).State.Returned, true)
	same(t, "ended", w.closeDesk().Ended, 1)
	w.notServed("at the front", id)
}

func TestAnEmergencyClosureThatMakesNoSense(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		reason string
		until  time.Time
	}{
		"no reason":                    {"", time.Time{}},
		"white space":                  {"  ", time.Time{}},
		"two lines":                    {"guasto\nTu: ciao", time.Time{}},
		"a book":                       {strings.Repeat("è", desk.MaxReason+1), time.Time{}},
		"a control character":          {"guasto\u0007", time.Time{}},
		"over before it begins":        {why, opening.Add(-time.Second)},
		"over in the moment it begins": {why, opening},
	} {
		_, err := w.CloseDesk(t.Context(), operator, c.reason, c.until)
		fails(t, name, err, code.Invalid)
	}
	rules, err := w.store.DeskRules(t.Context())
	w.must(err)
	same(t, "rules", rules, store.DeskRules{})
	_, err = w.CloseDesk(t.Context(), operator, strings.Repeat("è", desk.MaxReason), opening.Add(time.Second))
	w.must(err)
}

// TestAClosureKeepsWhatOthersChange: somebody changes the rules between reading
// and writing. What is newest gives the reason.
func TestAClosureKeepsWhatOthersChange(t *testing.T) {
	w := newWorld(t)
	other := hours.Closure{From: opening, Until: opening.Add(time.Hour), Reason: "assemblea"}
	s := &racing{Store: w.store, before: func() {
		_, err := w.SetRules(t.Context(), store.DeskRules{Closures: []hours.Closure{other}})
		w.must(err)
	}}
	d := w.another()
	d.Store = s
	_, err := d.CloseDesk(t.Context(), operator, why, opening.Add(time.Minute))
	w.must(err)
	rules, err := w.store.DeskRules(t.Context())
	w.must(err)
	same(t, "rules", rules, store.DeskRules{Rev: 2, Closures: []hours.Closure{{From: opening, Until: opening.Add(time.Minute), Reason: why}, other}})
	policy, err := rules.Policy()
	w.must(err)
	same(t, "reason", policy.Calendar.At(opening).Name, why)
}

// TestAClosureAgain is one as long as it is in force, and nothing afterwards.
func TestAClosureAgain(t *testing.T) {
	w := newWorld(t)
	until := opening.Add(time.Hour)
	first, err := w.CloseDesk(t.Context(), operator, why, until)
	w.must(err)
	w.pass(time.Minute)
	again, err := w.CloseDesk(t.Context(), operator, why, until)
	w.must(err)
	same(t, "the same", again.Closure, first.Closure)
	rules, err := w.store.DeskRules(t.Context())
	w.must(err)
	same(t, "closures", len(rules.Closures), 1)
	w.until(until)
	id := w.join(w.citizen("p"))
	_, err = w.CloseDesk(t.Context(), operator, why, until)
	fails(t, "after its end", err, code.Invalid)
	same(t, "who has come since waits", w.tail(id).State.Status, conversation.Queued)
}

// TestClosuresThatAreLongOverGo: every day of a calendar looks at each.
func TestClosuresThatAreLongOverGo(t *testing.T) {
	w := newWorld(t)
	ended := func(before time.Duration) hours.Closure {
		return hours.Closure{From: opening.Add(-before - time.Hour), Until: opening.Add(-before), Reason: "assemblea"}
	}
	kept := []hours.Closure{{From: opening.Add(24 * time.Hour), Until: opening.Add(25 * time.Hour), Reason: "domani"}, ended(30 * 24 * time.Hour)}
	_, err := w.SetRules(t.Context(), store.DeskRules{Closures: append([]hours.Closure{ended(30*24*time.Hour + time.Minute)}, kept...)})
	w.must(err)
	made, err := w.CloseDesk(t.Context(), operator, why, opening.Add(time.Hour))
	w.must(err)
	rules, err := w.store.DeskRules(t.Context())
	w.must(err)
	same(t, "closures", rules.Closures, append([]hours.Closure{made.Closure}, kept...))
}

// A racing store has something happen after the rules are read, once.
type racing struct {
	store.Store
	before func()
}

func (r *racing) DeskRules(ctx context.Context) (store.DeskRules, error) {
	rules, err := r.Store.DeskRules(ctx)
	once(&r.before)
	return rules, err
}

// TestAClosureGoesOnWhereOneFails, and says how many are left for the sweep.
func TestAClosureGoesOnWhereOneFails(t *testing.T) {
	w := newWorld(t)
	first, second := w.join(w.citizen("p")), w.join(w.citizen("q"))
	d := w.another()
	d.Store = &forgetful{Store: w.store, id: first}
	c, err := d.CloseDesk(t.Context(), operator, why, time.Time{})
	w.must(err)
	same(t, "ended and left", []int{c.Ended, c.Left}, []int{1, 1})
	w.notServed("the other", second)
	w.pass(10 * time.Second)
	w.sweep()
	w.notServed("by the sweep", first)
}

// A forgetful store does not find the last entry of one conversation.
type forgetful struct {
	store.Store
	id queue.ConversationID
}

func (f *forgetful) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	if id == f.id {
		return conversation.Entry{}, errors.New("no answer")
	}
	return f.Store.Tail(ctx, id)
}

// TestWhoComesInByOlderRules: a function that has read the rules just before a
// closure still lets somebody in. A look ends that within half a minute.
func TestWhoComesInByOlderRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		began, base := time.Now(), w.clock()
		w.Now = func() time.Time { return base.Add(time.Since(began)) }
		w.Policy = desk.CacheRules(w.store, w.Now).Policy
		stale := w.another()
		stale.Policy = desk.CacheRules(w.store, w.Now).Policy
		_, err := stale.Policy(t.Context())
		w.must(err)
		go func() { _, _ = w.Watch(context.Background(), 6, w.Sweep) }()
		time.Sleep(5 * time.Second)
		w.closeDesk()
		time.Sleep(4900 * time.Millisecond) // the first look that knows of it comes a tenth of a second later
		c := w.citizen("p")
		c.conn.Epoch = w.Now().UnixMilli()
		j, err := stale.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
		w.must(err)
		same(t, "let in", j.Decision.State, admission.Open)
		time.Sleep(5 * time.Second)
		late := w.citizen("q") // and one whose function was slow
		late.conn.Epoch = w.Now().UnixMilli()
		open := func(context.Context) (admission.Policy, error) { return store.DeskRules{}.Policy() }
		stale.Policy = open
		k, err := stale.Join(t.Context(), late.who.Over(late.conn), desk.JoinRequest{Topic: queue.WorkerCase})
		w.must(err)
		time.Sleep(10 * time.Second)
		w.notServed("by older rules", j.View.Last.Conversation)
		w.notServed("later still", k.View.Last.Conversation)
		time.Sleep(time.Minute)
	})
}

// TestAClosureBeforeTheOpening ends the wait of those who have a number.
func TestAClosureBeforeTheOpening(t *testing.T) {
	w := newWorld(t)
	w.pass(-10 * time.Minute)
	id := w.join(w.citizen("p"))
	same(t, "ended", w.closeDesk().Ended, 1)
	w.notServed("who has a number", id)
}

// TestWhoClosedTheDeskIsNoted: the access log says who closed and who opened it, and why.
func TestWhoClosedTheDeskIsNoted(t *testing.T) {
	w := newWorld(t)
	w.closeDesk()
	w.closeDesk() // once more is the same closure
	w.pass(time.Minute)
	ended, status, err := w.OpenDesk(t.Context(), conversation.Caller{Identity: identity.Identity{ID: "other"}})
	w.must(err)
	if len(ended) != 1 || ended[0].Reason != why || !ended[0].Until.Equal(w.clock()) || !status.Open {
		t.Errorf("ended %v, status %+v", ended, status)
	}
	ended, status, err = w.OpenDesk(t.Context(), operator)
	w.must(err)
	if len(ended) != 0 || !status.Open {
		t.Errorf("nothing is closed, and %v ended, status %+v", ended, status)
	}
	all, err := w.Store.Accesses(t.Context(), store.DeskLog)
	w.must(err)
	var got []string
	for _, a := range all {
		got = append(got, a.Who+" "+a.What+" "+a.Why)
	}
	same(t, "access log", got, []string{"operator close_desk " + why, "other open_desk " + why})
	rules, err := w.Store.DeskRules(t.Context())
	w.must(err)
	if len(rules.Closures) != 1 || rules.Closures[0].Until.After(w.clock()) {
		t.Errorf("closures %v: what was is not kept", rules.Closures)
	}
}

// TestADeskThatOpensAtOnce: a closure of the same moment is none, and others stay.
func TestADeskThatOpensAtOnce(t *testing.T) {
	w := newWorld(t)
	later := hours.Closure{From: w.clock().Add(48 * time.Hour), Until: w.clock().Add(72 * time.Hour), Reason: "sciopero"}
	_, err := w.SetRules(t.Context(), store.DeskRules{Closures: []hours.Closure{later}})
	w.must(err)
	w.closeDesk()
	ended, _, err := w.OpenDesk(t.Context(), operator)
	w.must(err)
	rules, err := w.Store.DeskRules(t.Context())
	w.must(err)
	same(t, "closures", rules.Closures, []hours.Closure{later})
	if len(ended) != 1 {
		t.Errorf("ended %v", ended)
	}
}
