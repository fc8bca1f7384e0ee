package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"infocig/shared/chat/queue"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
)

type waitingCommand struct{ place }

// Run prints who waits.
func (c waitingCommand) Run(ctx context.Context, t terminal) error {
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	all, _, err := desk.Waiting(ctx, math.MaxInt)
	if err != nil {
		return errors.Join(err, done())
	}
	return errors.Join(t.print(append([]upkeep.Place{}, all...)), done())
}

type reorderCommand struct {
	place
	Conversation string `arg:"" help:"Its name, such as worker_case.0.17; ops waiting prints them."`
	Reason       string `required:"" help:"Why: deadline (something runs out today), frailty (waiting is a hardship) or amends (a fault of ours cost the place)."`
}

// Run lets somebody who waits go first.
func (c reorderCommand) Run(ctx context.Context, t terminal) error {
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	who, err := c.staff(ctx)
	if err != nil {
		return errors.Join(err, done())
	}
	_, err = desk.Reorder(ctx, who, queue.ConversationID(c.Conversation), c.Reason)
	switch {
	case errors.Is(err, code.Invalid):
		err = fmt.Errorf("--reason %s: want one of %s", c.Reason, strings.Join(upkeep.ReorderReasons, ", "))
	case errors.Is(err, code.NotFound):
		err = fmt.Errorf("there is no conversation %s", c.Conversation)
	case errors.Is(err, code.Conflict):
		err = fmt.Errorf("%s does not wait in line: it is at the front already, is served, or has ended", c.Conversation)
	case err == nil:
		_, err = fmt.Fprintf(t.out, "%s is at the front: the next advisor who is free gets it, within ten seconds where one is free now\n", c.Conversation)
	}
	return errors.Join(err, done())
}
