package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat"
)

// doc is the attribute of items that are one JSON document.
const doc = "doc"

// PutPass implements chat.Passes.
func (s *Store) PutPass(ctx context.Context, p chat.Pass) error {
	w, err := s.put(passKey(p.ID), "", nil, func(f *fields) {
		p.ID = "" // only its hash is stored
		document(f, doc, &p)
		instant(f, until, &p.Expires)
		expire(f, p.Expires)
	})
	if err != nil {
		return err
	}
	_, err = try(ctx, func(ctx context.Context) error { return s.one(ctx, w) })
	return failed("put pass", err)
}

// until is the attribute of a pass that says to the millisecond when it expires.
const until = "until"

// Redeem implements chat.Passes.
func (s *Store) Redeem(ctx context.Context, id string, now time.Time) (p chat.Pass, err error) {
	const condition = "#until > :now"
	var out *dynamodb.DeleteItemOutput
	_, err = try(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &s.table, Key: passKey(id).item(), ConditionExpression: expression(condition),
			ExpressionAttributeNames: names(condition), ExpressionAttributeValues: item{":now": instantOf(now)},
			ReturnValues: types.ReturnValueAllOld,
		}, once)
		return err
	})
	if _, unmet := errors.AsType[*types.ConditionalCheckFailedException](err); unmet {
		return p, chat.NotFound
	}
	if err != nil {
		return p, failed("redeem", err)
	}
	err = unpack(out.Attributes, func(f *fields) { document(f, doc, &p) })
	p.ID = id
	return p, err
}

func escalationOf(it item) (e chat.Escalation, err error) {
	err = unpack(it, func(f *fields) { escalationFields(f, &e, &chat.Entry{}) })
	return e, err
}

// Escalation implements chat.Outbox.
func (s *Store) Escalation(ctx context.Context, id chat.EscalationID) (chat.Escalation, error) {
	it, err := s.get(ctx, outboxKey(id))
	if err != nil {
		return chat.Escalation{}, err
	}
	return escalationOf(it)
}

// Escalations implements chat.Outbox.
func (s *Store) Escalations(ctx context.Context, from string) (page []chat.Escalation, next string, err error) {
	items, next, err := s.page(ctx, outboxPartition, outboxPartitions, from)
	if err != nil {
		return nil, "", err
	}
	for _, it := range items {
		e, err := escalationOf(it)
		if err != nil {
			return nil, "", err
		}
		page = append(page, e)
	}
	return page, next, nil
}

func (s *Store) out(c chat.Out) (write, error) { return s.escalation(c.Escalation, absent) }

func (s *Store) setEscalation(c chat.SetEscalation) (write, error) {
	return s.escalation(c.Escalation, present)
}

func (s *Store) escalation(e chat.Escalation, condition string) (write, error) {
	return s.put(outboxKey(e.ID), condition, nil, func(f *fields) { escalationFields(f, &e, &chat.Entry{}) })
}

func (s *Store) sent(c chat.Sent) write {
	return s.update(outboxKey(c.Escalation), "SET #s = :is, #x = :next", "#s = :was",
		item{":is": textOf(c.Is), ":was": textOf(c.Was), ":next": instantOf(c.Next)})
}

func (s *Store) forget(c chat.Forget) write { return s.delete(outboxKey(c.Escalation), "", nil) }

// Notes implements chat.Notes.
func (s *Store) Notes(ctx context.Context, id chat.ConversationID) (notes []chat.Note, err error) {
	items, _, err := s.query(ctx, query{pk: notePartition(id)})
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		var n chat.Note
		if err := unpack(it, func(f *fields) { document(f, doc, &n) }); err != nil {
			return nil, err
		}
		notes = append(notes, n)
	}
	return notes, nil
}

func (s *Store) addNote(c chat.AddNote) (write, error) {
	return s.put(noteKey(c.Note), absent, nil, func(f *fields) { document(f, doc, &c.Note) })
}

// DeskRules implements chat.Rules.
func (s *Store) DeskRules(ctx context.Context) (r chat.DeskRules, err error) {
	it, err := s.get(ctx, rulesKey)
	if errors.Is(err, chat.NotFound) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	err = unpack(it, func(f *fields) { document(f, doc, &r) })
	return r, err
}

// CopyRules makes the rules of s those of from, with their revision, whatever they were: for a
// table that comes from a backup, whose rules are as old as that.
func (s *Store) CopyRules(ctx context.Context, from *Store) error {
	it, err := from.get(ctx, rulesKey)
	switch {
	case errors.Is(err, chat.NotFound):
		_, err = s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: rulesKey.item()})
	case err == nil:
		_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: it})
	}
	return failed("copy rules", err)
}

func (s *Store) setRules(c chat.SetDeskRules) (write, error) {
	condition, values := absent, item(nil)
	if c.Rules.Rev != 1 {
		condition, values = "#rev = :before", item{":before": numberOf(int64(c.Rules.Rev) - 1)}
	}
	return s.put(rulesKey, condition, values, func(f *fields) {
		document(f, doc, &c.Rules)
		number(f, "rev", &c.Rules.Rev)
	})
}
