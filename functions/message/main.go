// Message answers the frames that clients send.
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
	c, _, err := wiring.Chat(ctx, log, env.Message, lookup)
	if err != nil {
		return nil, err
	}
	return socket.NewMessage(c, log).Handle, nil
}
