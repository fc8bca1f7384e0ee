package wiring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"infocig/shared/app/env"
	"infocig/shared/aws/metrics"
	"infocig/shared/chat/upkeep"
)

// Retain returns the function that deletes each night what ended longer ago than it is
// kept. It writes to out what the alarm looks at: a night that came to its end.
func Retain(u *upkeep.Service, v env.Values, out io.Writer) (func(context.Context, struct{}) error, error) {
	days, err := strconv.Atoi(v[env.Days])
	if err != nil || days < 1 {
		return nil, fmt.Errorf("%s: want a number of days, at least 1", env.Days)
	}
	return func(ctx context.Context, _ struct{}) error {
		r, err := u.Retain(ctx, u.Now().AddDate(0, 0, -days))
		values := map[metrics.Name]float64{metrics.RetainedConversations: float64(r.Conversations)}
		if err == nil {
			values[metrics.Retained] = 1
		}
		u.Log.InfoContext(ctx, "retention", "count", r.Conversations, "failed", err != nil)
		return errors.Join(err, metrics.Write(out, v[env.Stage], u.Now(), values))
	}, nil
}
