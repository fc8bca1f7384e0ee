package chat

import (
	"context"
	"maps"
	"slices"
	"time"

	"infocig/shared/identity"
)

// thresholds are the positions whose change is told at once, in people ahead: from the
// front on each, farther back some. In between pings tell. docs/design.md, "Queue".
var thresholds = []int{0, 1, 2, 3, 4, 5, 10, 20, 50, 100}

// A Mark is how far the line had come at a look, in one shard: Taken tickets, and
// for each threshold the last ticket with at most as many people ahead.
type Mark struct {
	Taken int   `json:"taken"`
	Last  []int `json:"last"`
}

// marks returns how far a line has come.
func (l Line) marks() (all []Mark) {
	for _, s := range l.Shards {
		m := Mark{Taken: s.Taken}
		n := s.Called
		for _, most := range thresholds {
			// With several shards as many are before in each of the others, about.
			for n < s.Taken && len(l.Returned)+len(l.Shards)*s.ahead(n+1) <= most {
				n++
			}
			m.Last = append(m.Last, n)
		}
		all = append(all, m)
	}
	return all
}

// passed returns the tickets that were there at the look before, and have come over a
// threshold since, each once.
func passed(topic Topic, was, is []Mark) (all []Ticket) {
	for i := range min(len(was), len(is)) {
		told := map[int]bool{}
		for k := range min(len(was[i].Last), len(is[i].Last)) {
			for n := was[i].Last[k] + 1; n <= min(is[i].Last[k], was[i].Taken); n++ {
				if !told[n] {
					told[n] = true
					all = append(all, Ticket{Topic: topic, Shard: i, N: n})
				}
			}
		}
	}
	return all
}

// tellPositions pushes their position to those who wait in line and have come over a
// threshold since the look before, and returns how far the line has come. What is not
// told now a ping tells.
func (s *sweep) tellPositions(ctx context.Context, topic Topic) []Mark {
	line := s.lines[topic]
	is := line.marks()
	for _, t := range passed(topic, line.Figures.Marks, is) {
		if !s.waiting[t.Conversation()] {
			continue
		}
		tail, err := s.Store.Tail(ctx, t.Conversation())
		if err == nil && tail.State.Status == Queued && !tail.State.Returned {
			err = s.tellPosition(ctx, line, tail)
		}
		if err != nil {
			s.Log.WarnContext(ctx, "cannot tell a position", "conversation", t.Conversation(), "err", err)
		}
	}
	return is
}

// newcomer is for how long an advisor counts as one who does not know the queues yet: two looks.
const newcomer = 20 * time.Second

// tellQueues tells the advisors how many wait, where that has changed, and those who have
// just come.
func (s *sweep) tellQueues(ctx context.Context, all []InQueue, moved bool) {
	now := s.now()
	var who []Advisor
	for _, id := range slices.Sorted(maps.Keys(s.advisors)) {
		if a := s.advisors[id]; a.There(now) && (moved || now.Sub(time.UnixMilli(a.Epoch)) < newcomer) {
			who = append(who, a)
		}
	}
	_ = each(s.Parallel, len(who), func(i int) error {
		a := who[i]
		own := slices.DeleteFunc(slices.Clone(all), func(q InQueue) bool { return !slices.Contains(a.Topics, q.Topic) })
		s.pushAdvisor(ctx, Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, Queues{Waiting: own})
		return nil
	})
}

func (s *sweep) tellPosition(ctx context.Context, line Line, tail Entry) error {
	p, err := s.positionIn(ctx, line, tail)
	if err != nil {
		return err
	}
	s.Told++
	_ = s.push(ctx, identity.SideCitizen, tail.State.Citizen, p)
	return nil
}
