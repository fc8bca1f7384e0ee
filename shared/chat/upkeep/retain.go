package upkeep

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// Retain deletes the conversations that ended before the instant before, with what belongs to
// them. It also deletes the lines of the access log that are older than before, and forgets
// the advisors whose lease ended before it. It can be repeated, and goes on where it stopped.
// It returns no code of its own.
//
// Retain reads each conversation that it deletes together with its lines of the access log,
// which are read again when they are deleted, and a few items for each shard. In each shard it
// begins after the tickets that an earlier run has finished, and ends at the first
// conversation that began at before or later.
func (d *Service) Retain(ctx context.Context, before time.Time) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	for _, topic := range queue.Topics {
		line, err := d.Line(ctx, topic)
		if err != nil {
			return r, err
		}
		for shard, s := range line.Shards {
			if err := d.retainShard(ctx, queue.Ticket{Topic: topic, Shard: shard}, s, before, &r); err != nil {
				return r, err
			}
		}
	}
	_, err := d.dropAccesses(ctx, store.DeskLog, before, &r)
	return r, errors.Join(err, d.forgetAdvisors(ctx, before, &r))
}

// retainShard does Retain's work for the tickets of a shard, from the oldest on. It records
// the last ticket up to which nothing is stored any more.
func (d *Service) retainShard(ctx context.Context, t queue.Ticket, s queue.Shard, before time.Time, r *Erased) error {
	erased, whole := s.Erased, true // whole: nothing is stored any more of the tickets passed so far
	var met error
	for t.N = s.Erased + 1; t.N <= s.Taken && met == nil; t.N++ {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		there := !errors.Is(err, code.NotFound) // otherwise no citizen has the ticket, or it was erased
		if err != nil && there {
			met = err
			break
		}
		if there && (tail.State.Status != conversation.StatusEnded || !tail.At.Before(before) || tail.AtOffice()) {
			whole = false
			if tail.State.Status == conversation.StatusEnded && tail.At.Before(before) {
				r.keep(tail)
			}
			first, err := d.Store.Read(ctx, tail.Conversation, 0, 1)
			if err != nil {
				met = err
			} else if !first[0].At.Before(before) {
				break // the conversations after it began later
			}
			continue
		}
		left, err := d.dropAccesses(ctx, t.Conversation(), before, r)
		met, whole = err, whole && left == 0
		if met == nil && there {
			met = d.drop(ctx, tail, r)
		}
		if met == nil && there && whole {
			erased = t.N
		}
	}
	if erased == s.Erased {
		return met
	}
	// Recorded even if the time is over, so that the next run goes on from here.
	return errors.Join(met, d.Store.Commit(context.WithoutCancel(ctx), store.Step{Changes: []store.Change{store.Retained{Ticket: queue.Ticket{Topic: t.Topic, Shard: t.Shard, N: erased}}}}))
}

// dropAccesses deletes the lines of a conversation's access log that are older than before,
// and returns how many lines are left.
func (d *Service) dropAccesses(ctx context.Context, id queue.ConversationID, before time.Time, r *Erased) (left int, err error) {
	all, err := d.Store.Accesses(ctx, id)
	if err != nil {
		return 0, err
	}
	for _, a := range all {
		if !a.At.Before(before) {
			left++
			continue
		}
		if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.DropAccess{Access: a}}}); err != nil {
			return left, err
		}
		r.Accesses++
	}
	return left, nil
}

// forgetAdvisors forgets the advisors who have not come since the instant before. Their names
// are personal data, and every search for a free advisor reads their records.
func (d *Service) forgetAdvisors(ctx context.Context, before time.Time, r *Erased) error {
	all, err := d.Store.Advisors(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !a.Lease.Before(before) || len(a.Open) > 0 {
			continue
		}
		switch err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.DropAdvisor{Advisor: a.ID, Before: before}}}); {
		case err == nil:
			r.Advisors++
		case !errors.Is(err, code.Conflict): // an advisor who is back stays
			return err
		}
	}
	return nil
}
