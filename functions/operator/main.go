// Operator is the HTTP API of operators.
package main

import (
	"context"
	"log/slog"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/http/rest"
)

func main() { wiring.Start(wire) }

func wire(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	api, err := wiring.API(ctx, log, env.Operator, lookup)
	if err != nil {
		return nil, err
	}
	return rest.Handler(api.Operator(), api.Log), nil
}
