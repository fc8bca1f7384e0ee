package upkeep

import (
	"context"
	"maps"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
)

// tellsAt reports whether the sweep at t tells all clients of the closing c; last is the
// instant of the sweep before. It is true for the first sweep after the notice is due. For an
// emergency closure it is also true for the first sweep after every function has read the
// rules again, because the operator's own command may have failed to tell all.
func (d *Service) tellsAt(c desk.Closing, last, t time.Time) bool {
	first := func(due time.Time) bool { return last.Before(due) && !t.Before(due) }
	return first(c.At.Add(-d.Times.Notice)) || c.Reason != "" && first(c.At.Add(desk.Heard))
}

// tellClosing tells the advisors of the closing if it is this sweep's task (tellsAt). It
// returns what the sweep is to tell the citizens, or nil.
func (s *sweep) tellClosing(ctx context.Context) *desk.Closing {
	now := s.Time()
	c := s.ClosingAt(s.policy.Calendar, now)
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

// tellAdvisor tells an advisor of the closing, if the advisor is there.
func (d *Service) tellAdvisor(ctx context.Context, a conversation.Advisor, c desk.Closing) {
	if a.There(d.Time()) {
		d.PushAdvisor(ctx, conversation.Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, c)
	}
}

// tellCitizens tells the citizens of a page of live conversations, running or waiting. A
// citizen who is missed is told when the client connects again.
func (d *Service) tellCitizens(ctx context.Context, page []store.Live, c *desk.Closing) {
	if c == nil {
		return
	}
	_ = desk.Each(d.Parallel, len(page), func(i int) error {
		tail, err := d.Store.Tail(ctx, page[i].Conversation)
		if err != nil {
			d.Log.WarnContext(ctx, "cannot tell of the closing", "conversation", page[i].Conversation, "err", err)
		} else if tail.State.Status != conversation.StatusEnded {
			d.PushCitizen(ctx, tail, *c)
		}
		return nil
	})
}
