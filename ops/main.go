// Ops are the operators' commands: what a person has a right to, retention,
// backups, dead letters, secrets that are replaced, deployments. They work on what is deployed, with
// the credentials of whoever runs them, and those about people on the data of one
// machine too.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"infocig/shared/fiscal"
)

// commands are what can be asked for.
type commands struct {
	Export    exportCommand    `cmd:"" help:"Print all that is stored about a person, as JSON. The codice fiscale is read from standard input."`
	Erase     eraseCommand     `cmd:"" help:"Erase all that is stored about a person, and print what was erased and what was kept and why. The codice fiscale is read from standard input."`
	Retain    retainCommand    `cmd:"" help:"Delete the conversations that ended longer ago than they are kept, and print how many."`
	Close     closeCommand     `cmd:"" help:"Close the desk at once, with AWS credentials alone. The access log of the desk says that you did."`
	Open      openCommand      `cmd:"" help:"End the closures that are in force. The access log of the desk says that you did."`
	Grade     gradeCommand     `cmd:"" help:"Print how the waits of a day compare with what people were told when they joined."`
	Waiting   waitingCommand   `cmd:"" help:"Print who waits, in the order in which they will be served, without who they are."`
	Reorder   reorderCommand   `cmd:"" help:"Let somebody who waits go first, for a reason. The access log says that you did."`
	Accesses  accessesCommand  `cmd:"" help:"Print who of the staff has read a conversation. That you asked is noted too."`
	Replay    replayCommand    `cmd:"" help:"Give the erasures since a backup again, to a table that was restored from it."`
	Restore   restoreCommand   `cmd:"" help:"Restore the table of a stage to a second of the last 35 days, into a new table, and make it ready."`
	Redrive   redriveCommand   `cmd:"" help:"Send the dead letters of the queue to Linea INPS on again."`
	Rotate    rotateCommand    `cmd:"" help:"Replace what we share with Linea INPS: the secret that signs its events, in two steps, or our token there."`
	Preflight preflightCommand `cmd:"" help:"Ask the account for what a deployment needs, and print what is missing and what to do."`
	Release   releaseCommand   `cmd:"" help:"Releases of a stage: which versions of the functions belong together."`
	Rollback  rollbackCommand  `cmd:"" help:"Take every function of a stage back to a release that was recorded, by default the one before."`
	Smoke     smokeCommand     `cmd:"" help:"Look whether a service answers."`
}

// A terminal is where a command reads and writes.
type terminal struct {
	in       *bufio.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], terminal{bufio.NewReader(os.Stdin), os.Stdout, os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "ops:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// run carries one command out.
func run(ctx context.Context, args []string, t terminal) error {
	var c commands
	exited := false
	parser, err := kong.New(&c, kong.Name("ops"), kong.UsageOnError(), kong.TypeMapper(reflect.TypeFor[time.Time](), kong.MapperFunc(moment)), kong.Writers(t.out, t.err),
		kong.Description("Operators' commands of INFO CIG."), kong.Exit(func(int) { exited = true }),
		kong.BindTo(remembering(ctx), (*context.Context)(nil)), kong.Bind(t))
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exited { // help was asked for
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run()
}

// personCode reads the fiscal number of whom a command is about, as the portals give it. It is not an
// argument: those are seen by everybody on the machine and kept in histories.
func (t terminal) personCode() (string, error) {
	fmt.Fprint(t.err, "Codice fiscale: ")
	line, err := t.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	code, err := fiscal.ParsePerson(line)
	if err != nil {
		return "", fmt.Errorf("this is no codice fiscale (%w)", err)
	}
	return code, nil
}

// confirm asks for a yes. The end of standard input is none.
func (t terminal) confirm(format string, args ...any) bool {
	fmt.Fprintf(t.err, format+" Type yes to go on: ", args...)
	answer, _ := line(t.in)
	return answer == "yes"
}

// line reads a line; there is none where nobody answers.
func line(in *bufio.Reader) (text string, answered bool) {
	text, err := in.ReadString('\n')
	return strings.TrimSpace(text), err == nil || text != ""
}

// moment is how every flag with a time is read: RFC 3339.
func moment(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("time", &text); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%q: want a time such as 2026-11-25T10:00:00Z", text)
	}
	target.Set(reflect.ValueOf(at))
	return nil
}

func (t terminal) print(v any) error {
	e := json.NewEncoder(t.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
