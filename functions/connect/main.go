// Connect notes that a socket is open.
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
	c, _, err := wiring.Chat(ctx, log, env.Connect, lookup)
	if err != nil {
		return nil, err
	}
	return socket.Connect{Desk: c.Desk, Log: log}.Handle, nil
}
