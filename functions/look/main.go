// Look looks at the service from outside, as those see it who come to it.
package main

import (
	"context"
	"log/slog"
	"os"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/app/wiring/look"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	c, v, err := wiring.Chat(ctx, log, env.Look, lookup)
	if err != nil {
		return nil, err
	}
	return look.New(c.Desk, v, os.Stdout)
}
