// Webhook notes the events of Linea INPS.
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
	api, err := wiring.Webhook(ctx, log, env.Webhook, lookup)
	if err != nil {
		return nil, err
	}
	return rest.Handler(api.Webhook(), api.Log), nil
}
