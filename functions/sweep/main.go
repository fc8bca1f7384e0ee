// Sweep does every minute what time asks for.
package main

import (
	"context"
	"log/slog"
	"os"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	c, v, err := wiring.Chat(ctx, log, env.Sweep, lookup)
	if err != nil {
		return nil, err
	}
	return wiring.Sweep(c.Upkeep, v, os.Stdout), nil
}
