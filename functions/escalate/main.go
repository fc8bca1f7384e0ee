// Escalate takes escalations from the queue to Linea INPS.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/sqs"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	c, _, err := wiring.Chat(ctx, log, env.Escalate, lookup)
	if err != nil {
		return nil, err
	}
	return sqs.Consumer[conversation.EscalationID]{Kind: escalation.EscalationKind, Forward: c.Escalations.Forward, Log: log}.Handle, nil
}
