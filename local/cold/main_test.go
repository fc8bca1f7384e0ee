package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os/exec"
	"strings"
	"testing"
)

func TestFlags(t *testing.T) {
	for name, test := range map[string]struct {
		args string
		want string
	}{
		"no start":        {"-n 0", "-n 0: want 1 or more"},
		"an argument":     {"message", `unexpected argument "message"; see -help`},
		"here without":    {"-here", "-here: want -build, too"},
		"both":            {"-build x -sizes", "-build and -sizes: want one of them"},
		"an unknown flag": {"-m", "flag provided but not defined: -m; see -help"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), strings.Fields(test.args), io.Discard, io.Discard); err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestHelpSaysTheLimits(t *testing.T) {
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, l := range limits {
		if !strings.Contains(help.String(), l.String()) {
			t.Errorf("it does not say %q:\n%s", l, &help)
		}
	}
}

// TestSizes runs the command: the race detector makes a zip ten times slower.
func TestSizes(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "run", ".", "-sizes").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
