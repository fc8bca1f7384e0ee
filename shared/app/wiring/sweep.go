package wiring

import (
	"context"
	"io"

	"infocig/shared/app/env"
	"infocig/shared/aws/metrics"
	"infocig/shared/chat/upkeep"
)

// A Schedule is what the sweep is called with: how often to look, while the desk is
// open; once if it does not say.
type Schedule struct {
	Looks int `json:"looks"`
}

// Sweep returns the function that the schedule calls: it writes what alarms look
// at to out, after every look.
func Sweep(u *upkeep.Service, v env.Values, out io.Writer) func(context.Context, Schedule) (upkeep.Swept, error) {
	look := func(ctx context.Context) (upkeep.Swept, error) {
		s, err := u.Sweep(ctx)
		values := map[metrics.Name]float64{
			metrics.WaitingWhileFree:  s.Stuck.Seconds(),
			metrics.WaitingUnattended: float64(s.Unattended),
			metrics.OutboxAge:         float64(s.Escalations.UnsentS),
			metrics.EscalationAge:     float64(s.Escalations.OldestS),
		}
		if err == nil {
			values[metrics.Swept] = 1
		}
		if failed := metrics.Write(out, v[env.Stage], u.Now(), values); failed != nil {
			u.Log.WarnContext(ctx, "cannot write metrics", "err", failed)
		}
		return s, err
	}
	return func(ctx context.Context, s Schedule) (upkeep.Swept, error) { return u.Watch(ctx, s.Looks, look) }
}
