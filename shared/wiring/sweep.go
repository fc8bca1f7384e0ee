package wiring

import (
	"context"
	"io"

	"infocig/shared/chat"
	"infocig/shared/env"
	"infocig/shared/metrics"
)

// Sweep returns a sweep of the desk that writes what alarms look at to out.
func Sweep(desk *chat.Desk, v env.Values, out io.Writer) func(context.Context) (chat.Swept, error) {
	return func(ctx context.Context) (chat.Swept, error) {
		s, err := desk.Sweep(ctx)
		values := map[metrics.Name]float64{
			metrics.WaitingWhileFree: s.Stuck.Seconds(),
			metrics.OutboxAge:        float64(s.Escalations.UnsentS),
			metrics.EscalationAge:    float64(s.Escalations.OldestS),
		}
		if err == nil {
			values[metrics.Swept] = 1
		}
		if failed := metrics.Write(out, v[env.Stage], desk.Now(), values); failed != nil {
			desk.Log.WarnContext(ctx, "cannot write metrics", "err", failed)
		}
		return s, err
	}
}
