package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
)

// A call is of a program, in a folder; env is added to the environment.
type call struct {
	dir  string
	env  []string
	name string
	args []string
}

// run waits for the program, and returns what it printed.
func (c call) run(ctx context.Context) (out []byte, errs string, err error) {
	cmd := exec.CommandContext(ctx, c.name, c.args...) //nolint:gosec // names and flags are written in this folder
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), c.env...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.Bytes(), e.String(), err
}

// both returns what the program printed, of both kinds, without an empty end.
func (c call) both(ctx context.Context) (string, error) {
	out, errs, err := c.run(ctx)
	return string(bytes.TrimSpace(append(out, errs...))), err
}
