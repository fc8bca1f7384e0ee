package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// linuxOnly are scripts that refuse, or do without, elsewhere: they start a Docker
// engine of their own.
var linuxOnly = []string{"tools/sam/engine.sh", "tools/sam/sam.sh"}

// unportable is what macOS has not: its bash is 3.2, its tools are BSD's.
var unportable = map[string]*regexp.Regexp{
	"a program of Linux":           regexp.MustCompile(`\b(flock|sha256sum|md5sum|setsid|nproc|tac|realpath|ldd)\b|(^|[^-])\btimeout [0-9]`),
	"an option of GNU":             regexp.MustCompile(`readlink -f|\bdate -d|\bsed -(i[ '"]|r\b|-)|grep -[a-zA-Z]*P|stat -c|xargs -[a-z]*r|base64 -w|\bcp -[a-z]*[a]|find -|sort -V|mktemp --|\bln -[a-z]*T|\bhead -n -|grep [^|]*\\\||== "\$\([^)]*wc -l`),
	"what bash 3.2 does not know":  regexp.MustCompile(`\b(mapfile|readarray|coproc)\b|declare -[An]|local -[An]|wait -n|\$\{[A-Za-z_]+(,,|\^\^|@)|\|&|&>>|\bEPOCHSECONDS\b`),
	"what some shells cannot open": regexp.MustCompile(`/dev/(tcp|udp)/|/proc/`),
	"what make 3.81 does not know": regexp.MustCompile(`--output-sync|\$\(file |^\.ONESHELL|^[^\t#]*[A-Z] *!=`),
}

// fixedPort is a port that two runs at the same time would both take.
var fixedPort = regexp.MustCompile(`(127\.0\.0\.1|localhost):[1-9][0-9]{3,4}\b|(PORT|port)[:=-]+[1-9][0-9]{3,4}\b|--?p(ort)?[ =][1-9][0-9]{3,4}\b`)

// scripts returns the text of what a developer runs, by its path, without comments.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	read := func(path string) {
		raw, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		all[path] = regexp.MustCompile(`(?m)^\s*#.*$`).ReplaceAllString(string(raw), "")
	}
	read("Makefile")
	read(".ci/run")
	for _, top := range []string{"shared", "tools", "web"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case strings.HasSuffix(path, ".sh"):
				rel, err := filepath.Rel(root, path)
				read(rel)
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 9 {
		t.Fatalf("scripts were not found: %d", len(all))
	}
	return all
}

// TestScriptsRunOnMacOS, as far as what they are written with can tell.
func TestScriptsRunOnMacOS(t *testing.T) {
	for path, text := range scripts(t) {
		if slices.Contains(linuxOnly, path) {
			continue
		}
		for what, rule := range unportable {
			for n, line := range strings.Split(text, "\n") {
				if found := rule.FindString(line); found != "" {
					t.Errorf("%s:%d has %s: %q", path, n+1, what, found)
				}
			}
		}
	}
}

// TestNoPortIsTakenTwice: what tests start listens on a port that is free.
func TestNoPortIsTakenTwice(t *testing.T) {
	for path, text := range scripts(t) {
		for n, line := range strings.Split(text, "\n") {
			if found := fixedPort.FindString(line); found != "" {
				t.Errorf("%s:%d has a port of its own: %q", path, n+1, found)
			}
		}
	}
}

// TestWhatIsForOneSystemHasACounterpart: a file of Linux alone goes with one for
// the others, its tests with one that is skipped there and says what is not tested.
func TestWhatIsForOneSystemHasACounterpart(t *testing.T) {
	suffix := regexp.MustCompile(`_(linux|darwin|unix|amd64|arm64)(_test)?\.go$`)
	for _, top := range []string{"functions", "infra", "local", "ops", "shared"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !suffix.MatchString(path) {
				return err
			}
			other := suffix.ReplaceAllString(path, "_other.go")
			if strings.HasSuffix(path, "_test.go") {
				other = filepath.Join(filepath.Dir(path), "other_test.go")
			}
			if _, err := os.Stat(other); err != nil {
				t.Errorf("%s has no counterpart: %v", path, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
