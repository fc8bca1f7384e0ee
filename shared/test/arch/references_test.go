package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// references are what the code says of the documents, each with what must be there.
var references = map[*regexp.Regexp]func(design string, m []string) bool{
	regexp.MustCompile(`design\.md, "([^"]+)"`): func(design string, m []string) bool {
		return strings.Contains(design, "\n## "+m[1]+"\n") || strings.Contains(design, "\n**"+m[1]+".**")
	},
	regexp.MustCompile(`\b([RI]-[0-9]+)\b`): func(design string, m []string) bool { return strings.Contains(design, "| "+m[1]+" |") },
	regexp.MustCompile(`\bADRs? ([0-9]{4})\b|docs/adr/([0-9]{4})`): func(_ string, m []string) bool {
		found, err := filepath.Glob(filepath.Join(root, "docs/adr", m[1]+m[2]+"-*.md"))
		return err == nil && len(found) == 1
	},
	// Documents that are not in the repository.
	regexp.MustCompile(`\b(platform|security|requirements|ui|style|stats|cigd|toolchain)\.md\b`): func(string, []string) bool { return false },
}

// TestReferencesLead: what a comment refers to can be found.
func TestReferencesLead(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "docs/design.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, top := range []string{"functions", "infra", "local", "ops", "shared", "web/src", "web/sdk", "web/story"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !regexp.MustCompile(`\.(go|ts|svelte|mjs)$`).MatchString(path) || strings.HasSuffix(path, "references_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			text = regexp.MustCompile(`\n\s*// `).ReplaceAll(text, []byte(" ")) // a comment goes on
			for pattern, leads := range references {
				for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
					found++
					if len(m) < 3 {
						m = append(m, "")
					}
					if !leads(string(raw), m) {
						t.Errorf("%s: nothing is found for %q", path, m[0])
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d references were found", found)
	}
}
