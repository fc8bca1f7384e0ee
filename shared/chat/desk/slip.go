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

// A citizen who comes when the desk is full for today gets a slip on request. At the next
// opening citizens with a slip are served before citizens without one. docs/design.md,
// "Closing".

// How many slips there are for an opening: one for each slot, but at least leastSlips and at
// most mostSlips. That is about the first round of conversations, so that citizens without a
// slip do not wait for long, and no more than a Line lists.
const (
	leastSlips = 10
	mostSlips  = 50
)

// slipOpens returns the opening at which a slip of the closing after lets its holder go first:
// the first one after that closing. It returns zero if there is none within a year.
func slipOpens(c hours.Calendar, after time.Time) time.Time {
	if after.IsZero() {
		return time.Time{}
	}
	return c.NextOpening(after)
}

// slipHolds reports whether a slip of the closing after lets its holder go first at t. It
// holds from the time when tickets are given for its opening until the end of that service
// day.
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

// dayOf returns the date of t in Italy.
func dayOf(t time.Time) string { return t.In(hours.Rome()).Format(time.DateOnly) }

// WithSlip returns the caller with the caller's slip, if there is one. It returns no code of
// its own.
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
	From  time.Time // when tickets are given
	Now   bool      // it is that day, and tickets are given: a citizen who joins goes first
}

// TurnOf returns what the caller's slip gives. It reports false if there is no slip, or its
// day is over. It fails only if the rules cannot be read.
func (d *Desk) TurnOf(ctx context.Context, who conversation.Caller) (Turn, bool, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return Turn{}, false, err
	}
	opens := slipOpens(policy.Calendar, who.Slip)
	now := slipHolds(policy.Calendar, who.Slip, d.Time())
	return Turn{Opens: opens, From: opens.Add(-admission.Early), Now: now}, now || d.Time().Before(opens), nil
}

// ErrNoSlips says that all slips for the next opening are given, or that no opening is known.
var ErrNoSlips = fmt.Errorf("%w: no slips are left", code.Conflict)

// Reserve gives the caller a slip for the next opening if one of the caller's queues is full
// for today. A caller who has a slip for that opening keeps it. If no queue is full, there is
// no slip, and the decision says what to do instead. Reserve returns code.Conflict if the
// caller has a live conversation, and ErrNoSlips, which is a Conflict, too.
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
		if who, err = d.WithSlip(ctx, who); err == nil && !who.Slip.Equal(after) { // not by another tab of the same citizen
			err = ErrNoSlips
		}
		return decision, who, err
	}
	who.Slip = after
	return decision, who, err
}

// NotServed ends a conversation that waits when the desk has closed at that instant. Its
// citizen came in time and was not served, so the citizen gets a slip for the next opening
// without asking, whatever the number of slips given. NotServed returns no code of its own.
func (d *Desk) NotServed(ctx context.Context, tail conversation.Entry, why conversation.Expire, closed time.Time) (Applied, error) {
	slip := store.SetSlip{Slip: store.Slip{Holder: tail.State.Holder(), After: closed}}
	a, err := d.applyWith(ctx, tail, System, why, slip)
	var unmet *store.Unmet
	if errors.As(err, &unmet) { // the citizen has a slip for that opening
		a, err = d.ApplyAt(ctx, tail, System, why)
	}
	return a, err
}

// fullest returns the decision for the first of the caller's queues that is full, or else for
// the first queue. It also returns the largest number of slots that one of these queues has.
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
