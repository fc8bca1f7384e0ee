package main

import (
	"context"
	"errors"
	"fmt"

	"infocig/shared/http/outside"
	"infocig/shared/http/portal"
)

type smokeCommand struct {
	Stage  string `xor:"where" required:"" placeholder:"NAME" help:"Installation in AWS, as dev or prod: by the distribution's own name, and by the domain if it leads there."`
	Pages  string `xor:"where" required:"" placeholder:"URL" help:"Address of the pages, which is the HTTP API's too."`
	Socket string `placeholder:"URL" help:"Address of the WebSocket API, wss://…, beside --pages."`
	cloud
}

// Run looks whether a service answers as one that anybody can use: it does not
// log in, and leaves nothing behind.
func (c smokeCommand) Run(ctx context.Context, t terminal) error {
	if c.Stage == "" {
		if c.Socket == "" {
			return errors.New("--pages: give --socket, too")
		}
		return look(ctx, t, outside.Look{Pages: c.Pages, Socket: c.Socket})
	}
	i, err := c.installation(ctx, c.Stage)
	if err != nil {
		return err
	}
	web, err := i.outputs(ctx, "web")
	if err != nil {
		return err
	}
	socket, err := i.output(ctx, "socket", "SocketUrl")
	if err != nil {
		return err
	}
	l := outside.Look{Socket: socket}
	for _, way := range i.values.Issuers {
		page := "https://" + i.values.Domain + "/" + outside.Page(portal.Door(way.Door))
		l.Logins = append(l.Logins, outside.Login{Issuer: way.URL, ClientID: i.values.ClientID, Page: page})
	}
	target := web["DistributionDomain"]
	fmt.Fprintf(t.out, "by the distribution's own name, %s:\n", target)
	l.Pages = "https://" + target
	if err := look(ctx, t, l); err != nil {
		return err
	}
	leads, err := newPreflight(i).leads(ctx, i.values.Domain, target)
	if err != nil {
		return fmt.Errorf("whether %s leads there is not known: %w", i.values.Domain, err)
	}
	if !leads {
		fmt.Fprintf(t.out, "%s does not lead there yet, so it was not looked at\n%s\n", i.values.Domain, record(i.values.Domain, target))
		return nil
	}
	fmt.Fprintf(t.out, "by the domain, %s:\n", i.values.Domain)
	l.Pages = "https://" + i.values.Domain
	return look(ctx, t, l)
}

// look looks at everything, and prints what it has seen.
func look(ctx context.Context, t terminal, l outside.Look) error {
	all := l.Run(ctx)
	for _, f := range all {
		if f.Err != nil {
			fmt.Fprintf(t.out, "FAILED  %s\n", f.What)
			continue
		}
		fmt.Fprintf(t.out, "ok      %s\n", f.What)
	}
	return outside.Failed(all)
}
