package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat"
)

// Commit implements chat.Committer.
func (s *Store) Commit(ctx context.Context, step chat.Step) error {
	writes, err := s.writes(step)
	if err != nil {
		return err
	}
	for len(writes) > 0 {
		unsure, err := s.send(ctx, writes)
		refused, known := errors.AsType[refusal](err)
		switch {
		case err == nil:
			return nil
		case !known && unsure:
			return s.look(ctx, writes[0], err)
		case !known:
			return failed("commit", err)
		}
		if writes, err = judge(writes, refused, unsure); err != nil {
			return err
		}
	}
	return nil
}

// A refusal says of each write whether its condition was met.
type refusal []types.CancellationReason

func (refusal) Error() string { return "conditions not met" }

const unmet = "ConditionalCheckFailed" // in a CancellationReason

func (r refusal) unmet(i int) bool { return r[i].Code != nil && *r[i].Code == unmet }

// send makes the writes, all or none, trying until it is known which. It
// returns a refusal if conditions are not met. If unsure, an attempt before the
// last one got no answer.
func (s *Store) send(ctx context.Context, writes []write) (unsure bool, err error) {
	if len(writes) == 1 && !writes[0].token {
		return try(ctx, func(ctx context.Context) error { return s.one(ctx, writes[0]) })
	}
	// The token belongs to this step and no other: an equal one that comes later
	// is meant to be stored too.
	token := rand.Text()
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token}
	for _, w := range writes {
		in.TransactItems = append(in.TransactItems, w.TransactWriteItem)
	}
	return try(ctx, func(ctx context.Context) error {
		_, err := s.client.TransactWriteItems(ctx, in, once)
		if c, ok := errors.AsType[*types.TransactionCanceledException](err); ok && len(c.CancellationReasons) == len(writes) {
			return cancelled(c, writes)
		}
		return err
	})
}

// cancelled returns a refusal if it is certain: it is about the entry, or
// nothing but conditions is in the way.
func cancelled(c *types.TransactionCanceledException, writes []write) error {
	r := refusal(c.CancellationReasons)
	if writes[0].change == nil && r.unmet(0) {
		return r
	}
	found := false
	for i := range r {
		switch {
		case r.unmet(i):
			found = true
		case r[i].Code != nil && *r[i].Code != "None":
			return c
		}
	}
	if !found {
		return c
	}
	return r
}

// one makes one write.
func (s *Store) one(ctx context.Context, w write) error {
	var err error
	switch {
	case w.Put != nil:
		_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: w.Put.TableName, Item: w.Put.Item, ConditionExpression: w.Put.ConditionExpression,
			ExpressionAttributeNames: w.Put.ExpressionAttributeNames, ExpressionAttributeValues: w.Put.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: w.Put.ReturnValuesOnConditionCheckFailure,
		}, once)
	case w.Update != nil:
		_, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: w.Update.TableName, Key: w.Update.Key,
			UpdateExpression: w.Update.UpdateExpression, ConditionExpression: w.Update.ConditionExpression,
			ExpressionAttributeNames: w.Update.ExpressionAttributeNames, ExpressionAttributeValues: w.Update.ExpressionAttributeValues,
		}, once)
	default:
		_, err = s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: w.Delete.TableName, Key: w.Delete.Key, ConditionExpression: w.Delete.ConditionExpression,
			ExpressionAttributeNames: w.Delete.ExpressionAttributeNames, ExpressionAttributeValues: w.Delete.ExpressionAttributeValues,
		}, once)
	}
	if c, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		code := unmet
		return refusal{{Code: &code, Item: c.Item}}
	}
	return err
}

// judge turns a refusal into Lost or Unmet. Without either it returns the
// writes that are left to make, without those that are moot; none if what was
// met is this step's own write, by an attempt that got no answer.
func judge(writes []write, r refusal, unsure bool) ([]write, error) {
	var rest []write
	for i, w := range writes {
		switch {
		case !r.unmet(i):
			rest = append(rest, w)
		case w.moot:
		case unsure && w.Put != nil && same(r[i].Item, w.Put.Item):
			return nil, nil
		default:
			return nil, w.taken(r[i].Item)
		}
	}
	return rest, nil
}

// taken returns what to report where old is in w's way.
func (w write) taken(old item) error {
	if w.change != nil {
		return &chat.Unmet{Change: w.change}
	}
	e, err := entryOf(old)
	if err != nil {
		return fmt.Errorf("read the entry that has the number: %w", err)
	}
	return &chat.Lost{Entry: e}
}

// look finds out what became of writes whose outcome is unknown, by the first of
// them: the entry, if there is one. Nothing there proves nothing, since the
// write may still come.
func (s *Store) look(ctx context.Context, w write, cause error) error {
	if w.Put == nil {
		return failed("commit", cause)
	}
	it, err := s.get(ctx, w.key)
	switch {
	case err != nil:
		return failed("commit", cause)
	case same(it, w.Put.Item):
		return nil
	case w.change == nil:
		return w.taken(it)
	}
	return failed("commit", cause)
}

func same(a, b item) bool { return reflect.DeepEqual(a, b) }
