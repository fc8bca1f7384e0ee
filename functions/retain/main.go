// Retain deletes each night what ended longer ago than the owner keeps it.
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
	c, v, err := wiring.Chat(ctx, log, env.Retain, lookup)
	if err != nil {
		return nil, err
	}
	return wiring.Retain(c.Upkeep, v, os.Stdout)
}
