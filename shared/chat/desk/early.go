package desk

import (
	"context"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/hours"
)

// A citizen who comes shortly before the opening gets a ticket and waits. No conversation is
// given to an advisor before the opening; from then on tickets are served in their order.
// docs/design.md, "Opening".

// A Phase says where the desk is in its day.
type Phase struct {
	Serving bool          // conversations are given to advisors
	Early   bool          // not yet open, and tickets are taken
	Opens   time.Duration // the time until the opening, if Early
	Over    bool          // the desk was closed a moment ago, and some functions may not know it yet
}

// Phase returns the present phase of the desk. It fails only if the rules cannot be read.
func (d *Desk) Phase(ctx context.Context) (Phase, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return Phase{}, err
	}
	return d.PhaseOf(policy, d.Time()), nil
}

// PhaseOf is Phase at the instant t, by a policy.
func (d *Desk) PhaseOf(policy admission.Policy, t time.Time) (p Phase) {
	p.Serving = d.serves(policy.Calendar, t)
	p.Opens, p.Early = policy.OpensSoon(t)
	p.Early = p.Early && !p.Serving // at night, the grace could end after the next opening is near
	p.Over = !p.Serving && !ClosedAt(policy.Calendar, t.Add(-Heard), t).IsZero()
	return p
}

// ends returns when conversations stop being given to advisors: at the end of the grace after
// closing time, or at a closure. It returns zero if that is not within a year.
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

// within limits the estimate of a position to the time left in which citizens are served. If
// more than half of the estimated range is later than that, there is no estimate, and the
// position is Unlikely.
func within(pos Position, left time.Duration) Position {
	if (pos.Low+pos.High)/2 > left {
		pos.Low, pos.High, pos.WaitKnown, pos.Unlikely = 0, 0, false, true
		return pos
	}
	pos.High = min(pos.High, left)
	return pos
}

// until sets the opening time of a position and adds the time until the opening to the
// estimated wait. It does nothing unless the opening is ahead.
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
