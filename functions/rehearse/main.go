// Rehearse calls the new version of a function before people's calls go to it.
package main

import (
	"context"
	"log/slog"
	"os"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/rehearsal"
)

func main() { wiring.Start(wire) }

func wire(_ context.Context, log *slog.Logger, lookup env.Lookup) (any, error) {
	v, err := env.Read(env.Rehearse, lookup)
	if err != nil {
		return nil, err
	}
	platform := rehearsal.New(wiring.Session(), os.Getenv("AWS_ENDPOINT_URL_CODEDEPLOY"), os.Getenv("AWS_ENDPOINT_URL_LAMBDA"))
	return rehearsal.Hook{Platform: platform, Prefix: "infocig-" + v[env.Stage] + "-", Log: log}.Handle, nil
}
