package desk

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
type Phase struct {
	Serving bool          // conversations are given to advisors; serves
	Early   bool          // it opens in opens, and tickets are taken
	Opens   time.Duration // if early
	Over    bool          // it was closed a moment ago, and not every function may know
}

// Phase returns where the desk is now.
func (d *Desk) Phase(ctx context.Context) (Phase, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return Phase{}, err
	}
	return d.PhaseOf(policy, d.Time()), nil
}

// PhaseOf is Phase at t, by a policy.
func (d *Desk) PhaseOf(policy admission.Policy, t time.Time) (p Phase) {
	p.Serving = d.serves(policy.Calendar, t)
	p.Opens, p.Early = policy.OpensSoon(t)
	p.Early = p.Early && !p.Serving // at night a grace could end later than the next opening is near
	p.Over = !p.Serving && !ClosedAt(policy.Calendar, t.Add(-Heard), t).IsZero()
	return p
}

// ends returns when conversations stop being given to advisors, zero if not within a
// year: at the end of the grace after the closing time, or at a closure.
func (d *Desk) ends(c hours.Calendar, t time.Time) time.Time {
	s := c.At(t)
	closes := s.Until
	if !s.Open {
		closes = ClosedAt(c, t.Add(-d.Times.Grace), t)
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

// until sets the opening time of a position and, before the opening, adds the time until then
// to the estimated wait.
func (p Phase) until(pos Position, now time.Time) Position {
	if !p.Early {
		return pos
	}
	pos.Opens = now.Add(p.Opens)
	if pos.WaitKnown {
		pos.Low, pos.High = pos.Low+p.Opens, pos.High+p.Opens
	}
	return pos
}
