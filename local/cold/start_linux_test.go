package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"infocig/infra/topology"
	"infocig/local/lambda"
	"infocig/shared/app/env"
	"infocig/shared/app/wiring/wiringtest"
)

// TestMeasure starts the bare function. How long it takes is left to the
// command.
func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	if err := lambda.Build(t.Context(), "testdata", dir, []string{bare}); err != nil {
		t.Fatal(err)
	}
	s, err := measure(t.Context(), lambda.Binary(dir, bare), environment(bare, "127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	if s.cpu < 100*time.Microsecond || s.wall < 100*time.Microsecond || s.rss < mb || s.later < mb || s.rss > 100*mb {
		t.Errorf("%+v is not of this world", s)
	}
}

func TestMeasureSaysWhyAFunctionEnded(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\necho no table\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := measure(t.Context(), binary, nil)
	if want := binary + " ended: exit status 3; it printed:\nno table"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestEveryVariableHasAValue(t *testing.T) {
	for _, f := range topology.Functions {
		for _, name := range env.Sets[string(f)] {
			if value, _ := wiringtest.Lookup(string(name)); value == "" {
				t.Errorf("%s of %s has none", name, f)
			}
		}
		if all := strings.Join(environment(string(f), "127.0.0.1:1"), "\n"); !strings.Contains(all, "AWS_LAMBDA_FUNCTION_NAME="+string(f)) {
			t.Errorf("%s does not know its name:\n%s", f, all)
		}
	}
}
