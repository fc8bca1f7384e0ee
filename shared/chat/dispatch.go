package chat

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"
)

// dispatch assigns conversations of topic while somebody waits and somebody is
// free. What it cannot do now the sweep does: a failure is logged only.
func (d *Desk) dispatch(ctx context.Context, topic Topic) {
	if err := d.serve(ctx, topic); err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "topic", topic, "err", err)
	}
}

// dispatchFor assigns to an advisor who has a free slot, whatever his topics.
func (d *Desk) dispatchFor(ctx context.Context, id AdvisorID) {
	me, err := d.Store.Advisor(ctx, id)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "advisor", id, "err", err)
		return
	}
	for _, topic := range me.Topics {
		if me.Free(topic, d.now()) > 0 {
			d.dispatch(ctx, topic)
		}
	}
}

func (d *Desk) serve(ctx context.Context, topic Topic) error {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return err
	}
	for {
		advisors = slices.DeleteFunc(advisors, func(a Advisor) bool { return a.Free(topic, d.now()) == 0 })
		if len(advisors) == 0 {
			return nil
		}
		head, err := d.head(ctx, topic)
		if errors.Is(err, NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if advisors, err = d.assign(ctx, head, advisors); err != nil {
			return err
		}
	}
}

// head returns the last entry of the conversation that is next: one at the
// front, else that of the next ticket. Tickets whose conversation is not stored
// are passed over; if it is stored later the sweep puts it to the front.
func (d *Desk) head(ctx context.Context, topic Topic) (Entry, error) {
	line, err := d.Store.Line(ctx, topic)
	if err != nil {
		return Entry{}, err
	}
	for _, t := range line.Returned {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		if err != nil {
			return Entry{}, err
		}
		if s := tail.State; s.Status == Queued && s.Returned {
			return tail, nil
		}
	}
	for {
		t, err := d.Store.Call(ctx, topic)
		if err != nil {
			return Entry{}, err
		}
		tail, err := d.called(ctx, t)
		if !errors.Is(err, NotFound) {
			return tail, err
		}
	}
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
// nobody could take goes to the front.
func (d *Desk) assign(ctx context.Context, head Entry, advisors []Advisor) ([]Advisor, error) {
	for {
		now := d.now()
		pick, ok := Pick(advisors, head.State, now)
		if !ok {
			_, err := d.applyAt(ctx, head, system, Requeue{Reason: NobodyFree})
			return advisors, err
		}
		a, err := d.applyAt(ctx, head, system, Assign{
			Advisor: pick.ID, Name: pick.Name, Connection: pick.Connection, Epoch: pick.Epoch, Until: now.Add(d.Times.Offer),
		})
		var unmet *Unmet
		switch {
		case errors.As(err, &unmet): // taken, paused or reconnected since: look again
			if advisors, err = d.Store.Advisors(ctx); err != nil {
				return nil, err
			}
			// Whoever is as before cannot take it, whatever the reason.
			advisors = slices.DeleteFunc(advisors, func(b Advisor) bool { return reflect.DeepEqual(b, pick) })
			head = a.before
			continue
		case errors.Is(err, Conflict), errors.Is(err, Closed): // no longer waiting
			return advisors, nil
		case err != nil:
			return nil, err
		}
		for i := range advisors {
			if advisors[i].ID == pick.ID {
				advisors[i].Open = append(slices.Clone(pick.Open), head.Conversation)
				advisors[i].AssignedAt = now
			}
		}
		return advisors, nil
	}
}
