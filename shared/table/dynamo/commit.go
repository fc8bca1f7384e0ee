package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/table"
)

// Commit implements table.Table.
func (t *Table) Commit(ctx context.Context, all ...table.Write) (table.Item, error) {
	writes := make([]write, len(all))
	for i, w := range all {
		w.Returns = w.Returns && len(all) == 1
		writes[i] = t.write(i, w)
	}
	for len(writes) > 0 {
		got, unsure, err := t.send(ctx, writes)
		refused, known := errors.AsType[refusal](err)
		switch {
		case err == nil && got != nil:
			return itemOf(got)
		case err == nil:
			return nil, nil
		case !known && unsure:
			return nil, t.look(ctx, writes[0], err)
		case !known:
			return nil, failed("commit", err)
		}
		if writes, err = judge(writes, refused, unsure); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// A write is one in the form that a transaction takes.
type write struct {
	types.TransactWriteItem
	table.Write
	index int // in Commit
}

func (t *Table) write(index int, w table.Write) write {
	var e expression
	var item types.TransactWriteItem
	condition := e.condition(w.Condition)
	switch w.Kind {
	case table.PutItem:
		item.Put = &types.Put{
			TableName: &t.name, Item: put(w.Key, w.Put), ConditionExpression: condition,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}
		item.Put.ExpressionAttributeNames, item.Put.ExpressionAttributeValues = e.names, e.values
	case table.UpdateItem:
		item.Update = &types.Update{TableName: &t.name, Key: keyOf(w.Key), ConditionExpression: condition, UpdateExpression: e.update(w.Changes)}
		item.Update.ExpressionAttributeNames, item.Update.ExpressionAttributeValues = e.names, e.values
	case table.DeleteItem:
		item.Delete = &types.Delete{TableName: &t.name, Key: keyOf(w.Key), ConditionExpression: condition}
		item.Delete.ExpressionAttributeNames, item.Delete.ExpressionAttributeValues = e.names, e.values
	}
	return write{TransactWriteItem: item, Write: w, index: index}
}

// A refusal says of each write whether its condition was met.
type refusal []types.CancellationReason

func (refusal) Error() string { return "conditions not met" }

const unmet = "ConditionalCheckFailed" // in a CancellationReason

func (r refusal) unmet(i int) bool { return r[i].Code != nil && *r[i].Code == unmet }

// send makes the writes, all or none, trying until it is known which. It returns a refusal
// if conditions are not met. If unsure, an attempt before the last one got no answer.
func (t *Table) send(ctx context.Context, writes []write) (got attributes, unsure bool, err error) {
	if len(writes) == 1 && !writes[0].Once {
		unsure, err = try(ctx, func(ctx context.Context) (err error) {
			got, err = t.one(ctx, writes[0])
			return err
		})
		return got, unsure, err
	}
	// The token belongs to this call and no other: equal writes that come later are meant
	// to be made too.
	token := rand.Text()
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token}
	for _, w := range writes {
		in.TransactItems = append(in.TransactItems, w.TransactWriteItem)
	}
	unsure, err = try(ctx, func(ctx context.Context) error {
		_, err := t.client.TransactWriteItems(ctx, in, once)
		if c, ok := errors.AsType[*types.TransactionCanceledException](err); ok && len(c.CancellationReasons) == len(writes) {
			return cancelled(c)
		}
		return err
	})
	return nil, unsure, err
}

// cancelled returns a refusal if it is certain: it is about the first write, or nothing but
// conditions is in the way.
func cancelled(c *types.TransactionCanceledException) error {
	r := refusal(c.CancellationReasons)
	if r.unmet(0) {
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

// one makes one write, and returns the item if it is asked for.
func (t *Table) one(ctx context.Context, w write) (got attributes, err error) {
	switch {
	case w.TransactWriteItem.Put != nil:
		p := w.TransactWriteItem.Put
		_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
			ExpressionAttributeNames: p.ExpressionAttributeNames, ExpressionAttributeValues: p.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: p.ReturnValuesOnConditionCheckFailure,
		}, once)
	case w.Update != nil:
		in := &dynamodb.UpdateItemInput{
			TableName: w.Update.TableName, Key: w.Update.Key,
			UpdateExpression: w.Update.UpdateExpression, ConditionExpression: w.Update.ConditionExpression,
			ExpressionAttributeNames: w.Update.ExpressionAttributeNames, ExpressionAttributeValues: w.Update.ExpressionAttributeValues,
		}
		if w.Returns {
			in.ReturnValues = types.ReturnValueAllNew
		}
		var out *dynamodb.UpdateItemOutput
		if out, err = t.client.UpdateItem(ctx, in, once); err == nil {
			got = out.Attributes
		}
	default:
		in := &dynamodb.DeleteItemInput{
			TableName: w.Delete.TableName, Key: w.Delete.Key, ConditionExpression: w.Delete.ConditionExpression,
			ExpressionAttributeNames: w.Delete.ExpressionAttributeNames, ExpressionAttributeValues: w.Delete.ExpressionAttributeValues,
		}
		if w.Returns {
			in.ReturnValues = types.ReturnValueAllOld
		}
		var out *dynamodb.DeleteItemOutput
		if out, err = t.client.DeleteItem(ctx, in, once); err == nil {
			got = out.Attributes
		}
	}
	if c, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		code := unmet
		return nil, refusal{{Code: &code, Item: c.Item}}
	}
	return got, err
}

// judge turns a refusal into *table.Refused. Without it it returns the writes that are left
// to make, without the optional ones; none if what was met is this call's own write, by an
// attempt that got no answer.
func judge(writes []write, r refusal, unsure bool) ([]write, error) {
	var rest []write
	for i, w := range writes {
		switch {
		case !r.unmet(i):
			rest = append(rest, w)
		case w.Optional:
		case unsure && w.TransactWriteItem.Put != nil && same(r[i].Item, w.TransactWriteItem.Put.Item):
			return nil, nil
		default:
			return nil, w.refused(r[i].Item)
		}
	}
	return rest, nil
}

// refused returns what to report where old is in w's way.
func (w write) refused(old attributes) error {
	it, err := itemOf(old)
	if err != nil {
		return err
	}
	return &table.Refused{Index: w.index, Item: it}
}

// look finds out what became of writes whose outcome is unknown, by the first of them if
// it makes an item. Nothing there proves nothing, since the write may still come.
func (t *Table) look(ctx context.Context, w write, cause error) error {
	if w.TransactWriteItem.Put == nil {
		return failed("commit", cause)
	}
	it, err := t.get(ctx, w.Key)
	switch {
	case err != nil:
		return failed("commit", cause)
	case same(it, w.TransactWriteItem.Put.Item):
		return nil
	case w.Condition.Op == table.OpAbsent:
		// Either ours never came, or what others did since has replaced it: it cannot be made
		// again.
		return w.refused(it)
	}
	return failed("commit", cause)
}

func same(a, b attributes) bool { return reflect.DeepEqual(a, b) }
