// Cold measures what it takes to start the functions cold: how many bytes AWS
// Lambda fetches, and how much CPU and memory a process takes until it first asks
// for an event. It also builds the functions as they are deployed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"infocig/infra/topology"
	"infocig/local/lambda"
)

const usage = `Measures the cold start of the functions, and fails if one is over a limit.

  go run ./local/cold [flags]

Each function is built twice: as it is deployed, to be zipped, and for this
machine, to be started with the environment that it has in the cloud. What it
takes until it first asks for an event is the median of several starts. A bare
function, which does nothing, starts in turn with the others: CPU is compared
with its, since every machine is another. Needs Linux, and a machine that does
little else: under load the larger functions lose more than the bare one.

  zip     size of the zip of the arm64 binary; the cloud's may differ by some percent
  cpu     user and system time of the process
  × bare  cpu by that of the bare function
  wall    from the start of the process
  rss     resident memory
  later   resident memory after %d events that no function has much to do with

MB are 1,000,000 bytes. Limits: %s.

Flags:
`

// options are what the flags say.
type options struct {
	build  string // folder to build into, "" to measure
	here   bool   // for this machine
	sizes  bool
	starts int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cold:", err)
		os.Exit(1)
	}
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	var said []string
	for _, l := range limits {
		said = append(said, l.String())
	}
	f := flag.NewFlagSet("cold", flag.ContinueOnError)
	f.StringVar(&o.build, "build", "", "only build the functions as they are deployed, into `folder`/NAME/bootstrap")
	f.BoolVar(&o.here, "here", false, "with -build: for this machine")
	f.BoolVar(&o.sizes, "sizes", false, "only measure the zips, on any machine")
	f.IntVar(&o.starts, "n", 20, "how often to start each function")
	f.SetOutput(io.Discard) // one line per fault, ours
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(errs)
		fmt.Fprintf(errs, usage, events, strings.Join(said, ", "))
		f.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w; see -help", err)
	case f.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q; see -help", f.Arg(0))
	case o.starts < 1:
		return o, fmt.Errorf("-n %d: want 1 or more", o.starts)
	case o.here && o.build == "":
		return o, errors.New("-here: want -build, too")
	case o.build != "" && o.sizes:
		return o, errors.New("-build and -sizes: want one of them")
	}
	return o, nil
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	if o.build == "" && !o.sizes {
		if err := measurable(); err != nil {
			return err
		}
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range topology.Functions {
		names = append(names, string(f))
	}
	if o.here {
		return lambda.Build(ctx, root, o.build, names)
	}
	if o.build != "" {
		return lambda.Release(ctx, root, o.build, names)
	}
	dir, err := os.MkdirTemp("", "infocig-cold-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	all := report{{function: bare}}
	for _, name := range names {
		all = append(all, row{function: name})
	}
	if err := zips(ctx, root, filepath.Join(dir, "deployed"), all); err != nil {
		return err
	}
	if !o.sizes {
		if err := starts(ctx, root, filepath.Join(dir, "here"), all, o.starts); err != nil {
			return err
		}
	}
	all.print(out)
	return all.verdict(out)
}

// moduleRoot is where the functions' sources are.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
