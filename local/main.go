// Local runs the whole service on one machine: the gateway, the functions, the
// store, the schedule, the portals and the pages.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // Europe/Rome, wherever this runs

	"infocig/shared/hours"
)

type options struct {
	addr, data, clock, functions, web string
	verbose                           bool
}

const usage = `Runs INFO CIG on this machine.

  go run ./local [flags]

Flags:
`

func parse(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("local", flag.ContinueOnError)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	f.StringVar(&o.data, "data", ".data", "`folder` of what is stored, or memory to keep nothing")
	f.StringVar(&o.clock, "clock", "", "real, or the `instant` at which to start (RFC 3339).\nDefault: now if the desk is open, otherwise the next opening")
	f.StringVar(&o.functions, "functions", "inprocess", "where the functions run: inprocess")
	f.StringVar(&o.web, "web", "web/dist", "`folder` of the built pages")
	f.BoolVar(&o.verbose, "v", false, "log more")
	f.SetOutput(io.Discard) // one line per fault, ours
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(out)
		fmt.Fprint(out, usage)
		f.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; see -help", err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", f.Arg(0))
	}
	if o.functions != "inprocess" {
		return o, fmt.Errorf("-functions %s: only inprocess is there", o.functions)
	}
	return o, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "infocig:", err)
			os.Exit(1)
		}
	}
}

// start runs the service until ctx ends.
func start(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	s, err := newServer(ctx, o, slog.New(slog.NewJSONHandler(errs, &slog.HandlerOptions{Level: level})))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "INFO CIG is at %s\n", s.base)
	if s.clock.offset.Abs() > time.Second {
		fmt.Fprintf(out, "Its clock started at %s in Italy, so that the desk is as you want it; -clock real is the real time.\n",
			s.clock.Now().In(hours.Rome()).Format("Monday 2 January 2006 15:04"))
	}
	fmt.Fprintln(out, "Ctrl-C stops it.")
	return s.run(ctx)
}
