// Sweep does every minute what time asks for.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/env"
	"infocig/shared/wiring"
)

func main() { wiring.Start(wire) }

func wire(_ context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	desk, _, err := wiring.Desk(log, env.Sweep, lookup)
	if err != nil {
		return nil, err
	}
	return desk.Sweep, nil
}
