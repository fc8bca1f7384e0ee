package upkeep

import (
	"context"
	"errors"
	"slices"
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// dropOrphans takes tickets out of the line that no citizen has: the function that took such a
// ticket died before it stored the conversation, or never got the reply. Otherwise the
// citizens behind it would be told of a person who is not there. A ticket that was taken
// longer ago than a function runs has its conversation by now, or never gets one.
//
// dropOrphans also deletes the records of gone tickets that were called since.
func (s *sweep) dropOrphans(ctx context.Context, topic queue.Topic) error {
	line := s.lines[topic]
	for i, shard := range line.Shards {
		for _, n := range shard.Gone {
			if n <= shard.Called {
				if err := s.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Passed{Ticket: queue.Ticket{Topic: topic, Shard: i, N: n}}}}); err != nil {
					return err
				}
			}
		}
		if i < len(line.Figures.Taken) && s.counted(topic) {
			if err := s.dropOrphansOf(ctx, topic, i, shard, line.Figures.Taken[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// orphanDepth is how many tickets from the front on are checked for orphans. Farther back a
// position need not be exact.
const orphanDepth = 200

func (s *sweep) dropOrphansOf(ctx context.Context, topic queue.Topic, i int, shard queue.Shard, counted int) error {
	for n := shard.Called + 1; n <= min(counted, shard.Taken, shard.Called+orphanDepth); n++ {
		t := queue.Ticket{Topic: topic, Shard: i, N: n}
		if _, gone := slices.BinarySearch(shard.Gone, n); gone || s.waiting[t.Conversation()] {
			continue
		}
		if _, err := s.Store.Tail(ctx, t.Conversation()); !errors.Is(err, code.NotFound) {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Gone{Ticket: t, At: s.Time()}}}); err != nil {
			return err
		}
	}
	return nil
}

// orphanAge is the age at which a ticket without a conversation is an orphan. A function runs
// for at most orphanAge/2.
const orphanAge = 30 * time.Second

// counted reports whether the tickets of topic were counted at least orphanAge ago.
func (s *sweep) counted(topic queue.Topic) bool {
	return s.Time().Sub(s.lines[topic].Figures.Counted) >= orphanAge
}

// full reports whether a line has no room before closing for another citizen.
func (s *sweep) full(line queue.Line) bool {
	return s.policy.Full(s.Time(), s.Load(line))
}

// wentFirst returns the conversations that an advisor has though their tickets are still to be
// called.
func (s *sweep) wentFirst(topic queue.Topic) (all []queue.ConversationID) {
	for _, a := range s.advisors {
		for _, id := range a.Open {
			if t, ok := queue.TicketOf(id); ok && t.Topic == topic && !s.lines[topic].WasCalled(t) {
				all = append(all, id)
			}
		}
	}
	slices.Sort(all)
	return all
}

// figures returns the change that sets the topic's figures: the slots of the advisors present,
// the counts of the line, and what was learned since the sweep before.
func (s *sweep) figures(topic queue.Topic) store.SetFigures {
	line := s.lines[topic]
	was := line.Figures
	f := queue.Figures{At: s.Time(), Taken: was.Taken, Counted: was.Counted, Called: line.Called(), Total: line.Taken()}
	if s.counted(topic) {
		f.Taken, f.Counted = nil, f.At
		for _, shard := range line.Shards {
			f.Taken = append(f.Taken, shard.Taken)
		}
	}
	for _, a := range s.advisors {
		if a.Serves(topic, f.At) {
			f.Slots += a.Capacity
		}
		f.Free += a.Free(topic, f.At)
	}
	passed := 0 // tickets called whose citizens had left
	for _, shard := range line.Shards {
		for _, n := range shard.Gone {
			if n <= shard.Called {
				passed++
			}
		}
	}
	for id := range s.waiting {
		if t, ok := queue.TicketOf(id); ok && t.Topic == topic {
			f.Waiting++
		}
	}
	f.First = s.wentFirst(topic)
	begun := f.Called - was.Called - passed
	for _, id := range f.First { // as if their tickets had been called
		if !slices.Contains(was.First, id) {
			begun++
		}
	}
	if f.FullSince = was.FullSince; !s.full(line) {
		f.FullSince = time.Time{}
	} else if f.FullSince.IsZero() {
		f.FullSince = f.At
	}
	f.Learn(was, begun, f.Total-was.Total-begun-(f.Waiting-was.Waiting))
	return store.SetFigures{Topic: topic, Figures: f}
}
