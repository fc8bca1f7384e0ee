package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go"

	"infocig/infra/owner"
)

type preflightCommand struct {
	staged
	Accept []string `placeholder:"NAME" help:"What has failed and is meant to be so: the name in the list. Can be repeated."`
}

// A state is what an answer is.
type state string

// The states.
const (
	fine    state = "ok"
	failed  state = "FAILED"
	unknown state = "unknown" // it could not be asked, which is never ok
)

// A finding is the answer to one question about the account.
type finding struct {
	state state
	said  string
	todo  string // what to do about it; one that is ok may have it too
}

// An ask is a question about the account, with a name by which it is accepted.
type ask struct {
	name string
	see  func(ctx context.Context) finding
	of   source
}

// A source is who knows the answer.
type source bool

// The sources.
const (
	account  source = true
	anywhere source = false // everybody may ask
)

// askTime is how long the answer to a question may take.
const askTime = 15 * time.Second

// A preflight asks an account for what a deployment needs. ADR 0044.
type preflight struct {
	installation
	web     *http.Client
	resolve func(ctx context.Context, host string) (cname string, addresses []string, err error)
	now     func() time.Time

	// stacks reads, once, what of the stage is in the account.
	stacks func(ctx context.Context) (inventory, error)
}

func newPreflight(i installation) *preflight {
	p := &preflight{installation: i, web: &http.Client{Timeout: askTime}, resolve: resolve, now: time.Now}
	var once sync.Once
	var found inventory
	var met error
	p.stacks = func(ctx context.Context) (inventory, error) {
		once.Do(func() { found, met = p.takeStock(ctx) })
		return found, met
	}
	return p
}

func resolve(ctx context.Context, host string) (string, []string, error) {
	cname, err := net.DefaultResolver.LookupCNAME(ctx, host)
	if err != nil {
		return "", nil, err
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	return strings.TrimSuffix(cname, "."), addresses, err
}

// Run asks and prints one list.
func (c preflightCommand) Run(ctx context.Context, t terminal) error {
	i, err := c.unproved(ctx, c.Stage)
	if err != nil {
		return err
	}
	return newPreflight(i).print(ctx, t, c.Accept)
}

// asks are the questions. The first is asked alone: without its answer those about the account mean nothing.
func (p *preflight) asks() []ask {
	all := []ask{
		{"credentials", p.credentials, account},
		{"owner's values", p.example, anywhere},
		{"region", p.region, account},
		{"bootstrap " + p.values.Region, func(ctx context.Context) finding { return p.bootstrap(ctx, p.values.Region) }, account},
		{"bootstrap " + global, func(ctx context.Context) finding { return p.bootstrap(ctx, global) }, account},
		{"concurrency", p.concurrency, account},
		{"certificate", p.certificate, account},
		{"token of Linea INPS", func(ctx context.Context) finding { return p.secret(ctx, p.values.Linea.TokenSecret) }, account},
		{"secret of Linea INPS", func(ctx context.Context) finding { return p.secret(ctx, p.values.Linea.SigningSecret) }, account},
	}
	for _, door := range owner.Doors {
		all = append(all, ask{"issuer " + door, func(ctx context.Context) finding { return p.issuer(ctx, p.values.Issuer(door)) }, anywhere})
	}
	all = append(all, ask{"logs of API Gateway", p.apiLogs, account}, ask{"stacks", p.state, account})
	for _, k := range p.kinds() {
		all = append(all, ask{"names of " + k.what, func(ctx context.Context) finding { return p.taken(ctx, k) }, account})
	}
	return append(all,
		ask{"alarm e-mail", func(ctx context.Context) finding { return p.email(ctx, p.values.Region, "ops") }, account},
		ask{"alarm e-mail " + global, func(ctx context.Context) finding { return p.email(ctx, global, "edge") }, account},
		ask{"dns", p.dns, account})
}

// global is where CloudFront looks for certificates and web ACLs.
const global = "us-east-1"

// print asks, and prints what it found out. It returns an error if something failed that was not accepted.
func (p *preflight) print(ctx context.Context, t terminal, accept []string) error {
	asks := p.asks()
	for _, name := range accept {
		if !slices.ContainsFunc(asks, func(a ask) bool { return a.name == name }) {
			return fmt.Errorf("--accept %s: there is no such line", name)
		}
	}
	findings := make([]finding, len(asks))
	limited := func(a ask) finding {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		return a.see(ctx)
	}
	findings[0] = limited(asks[0])
	var wg sync.WaitGroup
	for n := 1; n < len(asks); n++ {
		if findings[0].state != fine && asks[n].of == account {
			findings[n] = finding{unknown, "not asked", "put the credentials right first"}
			continue
		}
		wg.Go(func() { findings[n] = limited(asks[n]) })
	}
	wg.Wait()
	count := map[state]int{}
	for n, f := range findings {
		shown := string(f.state)
		if f.state == failed && slices.Contains(accept, asks[n].name) {
			shown, f.state = "accepted", fine
		}
		count[f.state]++
		fmt.Fprintf(t.out, "%-8s  %-26s  %s\n", shown, asks[n].name, f.said)
		for line := range strings.Lines(f.todo) {
			fmt.Fprintf(t.out, "%38s→ %s\n", "", strings.TrimSuffix(line, "\n"))
		}
	}
	fmt.Fprintf(t.out, "preflight: %d ok, %d failed, %d unknown\n", count[fine], count[failed], count[unknown])
	if n := count[failed]; n > 0 {
		return fmt.Errorf("%d of what a deployment needs is not so: see the lines with FAILED", n)
	}
	return nil
}

// cannot is the finding of a question that was not answered; right is the action that it needs.
func cannot(err error, right string) finding {
	refused, answered := errors.AsType[smithy.APIError](err)
	var timeout net.Error
	switch {
	case answered && slices.ContainsFunc([]string{"AccessDenied", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "Forbidden"}, func(s string) bool { return strings.Contains(refused.ErrorCode(), s) }):
		return finding{unknown, "these credentials may not ask (" + refused.ErrorCode() + ")", "let them do " + right + ", or have it asked by somebody who may"}
	case answered:
		return finding{unknown, short(err), "look at what AWS says, and ask again: " + right}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return finding{unknown, "no answer in time", "see whether this machine reaches AWS, and ask again: " + right}
	default:
		return finding{unknown, err.Error(), "see whether this machine reaches AWS, and ask again: " + right}
	}
}

func ok(format string, args ...any) finding { return finding{fine, fmt.Sprintf(format, args...), ""} }
