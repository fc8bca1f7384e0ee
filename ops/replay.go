package main

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat"
)

type replayCommand struct {
	place
	Since  time.Time `required:"" placeholder:"TIME" help:"When the backup was made, as 2026-11-25T10:00:00Z."`
	Ledger string    `placeholder:"NAME" help:"Table of the erasures, if it is not the one beside the data: the table before was NAME without -ledger."`
}

// Run gives the erasures since the backup again, to data that came from it.
func (c replayCommand) Run(ctx context.Context, t terminal) (err error) {
	l, err := c.ledger(ctx)
	if c.Ledger != "" && c.Table == "" {
		return errors.New("--ledger: the erasures of one machine are in its own folder")
	}
	if c.Ledger != "" {
		l, err = c.ledgerTable(ctx, c.Ledger)
	}
	if err != nil {
		return err
	}
	all, err := l.since(ctx, c.Since)
	if err != nil {
		return err
	}
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	sum := struct {
		Erasures int `json:"erasures"`
		chat.Erased
	}{Erased: chat.Erased{Kept: []chat.Kept{}}}
	for _, e := range all {
		r, err := desk.EraseAgain(ctx, e.Conversations, e.At)
		sum.Erasures++
		sum.Conversations += r.Conversations
		sum.Entries += r.Entries
		sum.Notes += r.Notes
		sum.Escalations += r.Escalations
		sum.Kept = append(sum.Kept, r.Kept...)
		if err != nil {
			return errors.Join(t.print(sum), again(err))
		}
	}
	return t.print(sum)
}
