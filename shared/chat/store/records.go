package store

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/table"
)

// PutPass implements store.Passes.
func (s *overTable) PutPass(ctx context.Context, p Pass) error {
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

// until is the attribute of a pass with the instant at which it expires, to the millisecond.
const until = "until"

// Redeem implements store.Passes.
func (s *overTable) Redeem(ctx context.Context, id string, now time.Time) (Pass, error) {
	it, err := s.table.Commit(ctx, table.Delete(passKey(id)).If(table.Greater(until, table.InstantOf(now))).Returning())
	if _, refused := errors.AsType[*table.Refused](err); refused {
		err = code.NotFound
	}
	if err != nil {
		return Pass{}, err
	}
	p, err := documentOf[Pass](it)
	p.ID = id
	return p, err
}

func escalationOf(r table.Row) (e conversation.Escalation, err error) {
	err = table.Unpack(r.Item, func(f *table.Fields) { escalationFields(f, &e, &conversation.Entry{}) })
	return e, err
}

// Escalation implements store.Outbox.
func (s *overTable) Escalation(ctx context.Context, id conversation.EscalationID) (conversation.Escalation, error) {
	it, err := s.table.Get(ctx, outboxKey(id))
	if err != nil {
		return conversation.Escalation{}, err
	}
	return escalationOf(table.Row{Item: it})
}

// Escalations implements store.Outbox.
func (s *overTable) Escalations(ctx context.Context, from string) (page []conversation.Escalation, next string, err error) {
	return paged(ctx, s, outboxPartition, outboxPartitions, from, escalationOf)
}

func escalation(e conversation.Escalation) (table.Write, error) {
	return put(outboxKey(e.ID), func(f *table.Fields) { escalationFields(f, &e, &conversation.Entry{}) })
}

func sent(c Sent) table.Write {
	return table.Update(outboxKey(c.Escalation), table.SetTo("s", table.StringOf(c.Is)), table.SetTo("x", table.InstantOf(c.Next))).
		If(table.Equal("s", table.StringOf(c.Was)))
}

// Notes implements store.Notes.
func (s *overTable) Notes(ctx context.Context, id queue.ConversationID) ([]conversation.Note, error) {
	return documents[conversation.Note](ctx, s, notePartition(id))
}

// DeskRules implements store.Rules.
func (s *overTable) DeskRules(ctx context.Context) (DeskRules, error) {
	it, err := s.table.Get(ctx, rulesKey)
	switch {
	case errors.Is(err, code.NotFound):
		return DeskRules{}, nil
	case err != nil:
		return DeskRules{}, err
	}
	return documentOf[DeskRules](it)
}

// CopyRules replaces the rules in the table to, if any, with the rules in the table from, with
// their revision. It is for a table that was restored from a backup, whose rules are as old as
// the backup. If from has no rules, it deletes the rules in to.
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

func setRules(c SetDeskRules) (table.Write, error) {
	w, err := put(rulesKey, func(f *table.Fields) {
		table.Document(f, doc, &c.Rules)
		table.Integer(f, "rev", &c.Rules.Rev)
	})
	if c.Rules.Rev == 1 {
		return w.If(table.Absent()), err
	}
	return w.If(table.Equal("rev", table.Int(c.Rules.Rev-1))), err
}
