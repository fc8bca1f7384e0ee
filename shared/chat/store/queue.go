package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/table"
)

// counter has the numbers of tickets of a shard that were taken and called, and the number of
// the last ticket up to which nothing is stored any more.
type counter struct{ taken, called, erased int }

func counterFields(f *table.Fields, c *counter) {
	table.Integer(f, "taken", &c.taken)
	table.Integer(f, "called", &c.called)
	table.Integer(f, "erased", &c.erased)
}

// count changes the counter of a shard and returns the counter after that. It returns
// code.Conflict if the condition of w is not met.
func (s *overTable) count(ctx context.Context, w table.Write) (c counter, err error) {
	it, err := s.table.Commit(ctx, w.Returning())
	if _, refused := errors.AsType[*table.Refused](err); refused {
		return c, code.Conflict
	}
	if err != nil {
		return c, err
	}
	err = table.Unpack(it, func(f *table.Fields) { counterFields(f, &c) })
	return c, err
}

// Take implements store.Queue. An attempt that got no answer may have taken a ticket that no
// citizen has. The sweep takes such tickets out of the line.
func (s *overTable) Take(ctx context.Context, topic queue.Topic, shard int) (queue.Ticket, int, error) {
	c, err := s.count(ctx, table.Update(counterKey(topic, shard), table.Add("taken", 1)))
	return queue.Ticket{Topic: topic, Shard: shard, N: c.taken}, c.called, err
}

// Call implements store.Queue.
func (s *overTable) Call(ctx context.Context, topic queue.Topic, shard, from, n int) (int, error) {
	so := table.Equal("called", table.Int(from))
	if from == 0 {
		so = table.Or(table.Lacks("called"), so)
	}
	c, err := s.count(ctx, table.Update(counterKey(topic, shard), table.SetTo("called", table.Int(from+n))).
		If(table.And(so, table.GreaterOrEqual("taken", table.Int(from+n)))))
	return c.taken - c.called, err
}

// Line implements store.Queue. Sort keys are chosen so that one query finds everything about a
// shard, and in the first shard also the tickets at the front and the figures.
func (s *overTable) Line(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error) {
	return s.line(ctx, topic, shards, false)
}

// Glance implements store.Queue.
func (s *overTable) Glance(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error) {
	return s.line(ctx, topic, shards, true)
}

func (s *overTable) line(ctx context.Context, topic queue.Topic, shards int, stale bool) (queue.Line, error) {
	l := queue.Line{Shards: make([]queue.Shard, shards)}
	shard := func(i int) error {
		rows, more, err := s.table.Query(ctx, table.Query{Partition: queuePartition(topic, i), Limit: 2 + queue.MaxGone, Stale: stale})
		if err != nil {
			return err
		}
		l.Shards[i].More = more
		for _, r := range rows {
			if err := note(&l, i, r); err != nil {
				return err
			}
		}
		return nil
	}
	if shards == 1 || s.reads == 1 {
		for i := range l.Shards {
			if err := shard(i); err != nil {
				return l, err
			}
		}
		return l, nil
	}
	var g errgroup.Group
	g.SetLimit(s.reads)
	for i := range l.Shards {
		g.Go(func() error { return shard(i) })
	}
	err := g.Wait()
	return l, err
}

// note puts what a row of a shard says into l. Only the first shard has other rows than its
// counter and its gone tickets.
func note(l *queue.Line, shard int, r table.Row) (err error) {
	s := &l.Shards[shard]
	switch {
	case r.Sort == counterName:
		var c counter
		err = table.Unpack(r.Item, func(f *table.Fields) { counterFields(f, &c) })
		s.Taken, s.Called, s.Erased = c.taken, c.called, c.erased
	case r.Sort == figuresName:
		l.Figures, err = documentOf[queue.Figures](r.Item)
	case strings.HasPrefix(r.Sort, gonePrefix):
		var n int
		n, err = strconv.Atoi(r.Sort[len(gonePrefix):])
		s.Gone = append(s.Gone, n)
	case strings.HasPrefix(r.Sort, returnedPrefix):
		var t queue.Ticket
		t, err = documentOf[queue.Ticket](r.Item)
		l.Returned = append(l.Returned, t)
	}
	return err
}

// goneLife is for how long a gone ticket is stored: longer than the desk takes to call the
// tickets after it, even with holidays in between.
const goneLife = 30 * 24 * time.Hour

func gone(c Gone) (table.Write, error) {
	return put(goneKey(c.Ticket), func(f *table.Fields) { table.Expire(f, c.At.Add(goneLife)) })
}
