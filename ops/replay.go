package main

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/upkeep"
)

type replayCommand struct {
	place
	Since  time.Time `required:"" placeholder:"TIME" help:"When the backup was made, as 2026-11-25T10:00:00Z."`
	Ledger string    `placeholder:"NAME" help:"Table of the erasures, if it is not the one beside the data: the table before was NAME without -ledger."`
}

// Run gives the erasures since the backup again, to data that came from it.
func (c replayCommand) Run(ctx context.Context, t terminal) (err error) {
	if c.Ledger != "" && c.Table == "" {
		return errors.New("--ledger: only beside --table; the ledger of a stage and that of one machine are known")
	}
	l, err := c.ledger(ctx)
	if err != nil {
		return err
	}
	if c.Ledger != "" {
		t, err := c.target(ctx)
		if err != nil {
			return err
		}
		l = ledgerIn(t.client(), c.Ledger)
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
	sum, err := eraseAgain(ctx, desk, all)
	return errors.Join(t.print(sum), again(err))
}

// A replayed is what was erased again.
type replayed struct {
	Erasures int `json:"erasures"`
	upkeep.Erased
}

// eraseAgain gives erasures again. It stops at the first error.
func eraseAgain(ctx context.Context, desk *upkeep.Service, all []erasure) (replayed, error) {
	sum := replayed{Erased: upkeep.Erased{Kept: []upkeep.Kept{}}}
	for _, e := range all {
		r, err := desk.EraseAgain(ctx, e.Conversations, e.At)
		sum.Erasures++
		sum.Conversations += r.Conversations
		sum.Entries += r.Entries
		sum.Notes += r.Notes
		sum.Escalations += r.Escalations
		sum.Kept = append(sum.Kept, r.Kept...)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}
