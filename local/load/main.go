// Load lets many citizens and advisors chat with a service that runs on this
// machine, from a process of its own, and counts what was lost or doubled.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const usage = `Lets many citizens and advisors chat, and counts what was lost or doubled.

  make run ARGS="-data memory" &      # the service
  go run ./local/load [flags]         # the load: only to this machine

Every citizen joins and writes some messages; an advisor has four conversations at
once, answers each with as many, and closes them. All sockets are open at once
before the first citizen joins.

Flags:
`

type options struct {
	base     string
	sockets  int
	messages int
	limit    time.Duration
}

// open is how many conversations an advisor has at once.
const open = 4

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	advisors := max(1, o.sockets/(open+1))
	citizens := o.sockets - advisors
	s := &service{base: o.base, count: &tally{}}

	began := time.Now()
	desks := make([]*advisor, advisors)
	queue := make([]*citizen, citizens)
	err = errors.Join(
		each(ctx, advisors, func(i int) (err error) { desks[i], err = newAdvisor(ctx, s, i, o.messages); return err }),
		each(ctx, citizens, func(i int) (err error) { queue[i], err = newCitizen(ctx, s, i, o.messages); return err }),
	)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d sockets are open after %s\n", o.sockets, since(began))

	began = time.Now()
	err = errors.Join(
		each(ctx, advisors, func(i int) error { return desks[i].available(ctx) }),
		each(ctx, citizens, func(i int) error { return queue[i].join(ctx) }),
	)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d people have joined after %s\n", citizens, since(began))
	for i, c := range queue {
		select {
		case <-c.ended:
		case <-ctx.Done():
			return fmt.Errorf("after %s %d of %d conversations have ended: %s", o.limit, i, citizens, s.count)
		}
	}
	fmt.Fprintf(out, "all conversations have ended after %s\n", since(began))
	err = each(ctx, citizens, func(i int) error { return queue[i].check(ctx) })
	fmt.Fprintln(out, s.count)
	if lost, doubled := s.count.lost.Load(), s.count.doubled.Load(); lost+doubled > 0 {
		err = errors.Join(err, fmt.Errorf("%d lost, %d doubled", lost, doubled))
	}
	return err
}

func since(t time.Time) time.Duration { return time.Since(t).Round(100 * time.Millisecond) }

func parse(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.StringVar(&o.base, "base", "http://127.0.0.1:8080", "`address` of the service, on this machine")
	f.IntVar(&o.sockets, "sockets", 5000, "`how many` citizens and advisors in all")
	f.IntVar(&o.messages, "messages", 4, "`how many` each side writes in a conversation, 1 to 5")
	f.DurationVar(&o.limit, "limit", 10*time.Minute, "`how long` it may take")
	f.SetOutput(out)
	f.Usage = func() {
		fmt.Fprint(out, usage)
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	u, err := url.Parse(o.base)
	if err != nil || u.Scheme != "http" || !net.ParseIP(u.Hostname()).IsLoopback() {
		return o, fmt.Errorf("-base %s: want http://127.0.0.1:PORT: load goes to this machine only", o.base)
	}
	if o.sockets < 2 || o.messages < 1 || o.messages > 5 {
		return o, errors.New("want -sockets of 2 or more, and -messages from 1 to 5, which the service takes at once")
	}
	return o, nil
}

// each does something for every number below n, some at the same time, and stops
// at the first error.
func each(ctx context.Context, n int, do func(int) error) error {
	const together = 64
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	turn := make(chan struct{}, together)
	for i := range n {
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wait.Go(func() {
			defer func() { <-turn }()
			if err := do(i); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
