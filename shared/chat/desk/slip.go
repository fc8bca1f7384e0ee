package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// Whoever comes when there is no more room today gets a slip on request: at the next
// opening they go before those who have none. docs/design.md, "Closing".

// How many slips there are for an opening: about the first round of conversations, so
// that those without one are not kept waiting for long, and no more than a Line lists.
const (
	leastSlips = 10
	mostSlips  = 50
)

// slipOpens returns the opening at which somebody goes first who was given a slip before
// the closing after; zero if none is known.
func slipOpens(c hours.Calendar, after time.Time) time.Time {
	if after.IsZero() {
		return time.Time{}
	}
	return c.NextOpening(after)
}

// slipHolds reports whether that slip lets somebody go first at t: from when numbers
// are given until the desk has closed for that day.
func slipHolds(c hours.Calendar, after, t time.Time) bool {
	opens := slipOpens(c, after)
	if opens.IsZero() || t.Before(opens.Add(-admission.Early)) {
		return false
	}
	serves := t
	if s := c.At(t); !s.Open {
		serves = s.Opens
	}
	return dayOf(serves) == dayOf(opens)
}

// dayOf returns the day of t in Italy.
func dayOf(t time.Time) string { return t.In(hours.Rome()).Format(time.DateOnly) }

// WithSlip returns who with the slip that they have, if any.
func (d *Desk) WithSlip(ctx context.Context, who conversation.Caller) (conversation.Caller, error) {
	s, err := d.Store.Slip(ctx, who.Holder())
	if err != nil && !errors.Is(err, code.NotFound) {
		return who, err
	}
	who.Slip = s.After
	return who, nil
}

// A Turn is what a slip gives to a person.
type Turn struct {
	Opens time.Time // when the desk opens
	From  time.Time // when numbers are given
	Now   bool      // it is that day, and numbers are given: who joins goes first
}

// TurnOf returns what the slip of who gives, false if there is none or it has had its day.
func (d *Desk) TurnOf(ctx context.Context, who conversation.Caller) (Turn, bool, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return Turn{}, false, err
	}
	opens := slipOpens(policy.Calendar, who.Slip)
	now := slipHolds(policy.Calendar, who.Slip, d.Time())
	return Turn{Opens: opens, From: opens.Add(-admission.Early), Now: now}, now || d.Time().Before(opens), nil
}

// ErrNoSlips says that all slips for the next opening are given.
var ErrNoSlips = fmt.Errorf("%w: no slips are left", code.Conflict)

// Reserve gives a slip for the next opening to who, if a queue of theirs is full for
// today; whoever has one for it already keeps that. With any other decision there is
// none: it says what to do instead. Reserve returns Conflict to somebody who has a
// live conversation, and ErrNoSlips.
func (d *Desk) Reserve(ctx context.Context, who conversation.Caller) (admission.Decision, conversation.Caller, error) {
	_, err := d.Store.Live(ctx, who.Holder())
	if err == nil {
		err = code.Conflict
	}
	if !errors.Is(err, code.NotFound) {
		return admission.Decision{}, who, err
	}
	who, err = d.WithSlip(ctx, who)
	if err != nil {
		return admission.Decision{}, who, err
	}
	decision, slots, err := d.fullest(ctx, who)
	if err != nil || decision.State != admission.Full {
		return decision, who, err
	}
	if decision.OpensAt.IsZero() {
		return decision, who, ErrNoSlips
	}
	after := decision.Until.UTC()
	slip := store.Slip{Holder: who.Holder(), After: after}
	err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{
		store.SetSlip{Slip: slip}, store.CountSlip{After: after, Most: min(max(slots, leastSlips), mostSlips)},
	}})
	var unmet *store.Unmet
	if errors.As(err, &unmet) {
		if who, err = d.WithSlip(ctx, who); err == nil && !who.Slip.Equal(after) { // not given by another tab meanwhile
			err = ErrNoSlips
		}
		return decision, who, err
	}
	who.Slip = after
	return decision, who, err
}

// NotServed ends a conversation that waits because the desk has closed. The citizen came in
// time and waited in vain: they go first at the next opening, without having to ask for a
// slip, and whatever the number of slips given.
func (d *Desk) NotServed(ctx context.Context, tail conversation.Entry, why conversation.Expire, closed time.Time) (Applied, error) {
	slip := store.SetSlip{Slip: store.Slip{Holder: tail.State.Holder(), After: closed}}
	a, err := d.applyWith(ctx, tail, System, why, slip)
	var unmet *store.Unmet
	if errors.As(err, &unmet) { // has one for that opening
		a, err = d.ApplyAt(ctx, tail, System, why)
	}
	return a, err
}

// fullest returns what would be said to who in the queue that is full, or in the first
// of theirs, and how many conversations the advisors of these queues can have at once.
func (d *Desk) fullest(ctx context.Context, who conversation.Caller) (decision admission.Decision, slots int, err error) {
	for i, topic := range queue.TopicsOf(who.Audience) {
		line, err := d.Glance(ctx, topic)
		if err != nil {
			return decision, 0, err
		}
		here, err := d.Admit(ctx, who, line)
		if err != nil {
			return decision, 0, err
		}
		if i == 0 || decision.State != admission.Full && here.State == admission.Full {
			decision = here
		}
		slots = max(slots, line.Figures.Slots)
	}
	return decision, slots, nil
}
