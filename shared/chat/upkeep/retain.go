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

// Retain deletes the conversations that ended before then with what belongs to them,
// who has read what before then, and forgets the advisors who have not come since. It
// can be repeated, and goes on where it stopped.
//
// It reads each conversation that it deletes with its access lines, which are read again
// as they are deleted, and some for each shard: it begins after those that are deleted
// already, and ends at the first that began later.
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

// retainShard does it for the tickets of a shard, from the oldest on, and notes how far
// nothing is left.
func (d *Service) retainShard(ctx context.Context, t queue.Ticket, s queue.Shard, before time.Time, r *Erased) error {
	erased, whole := s.Erased, true // whole: nothing is left of those passed so far
	var met error
	for t.N = s.Erased + 1; t.N <= s.Taken && met == nil; t.N++ {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		there := !errors.Is(err, code.NotFound) // else nobody's ticket, or erased
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
				break // those after it began later
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
	// Also where the time is over: the next run goes on from here.
	return errors.Join(met, d.Store.Commit(context.WithoutCancel(ctx), store.Step{Changes: []store.Change{store.Retained{Ticket: queue.Ticket{Topic: t.Topic, Shard: t.Shard, N: erased}}}}))
}

// dropAccesses forgets who has read a conversation before then, and returns how many
// have later.
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

// forgetAdvisors forgets who has left: their names, and what each look for somebody who
// is free reads of them.
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
		case !errors.Is(err, code.Conflict): // who is back stays
			return err
		}
	}
	return nil
}
