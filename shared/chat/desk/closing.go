package desk

import (
	"context"
	"time"

	"infocig/shared/hours"
)

// A Closing says that the desk closes soon, or has closed within the grace. It is an event,
// the same for every client; to receive it twice does no harm.
type Closing struct {
	At     time.Time // when no new citizen is let in any more
	Until  time.Time // the instant by which running conversations are asked to finish
	Reason string    // of the closure; "" at the end of the usual hours
}

func (Closing) event() {}

// Closing returns what a client that connects now is told of the closing. It returns nil if
// the closing is not near, or the rules cannot be read.
func (d *Desk) Closing(ctx context.Context) *Closing {
	policy, err := d.Policy(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot tell the closing time", "err", err)
		return nil
	}
	return d.ClosingAt(policy.Calendar, d.Time())
}

// ClosingAt is Closing at the instant t, by a calendar.
func (d *Desk) ClosingAt(c hours.Calendar, t time.Time) *Closing {
	s := c.At(t)
	at := s.Until
	if !s.Open {
		at = ClosedAt(c, t.Add(-d.Times.Grace), t)
	}
	if at.IsZero() || at.Sub(t) > d.Times.Notice {
		return nil
	}
	notice := &Closing{At: at.UTC(), Until: at.Add(d.Times.Grace).UTC()}
	if why := c.At(at); why.Reason == hours.OnClosure {
		notice.Reason = why.Name
	}
	return notice
}

// ClosedAt returns when the desk closed last in the time after from and up to t; zero if it
// did not.
func ClosedAt(c hours.Calendar, from, t time.Time) (at time.Time) {
	for s := c.At(from); !s.Until.IsZero() && !s.Until.After(t); s = c.At(s.Until) {
		if s.Open {
			at = s.Until
		}
	}
	return at
}
