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
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"infocig/shared/fiscal"
)

// commands are what can be asked for.
type commands struct {
	Export   exportCommand   `cmd:"" help:"Print all that is stored about a person, as JSON. The codice fiscale is read from standard input."`
	Erase    eraseCommand    `cmd:"" help:"Erase all that is stored about a person, and print what was erased and what was kept and why. The codice fiscale is read from standard input."`
	Retain   retainCommand   `cmd:"" help:"Delete the conversations that ended longer ago than they are kept, and print how many."`
	Grade    gradeCommand    `cmd:"" help:"Print how the waits of a day compare with what people were told when they joined."`
	Waiting  waitingCommand  `cmd:"" help:"Print who waits, in the order in which they will be served, without who they are."`
	Reorder  reorderCommand  `cmd:"" help:"Let somebody who waits go first, for a reason. The access log says that you did."`
	Accesses accessesCommand `cmd:"" help:"Print who of the staff has read a conversation. That you asked is noted too."`
	Replay   replayCommand   `cmd:"" help:"Give the erasures since a backup again, to a table that was restored from it."`
	Redrive  redriveCommand  `cmd:"" help:"Send the dead letters of the queue to Linea INPS on again."`
	Rotate   rotateCommand   `cmd:"" help:"Replace what we share with Linea INPS: the secret that signs its events, in two steps, or our token there."`
	Rollback rollbackCommand `cmd:"" help:"Take every function of a stage back to the version before the live one."`
	Smoke    smokeCommand    `cmd:"" help:"Look whether a service answers."`
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
	parser, err := kong.New(&c, kong.Name("ops"), kong.UsageOnError(), kong.Writers(t.out, t.err),
		kong.Description("Operators' commands of INFO CIG."), kong.Exit(func(int) { exited = true }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t))
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

// personCode reads the codice fiscale of whom a command is about. It is not an
// argument: those are seen by everybody on the machine and kept in histories.
func (t terminal) personCode() (string, error) {
	fmt.Fprint(t.err, "Codice fiscale: ")
	line, err := t.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	code, err := fiscal.ParseCode(strings.TrimSpace(line))
	if err != nil {
		return "", fmt.Errorf("this is no codice fiscale (%w)", err)
	}
	return string(code), nil
}

func (t terminal) print(v any) error {
	e := json.NewEncoder(t.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
