package chat_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
)

// TestNumbersBeforeTheOpening: who comes from 14:45 on gets a number; nobody is
// served before 15:00:00, whatever happens, and then they are in that order.
func TestNumbersBeforeTheOpening(t *testing.T) {
	w := newWorld(t)
	w.pass(-10 * time.Minute)
	var ids []queue.ConversationID
	var people []client
	for n := range 5 {
		people = append(people, w.citizen(fmt.Sprint("p", n)))
		ids = append(ids, w.join(people[n]))
	}
	people[0].conn = w.connection()
	again, err := w.Join(t.Context(), people[0].who.Over(people[0].conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "a second tab has the same number", again.View.Last.Conversation, ids[0])
	a := w.onDuty("a", 3)
	w.sweep()
	v, err := w.Ping(t.Context(), people[4].who.Over(people[4].conn), ids[4])
	w.must(err)
	same(t, "who is fifth", []any{v.Ahead, v.Opens}, []any{4, opening})
	if !v.WaitKnown || v.Low < 10*time.Minute {
		t.Errorf("the wait does not begin at the opening: %v to %v", v.Low, v.High)
	}
	w.pass(10*time.Minute - time.Millisecond)
	w.sweep()
	_, err = w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 3)
	w.must(err)
	for _, id := range ids {
		same(t, "a millisecond before the opening", w.tail(id).State.Status, conversation.Queued)
	}
	w.pass(time.Millisecond)
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	for n, c := range people { // are there; the first of them is the first to look
		_, err = w.Ping(t.Context(), c.who.Over(c.conn), ids[n])
		w.must(err)
	}
	for n, id := range ids {
		want := conversation.Queued
		if n < 3 {
			want = conversation.Assigned
		}
		same(t, fmt.Sprint("number ", n+1, " at the opening"), w.tail(id).State.Status, want)
	}
}

// TestTheFirstAreServedAtTheOpening: in the same second, at whatever second of the
// minute the schedule calls, and though the sweep takes its time to look.
func TestTheFirstAreServedAtTheOpening(t *testing.T) {
	for second := time.Duration(0); second < time.Minute; second += 7 * time.Second {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Times.Settle = desk.DefaultTimes.Settle
			began, base := time.Now(), opening.Add(-2*time.Minute)
			w.Now = func() time.Time { return base.Add(time.Since(began)) }
			come := func(c client) client {
				c.conn.Epoch = w.Now().UnixMilli()
				return c
			}
			ctx, stop := context.WithCancel(t.Context())
			go func() { // the schedule
				for time.Sleep(second); ctx.Err() == nil; time.Sleep(time.Minute) {
					go func() {
						ctx, done := context.WithTimeout(ctx, 74*time.Second)
						defer done()
						_, _ = w.Watch(ctx, 6, w.Sweep) // what fails is looked at again
					}()
				}
			}()
			a := come(client{advisor("a"), w.connection()})
			w.must(w.Connected(ctx, a.who.Over(a.conn), ""))
			_, err := w.SetPresence(ctx, a.who.Over(a.conn), conversation.Available, 2)
			w.must(err)
			go func() {
				for ctx.Err() == nil {
					_ = w.RenewAdvisor(ctx, a.who.Over(a.conn)) // tried again
					time.Sleep(desk.Heartbeat)
				}
			}()
			var ids []queue.ConversationID
			for _, name := range []string{"p", "q", "r"} {
				ids = append(ids, w.join(come(w.citizen(name))))
			}
			time.Sleep(time.Minute) // without a sign of life they would be away
			for n, name := range []string{"p", "q", "r"} {
				c := come(w.citizen(name))
				_, err := w.Resume(ctx, c.who.Over(c.conn), ids[n], 0)
				w.must(err)
			}
			time.Sleep(time.Minute - time.Millisecond)
			for _, id := range ids {
				same(t, fmt.Sprint("called at second ", second, ": before the opening"), w.tail(id).State.Status, conversation.Queued)
			}
			time.Sleep(time.Second)
			for n, want := range []conversation.Status{conversation.Assigned, conversation.Assigned, conversation.Queued} {
				same(t, fmt.Sprint("called at second ", second, ": number ", n+1, " after the opening"), w.tail(ids[n]).State.Status, want)
			}
			stop()
			time.Sleep(2 * time.Minute)
		})
	}
}

// TestNobodyIsLetInWhoCannotBeServed: also where no advisor is present, and a
// conversation that nobody would get is not handed on.
func TestNobodyIsLetInWhoCannotBeServed(t *testing.T) {
	w := newWorld(t)
	w.pass(3*time.Hour - 7*time.Minute)
	c := w.citizen("late")
	j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "seven minutes before closing, nobody present", j.Decision.State, admission.Full)

	w = newWorld(t)
	a, b := w.onDuty("a", 1), w.citizen("p")
	w.onDuty("b", 1)
	id := w.talking(b, a)
	w.pass(3*time.Hour + 16*time.Minute)
	w.onDuty("b", 1)
	_, err = w.Transfer(t.Context(), a.who.Over(a.conn), id, conversation.Transfer{})
	fails(t, "after the grace", err, code.Conflict)
	same(t, "the advisor keeps it", w.tail(id).State.Status, conversation.Assigned)
}
