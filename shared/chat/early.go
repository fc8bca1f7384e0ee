package chat

import (
	"context"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/hours"
)

// Whoever comes shortly before the opening gets a ticket and waits; nobody is given
// to an advisor before the opening, and from then on tickets go in their order.
// docs/design.md, "Opening".

// phase is where the desk is in its day.
type phase struct {
	serving bool          // conversations are given to advisors; serves
	early   bool          // it opens in opens, and tickets are taken
	opens   time.Duration // if early
	over    bool          // it was closed a moment ago, and not every function may know
}

// phase returns where the desk is now.
func (d *Desk) phase(ctx context.Context) (phase, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return phase{}, err
	}
	return d.phaseOf(policy, d.now()), nil
}

func (d *Desk) phaseOf(policy admission.Policy, t time.Time) (p phase) {
	p.serving = d.serves(policy.Calendar, t)
	p.opens, p.early = policy.OpensSoon(t)
	p.early = p.early && !p.serving // at night a grace could end later than the next opening is near
	p.over = !p.serving && !closedAt(policy.Calendar, t.Add(-heard), t).IsZero()
	return p
}

// ends returns when conversations stop being given to advisors, zero if not within a
// year: at the end of the grace after the closing time, or at a closure.
func (d *Desk) ends(c hours.Calendar, t time.Time) time.Time {
	s := c.At(t)
	closes := s.Until
	if !s.Open {
		closes = closedAt(c, t.Add(-d.Times.Grace), t)
	}
	if closes.IsZero() || c.Is(closes).Reason == hours.OnClosure {
		return closes
	}
	return closes.Add(d.Times.Grace)
}

// within keeps the estimate of a position to the time that is left, in which anybody is
// served. Where more than half of the range is past the end there is none.
func within(pos Position, left time.Duration) Position {
	if (pos.Low+pos.High)/2 > left {
		pos.Low, pos.High, pos.WaitKnown, pos.Unlikely = 0, 0, false, true
		return pos
	}
	pos.High = min(pos.High, left)
	return pos
}

// until adds to a position when the desk opens, and the time until then to its wait.
func (p phase) until(pos Position, now time.Time) Position {
	if !p.early {
		return pos
	}
	pos.Opens = now.Add(p.opens)
	if pos.WaitKnown {
		pos.Low, pos.High = pos.Low+p.opens, pos.High+p.opens
	}
	return pos
}
