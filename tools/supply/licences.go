package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/google/licensecheck"
)

// licences looks at what every Go module in a program of ours and every npm package may
// be used for: by the texts that modules have, and by what packages say.
func licences(ctx context.Context, p project) (result, error) {
	var r result
	deployed, err := p.functionModules(ctx)
	if err != nil {
		return r, err
	}
	tools, err := p.modules(ctx, nil, "./ops/...", "./local/...", "./infra/...")
	if err != nil {
		return r, err
	}
	for path, m := range tools {
		if deployed[path] == nil {
			r.failed = append(r.failed, p.judgeModule(m, false)...)
		}
	}
	for _, m := range deployed {
		r.failed = append(r.failed, p.judgeModule(m, true)...)
	}
	n := 0
	for _, folder := range npmFolders {
		l, err := readLock(filepath.Join(p.root, folder))
		if err != nil {
			return r, err
		}
		shipped := l.shipped(p.rules.Pages)
		for _, path := range l.paths() {
			n++
			licence := p.rules.licenceOf(nameOf(path), l.Packages[path].License)
			if wrong := p.rules.judge(licence, shipped[path]); wrong != "" {
				r.failed = append(r.failed, fmt.Sprintf("%s: %s %s: %s", folder, nameOf(path), l.Packages[path].Version, wrong))
			}
		}
	}
	unnamed, err := unnamedImports(filepath.Join(p.root, "web"), p.rules.Pages)
	r.failed = append(r.failed, unnamed...)
	slices.Sort(r.failed)
	r.looked = fmt.Sprintf("%d Go modules in the functions, %d in all programs; %d npm packages", len(others(deployed)), len(others(deployed))+extra(tools, deployed), n)
	return r, err
}

func extra(tools, deployed map[string]*module) (n int) {
	for _, m := range others(tools) {
		if deployed[m.Path] == nil {
			n++
		}
	}
	return n
}

func (p project) judgeModule(m *module, shipped bool) []string {
	if m.Version == "" { // ours
		return nil
	}
	licence, err := p.moduleLicence(m)
	if err != nil {
		return []string{fmt.Sprintf("Go: %s: %v", m.Path, err)}
	}
	if wrong := p.rules.judge(licence, shipped); wrong != "" {
		return []string{fmt.Sprintf("Go: %s %s: %s", m.Path, m.Version, wrong)}
	}
	return nil
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([-._].*)?$`)

// moduleLicence returns what the texts in a module's folder are, as an SPDX expression.
func (p project) moduleLicence(m *module) (string, error) {
	files, err := os.ReadDir(m.Dir)
	if err != nil {
		return "", err
	}
	var texts [][]byte
	for _, f := range files {
		if f.Type().IsRegular() && licenceFile.MatchString(f.Name()) && !strings.HasSuffix(f.Name(), ".go") {
			text, err := os.ReadFile(filepath.Join(m.Dir, f.Name()))
			if err != nil {
				return "", err
			}
			texts = append(texts, text)
		}
	}
	return p.rules.licenceOf(m.Path, classify(texts)), nil
}

// classify returns the SPDX names of licences' texts, joined by AND, or "" if one is not
// known, or is not most of its text.
func classify(texts [][]byte) string {
	var names []string
	for _, text := range texts {
		found := licensecheck.Scan(text)
		if found.Percent < 75 {
			return ""
		}
		for _, m := range found.Match {
			if !m.IsURL && !slices.Contains(names, m.ID) {
				names = append(names, m.ID)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " AND ")
}

// licenceOf returns what a package says, or what is written down for one that says nothing.
func (r rules) licenceOf(name, says string) string {
	if says == "" {
		return r.Packages[name].Licence
	}
	return says
}

// judge returns what is wrong with a licence, an SPDX expression.
func (r rules) judge(licence string, shipped bool) string {
	if licence == "" {
		return "it does not say its licence"
	}
	allowed := slices.Collect(maps.Keys(r.Licences.Shipped))
	where := "in what is shipped"
	if !shipped {
		allowed = append(allowed, slices.Collect(maps.Keys(r.Licences.Tools))...)
		where = "anywhere"
	}
	switch ok, err := spdxexp.Satisfies(licence, allowed); {
	case err != nil:
		return fmt.Sprintf("licence %s: %v", licence, err)
	case !ok:
		return fmt.Sprintf("licence %s is not accepted %s", licence, where)
	}
	return ""
}

var bareImport = regexp.MustCompile(`(?:from|import\(?|@use|@import|url\()\s*['"]((?:@[a-z][\w.-]*/)?[a-z][\w.-]*)(?:/[^'"]*)?['"]|node_modules/((?:@[\w.-]+/)?[\w.-]+)`)

// unnamedImports returns the packages that the pages' sources import, or take files of,
// and that the rules do not name. Bootstrap Italia's Sass is imported by the names of its
// own folders.
func unnamedImports(web string, named map[string]string) (all []string, err error) {
	root, err := os.OpenRoot(web)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	files := root.FS()
	look := func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".test.ts") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		for _, m := range bareImport.FindAllStringSubmatch(string(text), -1) {
			name := m[1] + m[2]
			if _, ok := named[name]; !ok && !ownSass(path, name) {
				all = append(all, fmt.Sprintf("web: %s imports %s, which rules.json does not name among pages", path, name))
			}
		}
		return nil
	}
	err = errors.Join(fs.WalkDir(files, "src", look), fs.WalkDir(files, "sdk/src", look))
	return all, err
}

// ownSass reports whether a name in a style sheet is a file beside it or a folder of
// Bootstrap Italia, and no package.
func ownSass(path, name string) bool {
	return strings.HasSuffix(path, ".scss") && !strings.HasPrefix(name, "@") && name != "bootstrap-italia"
}
