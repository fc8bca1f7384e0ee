package desk

import (
	"context"
	"errors"
	"slices"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// No wake-up is lost, because both sides write first and then read with strong consistency. An
// advisor who becomes free commits that, then reads the line. A citizen who joins takes a
// ticket, then reads the advisors. Of two that race, the later reader sees the write of the
// other one. A conversation that comes to the front is handled like a citizen who joins.
// Consequences:
//
//   - An advisor who becomes free is matched alone. A citizen who waits while another advisor
//     is free is matched by the event that freed that advisor, or by the citizen's own join.
//   - A search ends at an empty line: a citizen who joins later reads the advisors.
//   - A search also ends at a Call that leaves no ticket: the Take of a later ticket counts
//     that Call (store.Queue), so the owner of that ticket knows that no ticket is ahead.
//   - A citizen who joins behind others does not search: the search that serves the first
//     ticket goes on with the others.
//   - A search that has called a ticket and finds its advisor taken looks for another one among
//     all advisors, and looks once more after it has put the conversation to the front.
//
// If a function dies in between, the sweep finds what it left.

// Dispatch assigns conversations of topic as long as a citizen waits and an advisor is free. A
// failure is only logged, since the sweep does what Dispatch could not do. The entry fresh, if
// any, was just stored by the caller and is not read again.
func (d *Desk) Dispatch(ctx context.Context, topic queue.Topic, fresh conversation.Entry) {
	advisors, err := d.Store.Advisors(ctx)
	if err == nil {
		_, err = d.serve(ctx, topic, advisors, fresh)
	}
	if err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "topic", topic, "err", err)
	}
}

// many is the number of slots from which on a citizen who joins reads only some of the
// advisors. A partition could not serve thousands of citizens who each read hundreds of
// advisors.
const many = 200

// dispatchFresh is Dispatch for a citizen who has just joined as the first of a line. If there
// are many advisors it tries some of them, which is enough as long as one of them is still
// free afterwards.
func (d *Desk) dispatchFresh(ctx context.Context, line queue.Line, fresh conversation.Entry) {
	topic := fresh.State.Topic
	if line.Figures.Slots >= many {
		some, err := d.Store.SomeAdvisors(ctx, uint16(queue.ShardOf(string(fresh.Conversation), 1<<16))) //nolint:gosec // as many
		if err == nil {
			some, err = d.serve(ctx, topic, some, fresh)
		}
		if r := (roster{advisors: some}); err == nil && r.free(topic, d.Time()) > 0 {
			return // no citizen waits any more
		}
	}
	d.Dispatch(ctx, topic, fresh)
}

// dispatchFor assigns conversations of all of an advisor's topics to an advisor who may have
// become free.
func (d *Desk) dispatchFor(ctx context.Context, id identity.StaffID) {
	me, err := d.Store.Advisor(ctx, id)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot dispatch", "advisor", id, "err", err)
		return
	}
	d.dispatchTo(ctx, me)
}

// dispatchTo is dispatchFor for a caller who has read the advisor after the write that made
// the advisor free.
func (d *Desk) dispatchTo(ctx context.Context, me conversation.Advisor) {
	advisors := []conversation.Advisor{me}
	for _, topic := range me.Topics {
		var err error
		if advisors, err = d.serve(ctx, topic, advisors, conversation.Entry{}); err != nil {
			d.Log.WarnContext(ctx, "cannot dispatch", "advisor", me.ID, "topic", topic, "err", err)
			return
		}
	}
}

// serve gives the conversations that wait for topic to the advisors, as many at a time as the
// advisors can take. It returns the advisors as they are known afterwards.
func (d *Desk) serve(ctx context.Context, topic queue.Topic, advisors []conversation.Advisor, fresh conversation.Entry) ([]conversation.Advisor, error) {
	day, err := d.Phase(ctx)
	if err != nil || !day.Serving {
		return advisors, err
	}
	r := &roster{advisors: advisors}
	for {
		free := r.free(topic, d.Time())
		if free == 0 {
			return r.advisors, nil
		}
		heads, more, err := d.heads(ctx, topic, min(free, maxHeads), fresh, r)
		if err != nil {
			return nil, err
		}
		putBack, err := d.assignAll(ctx, heads, r)
		switch {
		case err != nil:
			return nil, err
		case putBack:
			if r.advisors, err = d.Store.Advisors(ctx); err != nil {
				return nil, err
			}
		case !more:
			return r.advisors, nil
		}
	}
}

// maxHeads is how many conversations are taken from a line at once. If their caller dies, they
// wait for the next sweep. A larger number fills the slots at an opening sooner, and serves
// less in the order of the tickets (TestBell).
const maxHeads = 64

// assignAll offers conversations to advisors. It reports whether it put some to the front
// because no advisor could take them.
func (d *Desk) assignAll(ctx context.Context, heads []conversation.Entry, r *roster) (putBack bool, err error) {
	back := make([]bool, len(heads))
	err = Each(d.Parallel, len(heads), func(i int) (err error) {
		back[i], err = d.assign(ctx, heads[i], r)
		return err
	})
	return slices.Contains(back, true), err
}

// assign offers the conversation with last entry head to the best advisor. If no advisor can
// take it, it is put to the front.
func (d *Desk) assign(ctx context.Context, head conversation.Entry, r *roster) (putBack bool, err error) {
	for {
		now := d.Time()
		pick, ok := r.pick(head, now)
		if !ok {
			a, err := d.ApplyAt(ctx, head, System, conversation.Requeue{Reason: conversation.NobodyFree})
			return a.Append, err
		}
		a, err := d.ApplyAt(ctx, head, System, conversation.Assign{
			Advisor: pick.ID, Name: pick.Name, Connection: pick.Connection, Epoch: pick.Epoch, Until: now.Add(d.Times.Offer),
		})
		var unmet *store.Unmet
		switch {
		case errors.As(err, &unmet): // taken, paused or reconnected since: look again
			now, err := d.Store.Advisor(ctx, pick.ID)
			if err != nil {
				return false, err
			}
			r.renew(pick, now)
			head = a.Before
			continue
		case errors.Is(err, code.Conflict), errors.Is(err, code.Closed): // no longer waiting
			r.unpick(pick, head.Conversation)
			return false, nil
		}
		return false, err
	}
}
