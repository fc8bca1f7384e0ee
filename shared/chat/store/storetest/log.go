package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

func emptyLog(t *testing.T, s store.Store) {
	if _, err := s.Tail(ctx(t), "c"); !errors.Is(err, code.NotFound) {
		t.Errorf("Tail: %v, want NotFound", err)
	}
	got, err := s.Read(ctx(t), "c", 0, 10)
	must(t, err)
	same(t, "entries", len(got), 0)
}

func roundTrip(t *testing.T, s store.Store) {
	until := noon.Add(20 * time.Second)
	want := conversation.Entry{
		Conversation: "c", Seq: 1, Kind: conversation.KindEscalated, At: noon.Add(123 * time.Millisecond), By: identity.SideAdvisor,
		Author: "a", Name: "Anna Bianchi", Number: 3, Text: "perché «sì»\n😀 \\ \" ' <b>", Reason: conversation.ByAdvisor,
		Profile: &conversation.Profile{Person: "p", Name: "Ugo D'Amico", Role: "worker", Province: "AQ", Company: "f", CompanyName: "Ditta", Sealed: []byte{1, 0xff}},
		Promise: &queue.Promise{Ahead: 4, Low: 60, High: 600}, Opens: &until,
		Escalation: &conversation.Escalation{
			ID: "e", Conversation: "c", Seq: 4, Case: "k", Office: "o", Advisor: "a", Person: "p", At: noon, Status: conversation.EscalationTaken, Step: 2,
			Protocol: "INPS.7000.23/11/2026.0000001", Due: noon.Add(time.Hour), Overdue: true, Said: 3, Next: noon.Add(time.Minute),
		},
		State: conversation.State{
			Status: conversation.CitizenAway, Topic: queue.EmployerCase, Ticket: queue.Ticket{Topic: queue.EmployerBenefits, Shard: 1, N: 7},
			Returned: true, OfferUntil: &until, Sign: 1 << 41, AnswerUntil: &until, Aside: true, For: "b", Last: "a", Escalation: "e", Outcome: conversation.Escalated,
			Progress: conversation.EscalationProgress{Step: 2, Late: true, Final: true},
			Citizen:  conversation.Party{ID: "p", Connection: "x=", Epoch: 1 << 41, Number: 2, Seq: 5, Digest: 1<<64 - 1, At: 1 << 41},
			Advisor:  conversation.Party{ID: "a", Connection: "y=", Epoch: 3},
			Cases:    []cases.Ref{{ID: "k", Office: "o"}, {ID: "l", Office: "o"}},
		},
	}
	must(t, s.Commit(ctx(t), store.Step{Entry: &want}))
	got, err := s.Tail(ctx(t), "c")
	must(t, err)
	same(t, "tail", got, want)
	err = s.Commit(ctx(t), store.Step{Entry: &want})
	var lost *store.Lost
	if !errors.As(err, &lost) {
		t.Fatalf("the same entry again: %v, want Lost", err)
	}
	same(t, "winner", lost.Entry, want)
}

func oneWinner(t *testing.T, s store.Store) {
	for seq := 1; seq <= 3; seq++ {
		errs := race(func(i int) error {
			e := entry("c", seq, fmt.Sprint(i))
			return s.Commit(ctx(t), store.Step{Entry: &e})
		})
		same(t, "winners", winners(t, errs, code.Conflict), 1)
		tail, err := s.Tail(ctx(t), "c")
		must(t, err)
		for i, err := range errs {
			var lost *store.Lost
			switch {
			case err == nil:
				same(t, "the winner's text", string(tail.Text), fmt.Sprint(i))
			case !errors.As(err, &lost):
				t.Errorf("got %v, want Lost", err)
			default:
				same(t, "entry in Lost", lost.Entry, tail)
			}
		}
	}
}

func readPages(t *testing.T, s store.Store) {
	const n = 300 // more than 256: numbers must sort as numbers
	for seq := 1; seq <= n; seq++ {
		e := entry("c", seq, "x")
		must(t, s.Commit(ctx(t), store.Step{Entry: &e}))
		other := entry("c\x01", seq, "of another conversation")
		must(t, s.Commit(ctx(t), store.Step{Entry: &other}))
	}
	for _, c := range []struct{ seq, limit, first, count int }{{0, 10, 1, 10}, {250, 20, 251, 20}, {295, 50, 296, 5}, {n, 5, 0, 0}, {0, 1000, 1, n}} {
		got, err := s.Read(ctx(t), "c", c.seq, c.limit)
		must(t, err)
		if len(got) != c.count {
			t.Errorf("after %d up to %d: %d entries, want %d", c.seq, c.limit, len(got), c.count)
		}
		for i, e := range got {
			if e.Seq != c.first+i || e.Conversation != "c" {
				t.Fatalf("after %d: entry %d is %s %d", c.seq, i, e.Conversation, e.Seq)
			}
		}
	}
	tail, err := s.Tail(ctx(t), "c")
	must(t, err)
	same(t, "tail", tail.Seq, n)
}

func allOrNothing(t *testing.T, s store.Store) {
	must(t, change(s, t, store.SetLive{Holder: "p", Conversation: "old", Seen: noon}))
	e := entry("c", 1, "x")
	err := s.Commit(ctx(t), store.Step{Entry: &e, Changes: []store.Change{
		store.Return{Topic: queue.WorkerCase, Ticket: queue.Ticket{Topic: queue.WorkerCase, N: 1}},
		store.SetLive{Holder: "p", Conversation: "c", Seen: noon},
		store.Out{Escalation: conversation.Escalation{ID: "e"}},
	}})
	unmet(t, err, store.SetLive{})
	if _, err := s.Tail(ctx(t), "c"); !errors.Is(err, code.NotFound) {
		t.Errorf("Tail: %v, want NotFound", err)
	}
	l, err := s.Line(ctx(t), queue.WorkerCase, 1)
	must(t, err)
	same(t, "returned tickets", len(l.Returned), 0)
	if _, err := s.Escalation(ctx(t), "e"); !errors.Is(err, code.NotFound) {
		t.Errorf("Escalation: %v, want NotFound", err)
	}
	must(t, s.Commit(ctx(t), store.Step{}))
}

func lostFirst(t *testing.T, s store.Store) {
	must(t, change(s, t, store.SetLive{Holder: "p", Conversation: "old", Seen: noon}))
	e := entry("c", 1, "x")
	must(t, s.Commit(ctx(t), store.Step{Entry: &e}))
	err := s.Commit(ctx(t), store.Step{Entry: &e, Changes: []store.Change{store.SetLive{Holder: "p", Conversation: "c", Seen: noon}}})
	var lost *store.Lost
	if !errors.As(err, &lost) {
		t.Errorf("got %v, want Lost", err)
	}
}
