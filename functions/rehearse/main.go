// Rehearse calls the new version of a function before people's calls go to it.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/app/wiring/scheduled"
)

func main() { wiring.Start(wire) }

func wire(_ context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	return scheduled.Rehearse(log, lookup)
}
