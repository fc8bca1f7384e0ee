package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// options are what the flags say.
type options struct {
	addr, data, clock string
	functions         string // inprocess, bootstrap, or an address
	dynamodb, sqs     string // addresses; "" for what is built in
	faults            faults
	web               string
	verbose           bool
}

// Where functions run.
const (
	inProcess = "inprocess"
	bootstrap = "bootstrap"
)

const usage = `Runs INFO CIG on this machine.

  go run ./local [flags]

Flags:
`

func parse(args []string, out io.Writer) (options, error) {
	var o options
	var misbehave string
	f := flag.NewFlagSet("local", flag.ContinueOnError)
	f.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	f.StringVar(&o.data, "data", ".data", "`folder` of what is stored, or memory to keep nothing")
	f.StringVar(&o.clock, "clock", "", "real, or the `instant` at which to start (RFC 3339).\nDefault: now if the desk is open, otherwise the next opening")
	f.StringVar(&o.functions, "functions", inProcess, "`where` the functions run: inprocess; bootstrap for the real binaries, each in a process\nof its own; or the address of a Lambda Invoke endpoint, such as sam local start-lambda")
	f.StringVar(&o.dynamodb, "dynamodb", "", "`address` of a DynamoDB server to use instead of the built-in store")
	f.StringVar(&o.sqs, "sqs", "", "`address` of an SQS server to use instead of the built-in queue")
	f.StringVar(&misbehave, "faults", "", "what goes wrong, as all, or a `list` such as disconnect,gone=0.5:\n"+faultsHelp())
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
	var err error
	if o.faults, err = parseFaults(misbehave); err != nil {
		return o, err
	}
	return o, o.check()
}

// check reports flags that make no sense, alone or together.
func (o options) check() error {
	for name, value := range map[string]string{"dynamodb": o.dynamodb, "sqs": o.sqs} {
		if value != "" && !isAddress(value) {
			return fmt.Errorf("-%s %s: want an address such as http://127.0.0.1:8000", name, value)
		}
	}
	switch {
	case o.functions == inProcess:
		return nil
	case o.functions != bootstrap && !isAddress(o.functions):
		return fmt.Errorf("-functions %s: want inprocess, bootstrap or an address such as http://127.0.0.1:3001", o.functions)
	case o.dynamodb == "" || o.sqs == "":
		return fmt.Errorf("-functions %s: other processes cannot use the built-in store and queue: give -dynamodb and -sqs too, or use make run-aws", o.functions)
	}
	return nil
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != ""
}
