package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// staleAfter is how old a database of vulnerabilities may be.
const staleAfter = 45 * 24 * time.Hour

// A machine without a network may have the Go vulnerability database in a folder beside
// the project, packed as vulndb.tgz. INFOCIG_VULNDB says another place.
const besideProject = "../shared/vulndb/vulndb.tgz"

// vulnerabilities looks for known ones that our code calls, with govulncheck: in
// everything that runs in the cloud or is given by operators. The stacks are not looked
// at: they run where they are synthesized, on our own files.
func vulnerabilities(ctx context.Context, p project) (result, error) {
	flags := []string{"-format", "json", "-tags", "lambda.norpc,nethttpomithttp2"}
	var r result
	source, err := p.database(ctx)
	if err != nil {
		return r, err
	}
	if source != "" {
		flags = append(flags, "-db", "file://"+filepath.ToSlash(source))
	}
	flags = append(flags, "./functions/...", "./ops/...", "./local/...", "./shared/...")
	out, errs, err := call{dir: p.root, name: filepath.Join(p.bin, "govulncheck"), args: flags}.run(ctx)
	if err != nil {
		if databaseSilent(errs) {
			r.unseen = append(r.unseen, "Go: the database of vulnerabilities does not answer: "+hostless(lastLine(errs)))
			return r, nil
		}
		return r, fmt.Errorf("govulncheck: %w\n%s", err, errs)
	}
	scan, err := readScan(bytes.NewReader(out))
	if err != nil {
		return r, err
	}
	r.failed = scan.called(p.rules)
	if source != "" {
		if scan.day, err = dayOf(source); err != nil {
			return r, err
		}
	}
	r.looked = fmt.Sprintf("Go: of %d known ones in any version of these modules our code calls none that is not accepted; the database is of %s", len(scan.names), scan.day.Format(time.DateOnly))
	if age := p.today.Sub(scan.day); age > staleAfter {
		r.unseen = append(r.unseen, fmt.Sprintf("Go: what became known in the last %d days: the database is of %s", int(age.Hours()/24), scan.day.Format(time.DateOnly)))
	}
	return r, nil
}

// dayOf returns the day of an unpacked database: the one that its index says, or else
// that on which the index was written.
func dayOf(dir string) (time.Time, error) {
	name := filepath.Join(dir, "index/db.json")
	raw, err := os.ReadFile(name)
	if err != nil {
		return time.Time{}, err
	}
	var db struct{ Modified time.Time }
	if err := json.Unmarshal(raw, &db); err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", name, err)
	}
	if db.Modified.Year() > 1 {
		return db.Modified, nil
	}
	is, err := os.Stat(name)
	if err != nil {
		return time.Time{}, err
	}
	return is.ModTime(), nil
}

// database unpacks the database beside the project, if there is one, and returns its folder.
func (p project) database(ctx context.Context) (string, error) {
	packed := os.Getenv("INFOCIG_VULNDB")
	named := packed != ""
	if !named {
		packed = filepath.Join(p.root, besideProject)
	}
	if _, err := os.Stat(packed); err != nil {
		if named {
			return "", fmt.Errorf("INFOCIG_VULNDB: %w", err)
		}
		return "", nil
	}
	dir := filepath.Join(p.root, "build/vulndb")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o750)); err != nil {
		return "", err
	}
	if _, errs, err := (call{name: "tar", args: []string{"-xzf", packed, "-C", dir, "--strip-components=1"}}).run(ctx); err != nil {
		return "", fmt.Errorf("%s: %w: %s", packed, err, errs)
	}
	return dir, nil
}

// databaseSilent reports whether govulncheck failed since its database did not answer.
func databaseSilent(errs string) bool {
	return strings.Contains(errs, "fetching vulnerabilities") || strings.Contains(errs, "dial tcp") || strings.Contains(errs, "no such host")
}

// A scan is what govulncheck -format json prints.
type scan struct {
	names  map[string]string   // summaries of the vulnerabilities that the modules have, by id
	traces map[string][]string // how our code calls them
	fixed  map[string]string   // in which version
	day    time.Time           // of the database, if it says one
}

type frame struct{ Module, Version, Package, Function string }

func readScan(in io.Reader) (scan, error) {
	s := scan{map[string]string{}, map[string][]string{}, map[string]string{}, time.Time{}}
	for d := json.NewDecoder(in); ; {
		var m struct {
			OSV *struct {
				ID, Summary string
			}
			Config *struct {
				LastModified *time.Time `json:"db_last_modified"`
			}
			Finding *struct {
				OSV   string
				Fixed string `json:"fixed_version"`
				Trace []frame
			}
		}
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return s, fmt.Errorf("govulncheck: %w", err)
		}
		switch {
		case m.Config != nil && m.Config.LastModified != nil:
			s.day = *m.Config.LastModified
		case m.OSV != nil:
			s.names[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0 && m.Finding.Trace[0].Function != "":
			f := m.Finding
			last := f.Trace[len(f.Trace)-1]
			s.fixed[f.OSV] = f.Fixed
			s.traces[f.OSV] = append(s.traces[f.OSV], fmt.Sprintf("%s %s, by %s.%s", f.Trace[0].Module, f.Trace[0].Version, last.Package, last.Function))
		}
	}
}

// called returns the findings that our code calls and that are not accepted.
func (s scan) called(r rules) (all []string) {
	for _, id := range slices.Sorted(maps.Keys(s.traces)) {
		if !r.accepts(id) {
			all = append(all, fmt.Sprintf("%s %s\n  called: %s\n  mended in %s", id, s.names[id], s.traces[id][0], s.fixed[id]))
		}
	}
	return all
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
