// Package scheduled wires the functions that nobody asks for anything: retention, the look
// from outside and the hook of deployments. They are apart from the others, which
// would carry their libraries with them.
package scheduled

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/metrics"
	"infocig/shared/aws/rehearsal"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/upkeep"
	"infocig/shared/http/outside"
	"infocig/shared/identity"
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

// Look returns the function that looks at the service from outside. The person who
// opens its socket is invented, and joins nothing.
func Look(d *desk.Desk, v env.Values, out io.Writer) (func(context.Context, struct{}) error, error) {
	issuers, err := wiring.IssuersOf(v[env.Issuers])
	if err != nil {
		return nil, err
	}
	look := outside.Look{Pages: v[env.Pages], Socket: v[env.Socket], Ticket: func(ctx context.Context) (string, error) {
		p, err := d.NewPass(ctx, visitor(d.NewID()))
		return p.ID, err
	}}
	for _, i := range issuers {
		look.Logins = append(look.Logins, outside.Login{Issuer: i.URL, ClientID: v[env.ClientID], Page: v[env.Pages] + "/" + outside.Page(i.Door)})
	}
	return func(ctx context.Context, _ struct{}) error {
		failed := 0
		for _, f := range look.Run(ctx) {
			if f.Err != nil {
				failed++
				d.Log.WarnContext(ctx, "look from outside failed", "action", f.What, "err", f.Err)
			}
		}
		return metrics.Write(out, v[env.Stage], d.Now(), map[metrics.Name]float64{metrics.LookFailed: float64(failed)})
	}, nil
}

// Rehearse returns the hook of deployments.
func Rehearse(log *slog.Logger, lookup env.Lookup) (func(context.Context, rehearsal.Event) error, error) {
	v, err := env.Read(env.Rehearse, lookup)
	if err != nil {
		return nil, err
	}
	platform := rehearsal.New(wiring.Session(), os.Getenv("AWS_ENDPOINT_URL_CODEDEPLOY"), os.Getenv("AWS_ENDPOINT_URL_LAMBDA"))
	return rehearsal.Hook{Platform: platform, Prefix: "infocig-" + v[env.Stage] + "-", Log: log}.Handle, nil
}

// visitor is a citizen who does not exist. Another one comes each time, so that no
// limit of one person is ever met.
func visitor(id string) conversation.Caller {
	return conversation.Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: "look" + id, Name: "look", Audience: identity.Worker, Province: "RM"}}
}
