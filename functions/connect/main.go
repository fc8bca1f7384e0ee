// Connect notes that a socket is open.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/env"
	"infocig/shared/socket"
	"infocig/shared/wiring"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	desk, _, err := wiring.Desk(ctx, log, env.Connect, lookup)
	if err != nil {
		return nil, err
	}
	return socket.Connect{Desk: desk, Log: log}.Handle, nil
}
