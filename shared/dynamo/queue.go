package dynamo

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"infocig/shared/chat"
)

// counter is how many tickets of a topic were taken and called, and up to which
// nothing is left.
type counter struct{ taken, called, erased int }

func counterFields(f *fields, c *counter) {
	number(f, "taken", &c.taken)
	number(f, "called", &c.called)
	number(f, "erased", &c.erased)
}

// count changes the counter of a shard and returns what it is then. It returns
// Conflict if the condition is not met.
func (s *Store) count(ctx context.Context, k key, change, condition string, values item) (c counter, err error) {
	var out *dynamodb.UpdateItemOutput
	_, err = try(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: k.item(),
			UpdateExpression: &change, ConditionExpression: expression(condition),
			ExpressionAttributeNames: names(change, condition), ExpressionAttributeValues: values,
			ReturnValues: types.ReturnValueAllNew,
		}, once)
		return err
	})
	if _, unmet := errors.AsType[*types.ConditionalCheckFailedException](err); unmet {
		return c, chat.Conflict
	}
	if err != nil {
		return c, failed("count", err)
	}
	err = unpack(out.Attributes, func(f *fields) { counterFields(f, &c) })
	return c, err
}

// Take implements chat.Queue.
func (s *Store) Take(ctx context.Context, topic chat.Topic, shard int) (chat.Ticket, int, error) {
	c, err := s.count(ctx, counterKey(topic, shard), "ADD #taken :one", "", item{":one": numberOf(1)})
	return chat.Ticket{Topic: topic, Shard: shard, N: c.taken}, c.called, err
}

// Call implements chat.Queue.
func (s *Store) Call(ctx context.Context, topic chat.Topic, shard, from, n int) (int, error) {
	condition := "#called = :from AND #taken >= :to"
	if from == 0 {
		condition = "(attribute_not_exists(#called) OR #called = :from) AND #taken >= :to"
	}
	c, err := s.count(ctx, counterKey(topic, shard), "SET #called = :to", condition,
		item{":from": numberOf(int64(from)), ":to": numberOf(int64(from + n))})
	return c.taken - c.called, err
}

// Line implements chat.Queue. Sort keys are such that one query finds everything
// about a shard, and in the first also who waits at the front and the figures.
func (s *Store) Line(ctx context.Context, topic chat.Topic, shards int) (chat.Line, error) {
	return s.line(ctx, topic, shards, false)
}

// Glance implements chat.Queue.
func (s *Store) Glance(ctx context.Context, topic chat.Topic, shards int) (chat.Line, error) {
	return s.line(ctx, topic, shards, true)
}

func (s *Store) line(ctx context.Context, topic chat.Topic, shards int, stale bool) (l chat.Line, err error) {
	l.Shards = make([]chat.Shard, shards)
	var g errgroup.Group
	for i := range l.Shards {
		g.Go(func() error {
			items, more, err := s.query(ctx, query{pk: queuePartition(topic, i), limit: 2 + chat.MaxGone, stale: stale})
			if err != nil {
				return err
			}
			l.Shards[i].More = more != ""
			for _, it := range items {
				if err := unpack(it, func(f *fields) { lineFields(f, &l, i) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = g.Wait()
	return l, err
}

// lineFields notes in l what the item, which is of the shard, says. Only the first
// shard has others than its counter and who has left.
func lineFields(f *fields, l *chat.Line, shard int) {
	var sk string
	text(f, SortKey, &sk)
	s := &l.Shards[shard]
	switch {
	case sk == counterName:
		var c counter
		counterFields(f, &c)
		s.Taken, s.Called, s.Erased = c.taken, c.called, c.erased
	case sk == figuresName:
		document(f, doc, &l.Figures)
	case strings.HasPrefix(sk, gonePrefix):
		n, err := strconv.Atoi(sk[len(gonePrefix):])
		f.fail(SortKey, err)
		s.Gone = append(s.Gone, n)
	case strings.HasPrefix(sk, returnedPrefix):
		var t chat.Ticket
		document(f, doc, &t)
		l.Returned = append(l.Returned, t)
	}
}

func (s *Store) returned(c chat.Return) (write, error) {
	return s.put(returnedKey(c.Topic, c.Ticket), "", nil, func(f *fields) { document(f, doc, &c.Ticket) })
}

func (s *Store) unreturn(c chat.Unreturn) write {
	return s.delete(returnedKey(c.Topic, c.Ticket), "", nil)
}

// goneLife is how long a gone ticket is kept: until the desk has called those
// after it, whatever holidays come between.
const goneLife = 30 * 24 * time.Hour

func (s *Store) gone(c chat.Gone) (write, error) {
	return s.put(goneKey(c.Ticket), "", nil, func(f *fields) { expire(f, c.At.Add(goneLife)) })
}

func (s *Store) passed(c chat.Passed) write { return s.delete(goneKey(c.Ticket), "", nil) }

func (s *Store) retained(c chat.Retained) write {
	return s.update(counterKey(c.Ticket.Topic, c.Ticket.Shard), "SET #erased = :n", "", item{":n": numberOf(int64(c.Ticket.N))})
}

func (s *Store) setFigures(c chat.SetFigures) (write, error) {
	return s.put(figuresKey(c.Topic), "", nil, func(f *fields) { document(f, doc, &c.Figures) })
}

// expire marks an item for deletion by DynamoDB some time after t.
func expire(f *fields, t time.Time) { f.item[Expires] = numberOf(t.Unix()) }

// expression returns nil for none.
func expression(e string) *string {
	if e == "" {
		return nil
	}
	return aws.String(e)
}
