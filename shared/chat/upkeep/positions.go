package upkeep

import (
	"context"
	"maps"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// tellPositions pushes their position to the citizens in line who have come over a threshold
// since the sweep before. It returns how far the line has come. A citizen whom it does not
// reach learns the position from the answer to the next ping.
func (s *sweep) tellPositions(ctx context.Context, topic queue.Topic) []queue.Mark {
	line := s.lines[topic]
	is := line.Marks()
	for _, t := range queue.Passed(topic, line.Figures.Marks, is) {
		if !s.waiting[t.Conversation()] {
			continue
		}
		tail, err := s.Store.Tail(ctx, t.Conversation())
		if err == nil && tail.State.Status == conversation.Queued && !tail.State.Returned {
			err = s.tellPosition(ctx, line, tail)
		}
		if err != nil {
			s.Log.WarnContext(ctx, "cannot tell a position", "conversation", t.Conversation(), "err", err)
		}
	}
	return is
}

// newcomer is for how long an advisor counts as one who has not been told the queues yet: two
// sweeps.
const newcomer = 20 * time.Second

// tellQueues tells all advisors how many citizens wait if a number has changed, and otherwise
// the advisors who have just come.
func (s *sweep) tellQueues(ctx context.Context, all []desk.InQueue, moved bool) {
	now := s.Time()
	var who []conversation.Advisor
	for _, id := range slices.Sorted(maps.Keys(s.advisors)) {
		if a := s.advisors[id]; a.There(now) && (moved || now.Sub(time.UnixMilli(a.Epoch)) < newcomer) {
			who = append(who, a)
		}
	}
	_ = desk.Each(s.Parallel, len(who), func(i int) error {
		a := who[i]
		own := slices.DeleteFunc(slices.Clone(all), func(q desk.InQueue) bool { return !slices.Contains(a.Topics, q.Topic) })
		s.PushAdvisor(ctx, conversation.Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, desk.Queues{Waiting: own})
		return nil
	})
}

func (s *sweep) tellPosition(ctx context.Context, line queue.Line, tail conversation.Entry) error {
	p, err := s.PositionIn(ctx, line, tail)
	if err != nil {
		return err
	}
	s.Told++
	_ = s.PushTo(ctx, identity.SideCitizen, tail.State.Citizen, p)
	return nil
}
