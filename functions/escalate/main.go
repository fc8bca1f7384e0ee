// Escalate takes escalations from the queue to Linea INPS.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/env"
	"infocig/shared/sqs"
	"infocig/shared/wiring"
)

func main() { wiring.Start(wire) }

func wire(_ context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	desk, v, err := wiring.Desk(log, env.Escalate, lookup)
	if err != nil {
		return nil, err
	}
	if desk.Linea, err = wiring.Linea(v); err != nil {
		return nil, err
	}
	return sqs.Consumer{Forward: desk.Forward, Log: log}.Handle, nil
}
