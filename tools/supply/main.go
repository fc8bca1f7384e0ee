// Supply looks at what the service is made of and did not write itself: known
// vulnerabilities, licences, secrets, and the pipeline's own files. It writes a bill
// of materials (SBOM) of the functions and of the pages.
//
// Each check ends with a line: passed, FAILED, or NOT LOOKED AT with the reason, where
// what it needs does not answer. FAILED ends with 1. With -strict NOT LOOKED AT does,
// too, as in the pipeline of the owner, where everything answers.
//
//	supply [-strict] [-only vulnerabilities,licences]
//
// What is accepted, and why, is in rules.json and gitleaks.toml beside this file.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A result is what a check has found out.
type result struct {
	looked string   // at what
	failed []string // what must not be
	unseen []string // what could not be looked at, each with the reason
}

// A project is where the checks look.
type project struct {
	root  string // folder of the clone
	bin   string // folder of the programs that are built from go.mod
	rules rules
	today time.Time
}

// checks are in the order in which they are printed.
var checks = []struct {
	name  string
	check func(context.Context, project) (result, error)
}{
	{"vulnerabilities", vulnerabilities},
	{"npm audit", audit},
	{"licences", licences},
	{"sbom", bills},
	{"secrets", secrets},
	{"workflows", workflows},
}

func main() {
	strict := flag.Bool("strict", false, "what cannot be looked at fails, too")
	only := flag.String("only", "", "names of checks, separated by commas")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Stdout, *strict, *only)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, out io.Writer, strict bool, only string) int {
	root, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(out, "supply:", err)
		return 1
	}
	p := project{root: root, bin: filepath.Join(root, "build/supply"), today: time.Now()}
	if p.rules, err = readRules(filepath.Join(root, "tools/supply/rules.json"), p.today); err != nil {
		fmt.Fprintln(out, "supply:", err)
		return 1
	}
	code := 0
	for _, c := range checks {
		if only != "" && !slices.Contains(strings.Split(only, ","), c.name) {
			continue
		}
		r, err := c.check(ctx, p)
		if err != nil {
			r.failed = append(r.failed, err.Error())
		}
		if !report(out, c.name, r) || strict && len(r.unseen) > 0 {
			code = 1
		}
	}
	return code
}

// report prints a result, and returns whether the check has passed as far as it went.
// "make test" shows the lines that begin with NOT LOOKED AT.
func report(out io.Writer, name string, r result) bool {
	for _, u := range r.unseen {
		_, _ = fmt.Fprintf(out, "NOT LOOKED AT  %s: %s\n", name, u)
	}
	switch {
	case len(r.failed) > 0:
		_, _ = fmt.Fprintf(out, "FAILED  %-16s %d:\n", name, len(r.failed))
		for _, f := range r.failed {
			_, _ = fmt.Fprintf(out, "        %s\n", strings.ReplaceAll(f, "\n", "\n        "))
		}
		_, _ = fmt.Fprintf(out, "        what to do: docs/runbooks/supply.md\n")
	case r.looked != "":
		_, _ = fmt.Fprintf(out, "passed  %-16s %s\n", name, r.looked)
	}
	return len(r.failed) == 0
}
