package chat

import (
	"context"
	"maps"
	"slices"
	"time"

	"infocig/shared/hours"
)

// A Closing says that the desk closes soon, or has closed within the grace. It is
// an event, and the same for everybody: twice does no harm.
type Closing struct {
	At     time.Time // when nobody new comes in any more
	Until  time.Time // by when running conversations are asked to finish
	Reason string    // of the closure; "" at the end of the usual hours
}

func (Closing) event() {}

// Closing returns what whoever connects now is told of the closing, nil if it is
// not near, or the rules cannot be read.
func (d *Desk) Closing(ctx context.Context) *Closing {
	policy, err := d.Policy(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot tell the closing time", "err", err)
		return nil
	}
	return d.closing(policy.Calendar, d.now())
}

func (d *Desk) closing(c hours.Calendar, t time.Time) *Closing {
	s := c.At(t)
	at := s.Until
	if !s.Open {
		at = closedAt(c, t.Add(-d.Times.Grace), t)
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

// closedAt returns when the desk closed last after from and until t, zero if it did not.
func closedAt(c hours.Calendar, from, t time.Time) (at time.Time) {
	for s := c.At(from); !s.Until.IsZero() && !s.Until.After(t); s = c.At(s.Until) {
		if s.Open {
			at = s.Until
		}
	}
	return at
}

// tellsAt reports whether a look at t tells of c to everybody: the first one since
// notice is due, however late, and the first one by which every function knows of
// a closure, should whoever made it not have told all. The look before was at last.
func (d *Desk) tellsAt(c Closing, last, t time.Time) bool {
	first := func(due time.Time) bool { return last.Before(due) && !t.Before(due) }
	return first(c.At.Add(-d.Times.Notice)) || c.Reason != "" && first(c.At.Add(heard))
}

// tellClosing tells the advisors of the closing, if this look is the one, and returns
// what citizens are to be told, or nil.
func (s *sweep) tellClosing(ctx context.Context) *Closing {
	now := s.now()
	c := s.closing(s.policy.Calendar, now)
	if c == nil {
		return nil
	}
	last := now
	for _, line := range s.lines {
		if at := line.Figures.At; at.Before(last) {
			last = at
		}
	}
	if !s.tellsAt(*c, last, now) {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(s.advisors)) {
		s.tellAdvisor(ctx, s.advisors[id], *c)
	}
	return c
}

// tellAdvisor tells an advisor who is there.
func (d *Desk) tellAdvisor(ctx context.Context, a Advisor, c Closing) {
	if a.There(d.now()) {
		d.pushAdvisor(ctx, Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, c)
	}
}

// tellCitizens tells those of a page of live conversations, running or waiting. Who is
// missed hears of it when they connect again.
func (d *Desk) tellCitizens(ctx context.Context, page []Live, c *Closing) {
	if c == nil {
		return
	}
	_ = each(d.Parallel, len(page), func(i int) error {
		tail, err := d.Store.Tail(ctx, page[i].Conversation)
		if err != nil {
			d.Log.WarnContext(ctx, "cannot tell of the closing", "conversation", page[i].Conversation, "err", err)
		} else if tail.State.Status != StatusEnded {
			d.pushCitizen(ctx, tail, *c)
		}
		return nil
	})
}
