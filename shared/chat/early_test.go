package chat_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"infocig/shared/admission"
	"infocig/shared/chat"
)

// TestNumbersBeforeTheOpening: who comes from 14:45 on gets a number; nobody is
// served before 15:00:00, whatever happens, and then they are in that order.
func TestNumbersBeforeTheOpening(t *testing.T) {
	w := newWorld(t)
	w.pass(-10 * time.Minute)
	var ids []chat.ConversationID
	var people []client
	for n := range 5 {
		people = append(people, w.citizen(fmt.Sprint("p", n)))
		ids = append(ids, w.join(people[n]))
	}
	people[0].conn = w.connection()
	again, err := w.Join(t.Context(), people[0].who, people[0].conn, chat.JoinRequest{Topic: chat.WorkerCase})
	w.must(err)
	same(t, "a second tab has the same number", again.View.Last.Conversation, ids[0])
	a := w.onDuty("a", 3)
	w.sweep()
	v, err := w.Ping(t.Context(), people[4].who, people[4].conn, ids[4])
	w.must(err)
	same(t, "who is fifth", []any{v.Ahead, v.Opens}, []any{4, opening})
	if !v.WaitKnown || v.Low < 10*time.Minute {
		t.Errorf("the wait does not begin at the opening: %v to %v", v.Low, v.High)
	}
	w.pass(10*time.Minute - time.Millisecond)
	w.sweep()
	_, err = w.SetPresence(t.Context(), a.who, a.conn, chat.Available, 3)
	w.must(err)
	for _, id := range ids {
		same(t, "a millisecond before the opening", w.tail(id).State.Status, chat.Queued)
	}
	w.pass(time.Millisecond)
	w.must(w.RenewAdvisor(t.Context(), a.who, a.conn))
	for n, c := range people { // are there; the first of them is the first to look
		_, err = w.Ping(t.Context(), c.who, c.conn, ids[n])
		w.must(err)
	}
	for n, id := range ids {
		want := chat.Queued
		if n < 3 {
			want = chat.Assigned
		}
		same(t, fmt.Sprint("number ", n+1, " at the opening"), w.tail(id).State.Status, want)
	}
}

// TestSomebodyLooksAtTheOpening: at that instant, not at the next minute.
func TestSomebodyLooksAtTheOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy, err := chat.DeskRules{}.Policy()
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		now := func() time.Time { return opening.Add(-5300*time.Millisecond + time.Since(start)) }
		d := &chat.Desk{Times: chat.DefaultTimes, Now: now, Policy: func(context.Context) (admission.Policy, error) { return policy, nil }}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var looks []time.Duration
		_, err = d.Watch(ctx, 1, func(context.Context) (chat.Swept, error) {
			looks = append(looks, now().Sub(opening).Round(10*time.Millisecond))
			return chat.Swept{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "looks", looks, []time.Duration{-5300 * time.Millisecond, 0})
	})
}
