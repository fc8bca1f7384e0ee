package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat"
)

// guardLife is for how long the guard remembers.
const guardLife = 24 * time.Hour

// CountPass implements chat.Guard. An attempt without an answer may have counted
// too: one more is no harm.
func (s *Store) CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error) {
	w := s.update(passesKey(id, window), "ADD #n :one, #passes :pass SET #expires = :end", "attribute_not_exists(#n) OR #n < :most",
		item{":one": numberOf(1), ":pass": setOf(pass), ":most": numberOf(int64(most)), ":end": numberOf(window.Add(guardLife).Unix())})
	_, err := try(ctx, func(ctx context.Context) error { return s.one(ctx, w) })
	if _, unmet := errors.AsType[refusal](err); unmet {
		return false, nil
	}
	return err == nil, failed("count pass", err)
}

// PassesOf implements chat.Guard.
func (s *Store) PassesOf(ctx context.Context, id string, window time.Time) (passes []string, err error) {
	it, err := s.get(ctx, passesKey(id, window))
	if errors.Is(err, chat.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = unpack(it, func(f *fields) { set(f, "passes", &passes) })
	return passes, err
}

// Enter implements chat.Guard.
func (s *Store) Enter(ctx context.Context, id string, c chat.Connection) ([]chat.Connection, error) {
	end := time.UnixMilli(c.Epoch).Add(guardLife)
	out, err := s.bump(ctx, socketsKey(id), "ADD #open :socket SET #expires = :end",
		item{":socket": setOf(socketOf(c)), ":end": numberOf(end.Unix())})
	if err != nil {
		return nil, failed("enter", err)
	}
	return socketsOf(out)
}

// Leave implements chat.Guard.
func (s *Store) Leave(ctx context.Context, id string, gone ...chat.Connection) error {
	if len(gone) == 0 {
		return nil
	}
	var all []string
	for _, c := range gone {
		all = append(all, socketOf(c))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	w := s.update(socketsKey(id), "DELETE #open :sockets", present, item{":sockets": &types.AttributeValueMemberSS{Value: all}})
	_, err := try(ctx, func(ctx context.Context) error { return s.one(ctx, w) })
	if _, unmet := errors.AsType[refusal](err); unmet { // forgotten
		return nil
	}
	return failed("leave", err)
}

// Sockets implements chat.Guard.
func (s *Store) Sockets(ctx context.Context, id string) ([]chat.Connection, error) {
	it, err := s.get(ctx, socketsKey(id))
	if errors.Is(err, chat.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return socketsOf(it)
}

// bump changes an item unconditionally and returns it as it is then.
func (s *Store) bump(ctx context.Context, k key, change string, values item) (item, error) {
	var out *dynamodb.UpdateItemOutput
	_, err := try(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: k.item(), UpdateExpression: &change,
			ExpressionAttributeNames: names(change), ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
		}, once)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func socketOf(c chat.Connection) string { return fmt.Sprintf("%d#%s", c.Epoch, c.ID) }

func socketsOf(it item) (all []chat.Connection, err error) {
	var open []string
	if err := unpack(it, func(f *fields) { set(f, "open", &open) }); err != nil {
		return nil, err
	}
	for _, s := range open {
		epoch, id, _ := strings.Cut(s, "#")
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("socket %q: %w", s, err)
		}
		all = append(all, chat.Connection{ID: chat.ConnectionID(id), Epoch: n})
	}
	slices.SortFunc(all, older)
	return all, nil
}

// older orders sockets by age, the oldest first.
func older(a, b chat.Connection) int {
	return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.ID, b.ID))
}

// Accesses implements chat.AccessLog.
func (s *Store) Accesses(ctx context.Context, id chat.ConversationID) (all []chat.Access, err error) {
	items, _, err := s.query(ctx, query{pk: accessPartition(id)})
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		var a chat.Access
		if err := unpack(it, func(f *fields) { document(f, doc, &a) }); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func (s *Store) addAccess(c chat.AddAccess) (write, error) {
	return s.put(accessKey(c.Access), absent, nil, func(f *fields) { document(f, doc, &c.Access) })
}
