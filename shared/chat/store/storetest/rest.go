package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

func redeemOnce(t *testing.T, s store.Store) {
	want := store.Pass{
		ID: "secret", Conversation: "c", Expires: noon.Add(30 * time.Second),
		Identity: conversation.Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: "p", Name: "Ugo", Province: "RM", Role: "worker", Audience: "worker"}},
	}
	must(t, s.PutPass(ctx(t), want))
	errs := race(func(int) error {
		got, err := s.Redeem(ctx(t), "secret", noon)
		if err == nil {
			same(t, "pass", got, want)
		}
		return err
	})
	same(t, "redeemed", winners(t, errs, code.NotFound), 1)
	if _, err := s.Redeem(ctx(t), "", noon); !errors.Is(err, code.NotFound) {
		t.Errorf("no pass: %v, want NotFound", err)
	}
}

func redeemLate(t *testing.T, s store.Store) {
	for i, at := range []time.Time{noon, noon.Add(time.Hour), noon.Add(48 * time.Hour)} {
		id := fmt.Sprint("pass", i)
		must(t, s.PutPass(ctx(t), store.Pass{ID: id, Expires: noon}))
		if _, err := s.Redeem(ctx(t), id, at); !errors.Is(err, code.NotFound) {
			t.Errorf("%v after the expiry: %v, want NotFound", at.Sub(noon), err)
		}
		if _, err := s.Redeem(ctx(t), id, noon.Add(-time.Second)); err != nil && !errors.Is(err, code.NotFound) {
			t.Error(err)
		}
	}
}

func outbox(t *testing.T, s store.Store) {
	want := conversation.Escalation{ID: "e", Conversation: "c", Case: "k", Office: "o", Advisor: "a", Status: conversation.EscalationPending, At: noon, Next: noon.Add(time.Minute)}
	errs := race(func(int) error { return change(s, t, store.Out{Escalation: want}) })
	same(t, "put out", winners(t, errs, code.Conflict), 1)
	got, err := s.Escalation(ctx(t), "e")
	must(t, err)
	same(t, "escalation", got, want)
	if _, err := s.Escalation(ctx(t), "f"); !errors.Is(err, code.NotFound) {
		t.Errorf("another: %v, want NotFound", err)
	}
	const n = 230
	for i := range n {
		e := want
		e.ID = conversation.EscalationID(fmt.Sprint("more", i))
		must(t, change(s, t, store.Out{Escalation: e}))
	}
	found := map[conversation.EscalationID]bool{}
	for from, pages := "", 0; pages == 0 || from != ""; pages++ {
		page, next, err := s.Escalations(ctx(t), from)
		must(t, err)
		for _, e := range page {
			found[e.ID] = true
		}
		if from = next; pages > n {
			t.Fatal("no end")
		}
	}
	same(t, "listed", len(found), n+1)

	unmet(t, change(s, t, store.SetEscalation{Escalation: conversation.Escalation{ID: "f", Status: conversation.EscalationTaken}}), store.SetEscalation{})
	sent := store.Sent{Escalation: "e", Was: conversation.EscalationPending, Is: conversation.EscalationQueued, Next: noon.Add(time.Hour)}
	errs = race(func(int) error { return change(s, t, sent) })
	same(t, "sent on", winners(t, errs, code.Conflict), 1)
	unmet(t, change(s, t, store.Sent{Escalation: "f", Was: conversation.EscalationPending, Is: conversation.EscalationQueued, Next: noon}), store.Sent{})
	want.Status, want.Next = conversation.EscalationQueued, noon.Add(time.Hour)
	got, err = s.Escalation(ctx(t), "e")
	must(t, err)
	same(t, "after it was sent", got, want)
	want.Status, want.Step, want.Protocol, want.Due, want.Overdue = conversation.EscalationSettled, 3, "n. 1", noon, true
	must(t, change(s, t, store.SetEscalation{Escalation: want}))
	got, err = s.Escalation(ctx(t), "e")
	must(t, err)
	same(t, "after the office's step", got, want)
	must(t, change(s, t, store.Forget{Escalation: "e"}, store.Forget{Escalation: "f"}))
	if _, err := s.Escalation(ctx(t), "e"); !errors.Is(err, code.NotFound) {
		t.Errorf("forgotten: %v, want NotFound", err)
	}
}

func notes(t *testing.T, s store.Store) {
	note := func(c queue.ConversationID, id string) conversation.Note {
		return conversation.Note{ID: id, Conversation: c, Author: "a", Name: "Anna", Text: "da richiamare", At: noon}
	}
	errs := race(func(int) error { return change(s, t, store.AddNote{Note: note("c", "a#2")}) })
	same(t, "kept", winners(t, errs, code.Conflict), 1)
	must(t, change(s, t, store.AddNote{Note: note("c", "a#1")}, store.AddNote{Note: note("c2", "a#1")}))
	got, err := s.Notes(ctx(t), "c")
	must(t, err)
	same(t, "notes", got, []conversation.Note{note("c", "a#1"), note("c", "a#2")})
	log, err := s.Read(ctx(t), "c", 0, 10)
	must(t, err)
	same(t, "entries of the log", len(log), 0)
}

func rules(t *testing.T, s store.Store) {
	got, err := s.DeskRules(ctx(t))
	must(t, err)
	same(t, "rules at first", got, store.DeskRules{})
	closure := hours.Closure{From: noon, Until: noon.Add(time.Hour), Reason: "assemblea"}
	errs := race(func(int) error {
		return change(s, t, store.SetDeskRules{Rules: store.DeskRules{Rev: 1, Closures: []hours.Closure{closure}}})
	})
	same(t, "set", winners(t, errs, code.Conflict), 1)
	got, err = s.DeskRules(ctx(t))
	must(t, err)
	same(t, "rules", got, store.DeskRules{Rev: 1, Closures: []hours.Closure{closure}})
	unmet(t, change(s, t, store.SetDeskRules{Rules: store.DeskRules{Rev: 3}}), store.SetDeskRules{})
	must(t, change(s, t, store.SetDeskRules{Rules: store.DeskRules{Rev: 2}}))
}
