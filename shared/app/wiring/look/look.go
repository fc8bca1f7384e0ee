// Package look wires the function that looks at the service from outside. It is apart from
// the others, which would carry the WebSocket library with them.
package look

import (
	"context"
	"io"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/metrics"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/http/outside"
	"infocig/shared/identity"
)

// New returns the function that looks at the service from outside. The person who
// opens its socket is invented, and joins nothing.
func New(d *desk.Desk, v env.Values, out io.Writer) (func(context.Context, struct{}) error, error) {
	issuers, err := wiring.IssuersOf(v[env.Issuers])
	if err != nil {
		return nil, err
	}
	from := outside.Look{Pages: v[env.Pages], Socket: v[env.Socket], Ticket: func(ctx context.Context) (string, error) {
		p, err := d.NewPass(ctx, visitor(d.NewID()))
		return p.ID, err
	}}
	for _, i := range issuers {
		from.Logins = append(from.Logins, outside.Login{Issuer: i.URL, ClientID: v[env.ClientID], Page: v[env.Pages] + "/" + outside.Page(i.Door)})
	}
	return func(ctx context.Context, _ struct{}) error {
		failed := 0
		for _, f := range from.Run(ctx) {
			if f.Err != nil {
				failed++
				d.Log.WarnContext(ctx, "look from outside failed", "action", f.What, "err", f.Err)
			}
		}
		return metrics.Write(out, v[env.Stage], d.Now(), map[metrics.Name]float64{metrics.LookFailed: float64(failed)})
	}, nil
}

// visitor is a citizen who does not exist. Another one comes each time, so that no
// limit of one person is ever met.
func visitor(id string) conversation.Caller {
	return conversation.Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: "look" + id, Name: "look", Audience: identity.Worker, Province: "RM"}}
}
