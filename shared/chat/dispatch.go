package chat

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"
)

// Who waits and who is free find each other because everybody looks after
// writing, with reads that are strongly consistent. Whoever makes an advisor
// free writes that, then looks at the line; whoever joins takes a ticket, then
// looks at the advisors: of two that do so at once the later one sees the
// other. The same holds of a conversation that comes to the front: it is put
// there, then somebody looks at the advisors. So
//
//   - whoever makes one advisor free looks for him only: who waits while another
//     is free is found by what made that one free, or by the one who waits;
//   - a line in which nobody waits ends the search: who comes later looks
//     himself, and finds the advisor;
//   - so does a call that leaves no ticket: one that is taken later counts that
//     call (Queue), and so its owner knows that nobody is ahead;
//   - whoever joins behind others leaves it to them: whoever is called first
//     goes on to the tickets that are left;
//   - whoever has called a ticket and finds the advisor taken is the one who has
//     to find another, among all, and to look once more after having put the
//     conversation to the front.
//
// What dies in between is found by the sweep.

// dispatch assigns conversations of topic while somebody waits and somebody is
// free. What it cannot do now the sweep does: a failure is logged only. The
// conversation with the entry fresh, if any, was just stored.
func (d *Desk) dispatch(ctx context.Context, topic Topic, fresh Entry) {
	advisors, err := d.Store.Advisors(ctx)
	if err == nil {
		_, err = d.serve(ctx, topic, advisors, fresh)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "topic", topic, "err", err)
	}
}

// dispatchFor assigns to an advisor who may have become free, whatever his topics.
func (d *Desk) dispatchFor(ctx context.Context, id AdvisorID) {
	me, err := d.Store.Advisor(ctx, id)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "advisor", id, "err", err)
		return
	}
	d.dispatchTo(ctx, me)
}

// dispatchTo is dispatchFor for a caller who has read the advisor, after the
// write that made him free.
func (d *Desk) dispatchTo(ctx context.Context, me Advisor) {
	advisors := []Advisor{me}
	for _, topic := range me.Topics {
		var err error
		if advisors, err = d.serve(ctx, topic, advisors, Entry{}); err != nil {
			d.Log.WarnContext(ctx, "cannot dispatch", "advisor", me.ID, "topic", topic, "err", err)
			return
		}
	}
}

// serve gives to advisors who waits for topic, and returns the advisors as they
// are known afterwards.
func (d *Desk) serve(ctx context.Context, topic Topic, advisors []Advisor, fresh Entry) ([]Advisor, error) {
	for more := true; more; {
		now := d.now()
		if !slices.ContainsFunc(advisors, func(a Advisor) bool { return a.Free(topic, now) > 0 }) {
			return advisors, nil
		}
		var head Entry
		var err error
		head, more, err = d.head(ctx, topic, fresh)
		if errors.Is(err, NotFound) {
			return advisors, nil
		}
		if err != nil {
			return nil, err
		}
		var putBack bool
		if advisors, putBack, err = d.assign(ctx, head, advisors); err != nil {
			return nil, err
		}
		if putBack {
			if advisors, err = d.Store.Advisors(ctx); err != nil {
				return nil, err
			}
			more = true
		}
	}
	return advisors, nil
}

// head returns the last entry of the conversation that is next: one at the
// front, else that of the next ticket; and whether more may wait. Tickets whose
// conversation is not stored are passed over; if it is stored later the sweep
// puts it to the front. The line is read each time, also where the caller has
// just read it: who has come to the front since goes first.
func (d *Desk) head(ctx context.Context, topic Topic, fresh Entry) (head Entry, more bool, err error) {
	line, err := d.Store.Line(ctx, topic)
	if err != nil {
		return Entry{}, false, err
	}
	left := line.Taken - line.Called
	for i, t := range line.Returned {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		if err != nil {
			return Entry{}, false, err
		}
		if s := tail.State; s.Status == Queued && s.Returned {
			return tail, left > 0 || i+1 < len(line.Returned), nil
		}
	}
	for left > 0 {
		var t Ticket
		if t, left, err = d.Store.Call(ctx, topic); err != nil {
			return Entry{}, false, err
		}
		if t.Conversation() == fresh.Conversation {
			return fresh, left > 0, nil
		}
		tail, err := d.called(ctx, t)
		if !errors.Is(err, NotFound) {
			return tail, left > 0, err
		}
	}
	return Entry{}, false, NotFound
}

// called returns the last entry of a called ticket's conversation. It may be
// about to be stored: look again a few times.
func (d *Desk) called(ctx context.Context, t Ticket) (Entry, error) {
	const looks, pause = 4, 25 * time.Millisecond
	for i := 1; ; i++ {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		if !errors.Is(err, NotFound) || i == looks {
			return tail, err
		}
		time.Sleep(pause)
	}
}

// assign offers the conversation with last entry head to the best of advisors,
// and returns the advisors as they are known afterwards. A conversation that
// nobody could take is put to the front.
func (d *Desk) assign(ctx context.Context, head Entry, advisors []Advisor) (after []Advisor, putBack bool, err error) {
	for {
		now := d.now()
		pick, ok := Pick(advisors, head.State, now)
		if !ok {
			a, err := d.applyAt(ctx, head, system, Requeue{Reason: NobodyFree})
			return advisors, a.Append, err
		}
		a, err := d.applyAt(ctx, head, system, Assign{
			Advisor: pick.ID, Name: pick.Name, Connection: pick.Connection, Epoch: pick.Epoch, Until: now.Add(d.Times.Offer),
		})
		var unmet *Unmet
		switch {
		case errors.As(err, &unmet): // taken, paused or reconnected since: look again
			if advisors, err = d.Store.Advisors(ctx); err != nil {
				return nil, false, err
			}
			// Whoever is as before cannot take it, whatever the reason.
			advisors = slices.DeleteFunc(advisors, func(b Advisor) bool { return reflect.DeepEqual(b, pick) })
			head = a.before
			continue
		case errors.Is(err, Conflict), errors.Is(err, Closed): // no longer waiting
			return advisors, false, nil
		case err != nil:
			return nil, false, err
		}
		for i := range advisors {
			if advisors[i].ID == pick.ID {
				advisors[i].Open = append(slices.Clone(pick.Open), head.Conversation)
				advisors[i].AssignedAt = now
			}
		}
		return advisors, false, nil
	}
}
