// Authorize redeems the ticket with which somebody opens a socket.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/chat/socket"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	c, v, err := wiring.Chat(ctx, log, env.Authorize, lookup)
	if err != nil {
		return nil, err
	}
	return socket.Authorize{Desk: c.Desk, Origins: wiring.Origins(v), Log: log}.Handle, nil
}
