package chat_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/upkeep"
)

// TestWhoVanishesIsNoticed: with every $disconnect dropped, a citizen within 90
// seconds and an advisor within 60 (I-13), whenever in the minute it happens.
func TestWhoVanishesIsNoticed(t *testing.T) {
	for after := time.Second; after < time.Minute; after += 6 * time.Second { // never while a look is under way
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			began, base := time.Now(), w.clock()
			w.Now = func() time.Time { return base.Add(time.Since(began)) }
			go func() { // the schedule
				for range 5 {
					minute := time.Now()
					_, _ = w.Watch(context.Background(), 6, w.Sweep) // what fails is looked at again
					time.Sleep(time.Minute - time.Since(minute))
				}
			}()
			time.Sleep(after)
			a, b := client{advisor("a"), w.connection()}, client{advisor("b"), w.connection()}
			for _, x := range []*client{&a, &b} {
				x.conn.Epoch, x.conn.AnswersPings = w.Now().UnixMilli(), true
				w.must(w.Connected(t.Context(), x.who.Over(x.conn), ""))
			}
			_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Available, 2)
			w.must(err)
			c, d := w.citizen("p"), w.citizen("q")
			c.conn.Epoch, d.conn.Epoch = w.Now().UnixMilli(), w.Now().UnixMilli()
			gone, left := w.talking(c, a), w.talking(d, a)
			alive, stop := context.WithCancel(t.Context())
			go func() { // one of the two citizens stays
				for alive.Err() == nil {
					_, _ = w.Ping(t.Context(), d.who.Over(d.conn), left)
					time.Sleep(desk.Heartbeat)
				}
			}()
			time.Sleep(60 * time.Second)
			if s := w.tail(left).State.Status; s != conversation.Queued {
				t.Errorf("vanished after %s: the advisor's conversation is %s a minute later", after, s)
			}
			time.Sleep(30 * time.Second)
			if s := w.tail(gone).State; s.Citizen.Connection != "" {
				t.Errorf("vanished after %s: the citizen counts as connected 90 seconds later (%s)", after, s.Status)
			}
			stop()
			time.Sleep(5 * time.Minute)
		})
	}
}

func TestTheSweepLooksOnceWhenNobodyIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		count := 0
		look := func(ctx context.Context) (upkeep.Swept, error) {
			count++
			return w.Sweep(ctx)
		}
		for _, test := range []struct {
			at          time.Duration // after the opening
			looks, want int
			time        time.Duration // that the function has; 0 for enough
		}{
			{0, 6, 6, 0}, {0, 1, 1, 0}, {0, 0, 1, 0}, {4 * time.Hour, 6, 1, 0},
			{0, 6, 3, 25 * time.Second}, // one at 0, 10 and 20, none that would not end
		} {
			base := w.clock()
			w.Now = func() time.Time { return base.Add(test.at) }
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			if test.time > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), test.time)
			}
			count = 0
			_, err := w.Watch(ctx, test.looks, look)
			w.must(err)
			same(t, "looks", count, test.want)
			cancel()
		}
	})
}

// A conversation that goes on after the desk was closed, however, is looked after as
// well as before: who vanishes from it, and what comes back to the line, is seen at once.
func TestTheSweepStaysWhileAConversationGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.talking(w.citizen("p"), w.onDuty("a", 1))
		w.closeDesk()
		w.pass(40 * time.Second) // every function knows it
		count := 0
		_, err := w.Watch(t.Context(), 6, func(ctx context.Context) (upkeep.Swept, error) {
			count++
			return w.Sweep(ctx)
		})
		w.must(err)
		same(t, "looks", count, 6)
	})
}
