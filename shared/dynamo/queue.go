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

	"infocig/shared/chat"
)

// counter is how many tickets of a topic were taken and called.
type counter struct{ taken, called int }

func counterFields(f *fields, c *counter) {
	number(f, "taken", &c.taken)
	number(f, "called", &c.called)
}

// count changes the counter of a topic and returns what it is then. It returns
// NotFound if the condition is not met.
func (s *Store) count(ctx context.Context, topic chat.Topic, change, condition string, values item) (c counter, err error) {
	var out *dynamodb.UpdateItemOutput
	_, err = try(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: counterKey(topic).item(),
			UpdateExpression: &change, ConditionExpression: expression(condition),
			ExpressionAttributeNames: names(change, condition), ExpressionAttributeValues: values,
			ReturnValues: types.ReturnValueAllNew,
		}, once)
		return err
	})
	if _, unmet := errors.AsType[*types.ConditionalCheckFailedException](err); unmet {
		return c, chat.NotFound
	}
	if err != nil {
		return c, failed("count", err)
	}
	return c, unpack(out.Attributes, func(f *fields) { counterFields(f, &c) })
}

// Take implements chat.Queue.
func (s *Store) Take(ctx context.Context, topic chat.Topic) (chat.Ticket, int, error) {
	c, err := s.count(ctx, topic, "ADD #taken :one", "", item{":one": numberOf(1)})
	return chat.Ticket{Topic: topic, N: c.taken}, c.called, err
}

// Call implements chat.Queue.
func (s *Store) Call(ctx context.Context, topic chat.Topic) (chat.Ticket, int, error) {
	c, err := s.count(ctx, topic, "SET #called = if_not_exists(#called, :none) + :one",
		"attribute_exists(#taken) AND (attribute_not_exists(#called) OR #called < #taken)",
		item{":none": numberOf(0), ":one": numberOf(1)})
	if err != nil {
		return chat.Ticket{}, 0, err
	}
	return chat.Ticket{Topic: topic, N: c.called}, c.taken - c.called, nil
}

// Line implements chat.Queue. Sort keys are such that one query, from the gone
// tickets that still matter on, finds everything.
func (s *Store) Line(ctx context.Context, topic chat.Topic) (l chat.Line, err error) {
	s.mu.Lock()
	seen := s.called[topic]
	s.mu.Unlock()
	items, _, err := s.query(ctx, query{pk: queuePartition(topic), after: gonePrefix + number10(seen)})
	if err != nil {
		return l, err
	}
	for _, it := range items {
		if err := unpack(it, func(f *fields) { lineFields(f, topic, &l) }); err != nil {
			return l, err
		}
	}
	for len(l.Gone) > 0 && l.Gone[0] <= l.Called {
		l.Gone = l.Gone[1:]
	}
	if len(l.Gone) == 0 {
		l.Gone = nil
	}
	s.mu.Lock()
	s.called[topic] = max(s.called[topic], l.Called)
	s.mu.Unlock()
	return l, nil
}

// lineFields notes in l what the item says.
func lineFields(f *fields, topic chat.Topic, l *chat.Line) {
	var sk string
	text(f, SortKey, &sk)
	switch {
	case sk == counterKey(topic).sk:
		var c counter
		counterFields(f, &c)
		l.Taken, l.Called = c.taken, c.called
	case sk == figuresKey(topic).sk:
		figuresFields(f, &l.Figures)
	case strings.HasPrefix(sk, gonePrefix):
		n, err := strconv.Atoi(sk[len(gonePrefix):])
		f.fail(SortKey, err)
		l.Gone = append(l.Gone, n)
	case strings.HasPrefix(sk, returnedPrefix):
		var t chat.Ticket
		document(f, doc, &t)
		l.Returned = append(l.Returned, t)
	}
}

func figuresFields(f *fields, v *chat.Figures) {
	number(f, "slots", &v.Slots)
	number(f, "taken", &v.Taken)
	instant(f, "counted", &v.Counted)
	instant(f, "at", &v.At)
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
	return s.put(goneKey(c.Ticket), "", nil, func(f *fields) { expire(f, time.Now().Add(goneLife)) })
}

func (s *Store) setFigures(c chat.SetFigures) (write, error) {
	return s.put(figuresKey(c.Topic), "", nil, func(f *fields) { figuresFields(f, &c.Figures) })
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
