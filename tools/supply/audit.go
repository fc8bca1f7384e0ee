package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// npmFolders are those with a package-lock.json.
var npmFolders = []string{"web", "tools"}

// audit asks npm's registry for known vulnerabilities: of what gets into the pages every
// one must not be, of what builds and tests those that are high or critical.
func audit(ctx context.Context, p project) (result, error) {
	var r result
	var counts []string
	for _, folder := range npmFolders {
		l, err := readLock(filepath.Join(p.root, folder))
		if err != nil {
			return r, err
		}
		// It ends with 1 also if there are vulnerabilities.
		out, errs, err := call{dir: filepath.Join(p.root, folder), name: "npm", args: []string{"audit", "--json", "--package-lock-only", "--fetch-retries=1", "--fetch-timeout=20000"}}.run(ctx)
		a, reason := readAudit(out)
		if reason != "" {
			if reason == unread && err != nil {
				reason = hostless(errs)
			}
			r.unseen = append(r.unseen, folder+": the registry does not answer: "+reason)
			continue
		}
		failed, known := a.judge(p.rules, l.shipped(p.rules.Pages))
		for _, f := range failed {
			r.failed = append(r.failed, folder+": "+f)
		}
		counts = append(counts, fmt.Sprintf("%s: %d packages, %d known to be vulnerable", folder, len(l.paths()), known))
	}
	r.looked = strings.Join(counts, "; ")
	return r, nil
}

// An auditReport is what "npm audit --json" prints, of its version 2.
type auditReport struct {
	Vulnerabilities map[string]struct {
		Name, Severity, Range string
		Via                   []json.RawMessage // advisories; names of packages that have one
		Nodes                 []string          // paths
	}
}

type advisory struct{ Title, URL, Severity string }

const unread = "it prints no report"

// readAudit returns the reason if npm has printed no report.
func readAudit(printed []byte) (auditReport, string) {
	var v struct {
		auditReport
		Message string
		Error   struct{ Summary string }
	}
	switch err := json.Unmarshal(printed, &v); {
	case v.Message != "" || v.Error.Summary != "":
		return auditReport{}, hostless(v.Message + v.Error.Summary)
	case err != nil || v.Vulnerabilities == nil:
		return auditReport{}, unread
	}
	return v.auditReport, ""
}

// hostless leaves addresses out.
func hostless(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(w string) bool { return strings.Contains(w, "://") }), " ")
}

// judge returns what must not be, and how many packages are known to be vulnerable.
func (a auditReport) judge(r rules, shipped map[string]bool) (failed []string, known int) {
	for _, name := range slices.Sorted(maps.Keys(a.Vulnerabilities)) {
		v := a.Vulnerabilities[name]
		known++
		inPages := slices.ContainsFunc(v.Nodes, func(n string) bool { return shipped[n] })
		for _, raw := range v.Via {
			var is advisory
			if err := json.Unmarshal(raw, &is); err != nil {
				var of *json.UnmarshalTypeError
				if errors.As(err, &of) { // a name: what it stands for is judged there
					continue
				}
				return append(failed, err.Error()), known
			}
			id := path.Base(is.URL)
			serious := is.Severity == "high" || is.Severity == "critical"
			if (inPages || serious) && !r.accepts(id) {
				where := "builds and tests"
				if inPages {
					where = "in the pages"
				}
				failed = append(failed, fmt.Sprintf("%s %s, %s (%s): %s", name, v.Range, is.Severity, where, id+" "+is.Title))
			}
		}
	}
	return failed, known
}
