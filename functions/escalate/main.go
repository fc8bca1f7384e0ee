// Escalate takes escalations from the queue to Linea INPS.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/sqs"
	"infocig/shared/chat"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	desk, _, err := wiring.Desk(ctx, log, env.Escalate, lookup)
	if err != nil {
		return nil, err
	}
	return sqs.Consumer[chat.EscalationID]{Kind: chat.EscalationKind, Forward: desk.Forward, Log: log}.Handle, nil
}
