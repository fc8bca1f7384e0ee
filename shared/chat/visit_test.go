package chat_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

func TestTheTwentyFirstPassIsRefused(t *testing.T) {
	w := newWorld(t)
	w.pass(3 * time.Minute)
	who := worker("p")
	for range store.MaxPasses {
		_, err := w.NewPass(t.Context(), who)
		w.must(err)
	}
	_, err := w.NewPass(t.Context(), who)
	var fast *code.TooFast
	if !errors.As(err, &fast) {
		t.Fatalf("the 21st: %v", err)
	}
	same(t, "again in", fast.After, 7*time.Minute)
	_, err = w.NewPass(t.Context(), worker("q"))
	w.must(err)
	w.pass(fast.After)
	_, err = w.NewPass(t.Context(), who)
	w.must(err)
}

func TestAFourthSocketClosesTheFirst(t *testing.T) {
	w := newWorld(t)
	who := worker("p")
	var all []conversation.Connection
	for range 4 {
		c := w.connection()
		all = append(all, c)
		w.must(w.Connected(t.Context(), who.Over(c), ""))
	}
	for i, c := range all {
		same(t, fmt.Sprint("socket ", i, " is closed"), w.gone[c.ID], i == 0)
	}
	same(t, "told", w.told[all[0].ID], []desk.Event{desk.TakenOver{}})
	w.must(w.Disconnected(t.Context(), who.Over(all[1]), ""))
	w.must(w.Connected(t.Context(), who.Over(w.connection()), ""))
	same(t, "one has left: nobody is closed", w.gone[all[2].ID], false)
}

func TestLogoutClosesEverySocket(t *testing.T) {
	w := newWorld(t)
	p, q := w.citizen("p"), w.citizen("q")
	again := w.connection()
	w.must(w.Connected(t.Context(), p.who.Over(p.conn), ""))
	w.must(w.Connected(t.Context(), p.who.Over(again), ""))
	w.must(w.Connected(t.Context(), q.who.Over(q.conn), ""))
	w.must(w.Logout(t.Context(), p.who))
	for _, c := range []conversation.Connection{p.conn, again} {
		same(t, "closed", w.gone[c.ID], true)
		same(t, "told", w.told[c.ID], []desk.Event{desk.LoggedOut{}})
	}
	same(t, "somebody else's", w.gone[q.conn.ID], false)
}

func TestStaffReadsAreRecorded(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 2), w.citizen("p")
	id := w.talking(c, a)
	for _, read := range []func() error{
		func() error { _, err := w.Open(t.Context(), a.who.Over(a.conn), id, 0); return err },
		func() error { _, err := w.Notes(t.Context(), a.who, id); return err },
		func() error { _, err := w.CasesOf(t.Context(), a.who, id); return err },
	} {
		w.must(read())
	}
	_, err := w.Resume(t.Context(), c.who.Over(c.conn), id, 0) // not staff
	w.must(err)
	stranger := w.onDuty("b", 1)
	_, err = w.Notes(t.Context(), stranger.who, id) // reads nothing
	fails(t, "a stranger", err, code.NotFound)
	all, err := w.store.Accesses(t.Context(), id)
	w.must(err)
	what := map[string]string{}
	for _, x := range all {
		what[x.What+", "+x.Why] = x.Who
	}
	same(t, "reads", what, map[string]string{
		store.ReadConversation + ", " + store.WhyOffered: "a", store.ReadConversation + ", " + store.WhyAdvising: "a",
		store.ReadNotes + ", " + store.WhyAdvising: "a", store.ReadCases + ", " + store.WhyAdvising: "a",
	})
	auditor := conversation.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: "auditor"}}
	seen, err := w.Accesses(t.Context(), auditor, id)
	w.must(err)
	same(t, "what the auditor sees, the own look included", len(seen), 5)
}
