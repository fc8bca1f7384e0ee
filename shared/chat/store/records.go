package store

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat"
	"infocig/shared/code"
	"infocig/shared/table"
)

// PutPass implements chat.Passes.
func (s *overTable) PutPass(ctx context.Context, p chat.Pass) error {
	w, err := put(passKey(p.ID), func(f *table.Fields) {
		p.ID = "" // only its hash is stored
		table.Document(f, doc, &p)
		table.Instant(f, until, &p.Expires)
		table.Expire(f, p.Expires)
	})
	if err == nil {
		_, err = s.table.Commit(ctx, w)
	}
	return err
}

// until is the attribute of a pass that says to the millisecond when it expires.
const until = "until"

// Redeem implements chat.Passes.
func (s *overTable) Redeem(ctx context.Context, id string, now time.Time) (chat.Pass, error) {
	it, err := s.table.Commit(ctx, table.Delete(passKey(id)).If(table.Greater(until, table.InstantOf(now))).Returning())
	if _, refused := errors.AsType[*table.Refused](err); refused {
		err = code.NotFound
	}
	if err != nil {
		return chat.Pass{}, err
	}
	p, err := documentOf[chat.Pass](it)
	p.ID = id
	return p, err
}

func escalationOf(r table.Row) (e chat.Escalation, err error) {
	err = table.Unpack(r.Item, func(f *table.Fields) { escalationFields(f, &e, &chat.Entry{}) })
	return e, err
}

// Escalation implements chat.Outbox.
func (s *overTable) Escalation(ctx context.Context, id chat.EscalationID) (chat.Escalation, error) {
	it, err := s.table.Get(ctx, outboxKey(id))
	if err != nil {
		return chat.Escalation{}, err
	}
	return escalationOf(table.Row{Item: it})
}

// Escalations implements chat.Outbox.
func (s *overTable) Escalations(ctx context.Context, from string) (page []chat.Escalation, next string, err error) {
	return paged(ctx, s, outboxPartition, outboxPartitions, from, escalationOf)
}

func escalation(e chat.Escalation) (table.Write, error) {
	return put(outboxKey(e.ID), func(f *table.Fields) { escalationFields(f, &e, &chat.Entry{}) })
}

func sent(c chat.Sent) table.Write {
	return table.Update(outboxKey(c.Escalation), table.SetTo("s", table.StringOf(c.Is)), table.SetTo("x", table.InstantOf(c.Next))).
		If(table.Equal("s", table.StringOf(c.Was)))
}

// Notes implements chat.Notes.
func (s *overTable) Notes(ctx context.Context, id chat.ConversationID) ([]chat.Note, error) {
	return documents[chat.Note](ctx, s, notePartition(id))
}

// DeskRules implements chat.Rules.
func (s *overTable) DeskRules(ctx context.Context) (chat.DeskRules, error) {
	it, err := s.table.Get(ctx, rulesKey)
	switch {
	case errors.Is(err, code.NotFound):
		return chat.DeskRules{}, nil
	case err != nil:
		return chat.DeskRules{}, err
	}
	return documentOf[chat.DeskRules](it)
}

// CopyRules makes the rules in a table those of another, with their revision, whatever they
// were: for a table that comes from a backup, whose rules are as old as that.
func CopyRules(ctx context.Context, to, from table.Table) error {
	it, err := from.Get(ctx, rulesKey)
	switch {
	case errors.Is(err, code.NotFound):
		_, err = to.Commit(ctx, table.Delete(rulesKey))
	case err == nil:
		_, err = to.Commit(ctx, table.Put(rulesKey, it))
	}
	return err
}

func setRules(c chat.SetDeskRules) (table.Write, error) {
	w, err := put(rulesKey, func(f *table.Fields) {
		table.Document(f, doc, &c.Rules)
		table.Integer(f, "rev", &c.Rules.Rev)
	})
	if c.Rules.Rev == 1 {
		return w.If(table.Absent()), err
	}
	return w.If(table.Equal("rev", table.Int(c.Rules.Rev-1))), err
}
