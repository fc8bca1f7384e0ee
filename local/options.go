package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"infocig/local/gateway"
	"infocig/shared/chat/escalation"
)

// options are what the flags say.
type options struct {
	addr, data, clock string
	functions         string // inprocess, bootstrap, or an address
	variables         string // file for the variables of functions elsewhere, "" for none
	seen              string // how functions elsewhere see this machine
	dynamodb, sqs     string // addresses; "" for what is built in
	faults            faults
	web               string
	tokens            time.Duration // for which a token is good
	verbose           bool

	// For tests.
	unhurried bool                                    // people may write as fast as they like
	binaries  string                                  // folder of functions that are built already
	transport http.RoundTripper                       // of requests to DynamoDB, nil for the usual one
	invoker   func(gateway.Invoker) gateway.Invoker   // stands before the functions, if it is given
	relay     func(escalation.Relay) escalation.Relay // stands before the queue, if it is given
	secrets   string                                  // address of a Secrets Manager that gets the functions' secrets
	limits    gateway.Limits                          // of the sockets, zero for those of AWS
	posted    func(*http.Request)                     // is told of requests to @connections, if it is given
}

// Where functions run.
const (
	inProcess = "inprocess"
	bootstrap = "bootstrap"
)

// Servers that are started where no address is given.
const (
	dynoxide = "dynoxide"
	moto     = "moto"
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
	f.StringVar(&o.binaries, "binaries", "", "with -functions bootstrap: `folder` of the functions, built by make binaries; without it they are built first")
	f.StringVar(&o.functions, "functions", inProcess, "`where` the functions run: inprocess; bootstrap for the real binaries, each in a process\nof its own; or the address of a Lambda Invoke endpoint, such as sam local start-lambda")
	f.StringVar(&o.variables, "variables", "", "`file` to write what functions at an address need in their environment,\nas sam takes it with --env-vars")
	f.StringVar(&o.seen, "seen-as", "127.0.0.1", "`host` by which functions at an address see this machine")
	f.StringVar(&o.dynamodb, "dynamodb", "", "`address` of a DynamoDB server to use instead of the built-in store,\nor dynoxide to start one that is installed for it")
	f.StringVar(&o.sqs, "sqs", "", "`address` of an SQS server to use instead of the built-in queue,\nor moto to start one that is installed for it")
	f.StringVar(&misbehave, "faults", "", "what goes wrong, as all, or a `list` such as disconnect,gone=0.5:\n"+faultsHelp())
	f.StringVar(&o.web, "web", "web/dist", "`folder` of the built pages")
	f.DurationVar(&o.tokens, "tokens", time.Hour, "`time` for which a token of the login is good")
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
	switch {
	case o.tokens < 0 || o.tokens%time.Second != 0:
		return fmt.Errorf("-tokens %v: want whole seconds", o.tokens)
	case o.dynamodb != "" && o.dynamodb != dynoxide && !isAddress(o.dynamodb):
		return fmt.Errorf("-dynamodb %s: want dynoxide or an address such as http://127.0.0.1:8000", o.dynamodb)
	case o.sqs != "" && o.sqs != moto && !isAddress(o.sqs):
		return fmt.Errorf("-sqs %s: want moto or an address such as http://127.0.0.1:5000", o.sqs)
	case o.binaries != "" && o.functions != bootstrap:
		return errors.New("-binaries: want -functions bootstrap, too")
	case o.functions == inProcess:
		return nil
	case o.functions != bootstrap && !isAddress(o.functions):
		return fmt.Errorf("-functions %s: want inprocess, bootstrap or an address such as http://127.0.0.1:3001", o.functions)
	case o.dynamodb == "" || o.sqs == "":
		return fmt.Errorf("-functions %s: other processes cannot use the built-in store and queue: give -dynamodb dynoxide -sqs moto too", o.functions)
	}
	return nil
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != ""
}
