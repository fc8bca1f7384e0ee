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

	"infocig/shared/hours"
	"infocig/shared/redact"
)

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
	if o.functions == bootstrap {
		fmt.Fprintln(out, "Building the functions (the first time takes a minute or two) …")
	}
	s, err := newServer(ctx, o, slog.New(redact.Handler(slog.NewJSONHandler(errs, &slog.HandlerOptions{Level: level}))))
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
