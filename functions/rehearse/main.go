// Rehearse calls the new version of a function before people's calls go to it.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/env"
	"infocig/shared/wiring"
	"infocig/shared/wiring/upkeep"
)

func main() { wiring.Start(wire) }

func wire(_ context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	return upkeep.Rehearse(log, lookup)
}
