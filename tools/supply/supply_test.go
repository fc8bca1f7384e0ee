package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func date(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	must(t, err)
	return d
}

func rulesOf(t *testing.T, text string) rules {
	t.Helper()
	r, err := parseRules([]byte(text), time.Time{})
	must(t, err)
	return r
}

// TestRules: what is accepted has a reason, and a vulnerability a last day.
func TestRules(t *testing.T) {
	for name, c := range map[string]struct{ rules, day, want string }{
		"on its last day":            {`{"vulnerabilities":{"GO-1":{"reason":"r","until":"2026-12-31"}}}`, "2026-12-31", ""},
		"a day later":                {`{"vulnerabilities":{"GO-1":{"reason":"r","until":"2026-12-31"}}}`, "2027-01-01", "GO-1 was accepted until 2026-12-31"},
		"without a day":              {`{"vulnerabilities":{"GO-1":{"reason":"r"}}}`, "2026-12-31", "GO-1 was accepted until"},
		"vulnerability, no reason":   {`{"vulnerabilities":{"GO-1":{"until":"2027-12-31"}}}`, "2026-12-31", "GO-1 is accepted without a reason"},
		"licence, no reason":         {`{"licences":{"shipped":{"GPL-3.0-only":""}}}`, "2026-12-31", "GPL-3.0-only is accepted without"},
		"licence of tools, the same": {`{"licences":{"tools":{"GPL-3.0-only":""}}}`, "2026-12-31", "GPL-3.0-only is accepted without"},
		"package, no reason":         {`{"packages":{"a":{"licence":"MIT"}}}`, "2026-12-31", "a is accepted without"},
		"a word nobody knows":        {`{"vulnerabilites":{}}`, "2026-12-31", "unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseRules([]byte(c.rules), date(t, c.day).Add(23*time.Hour))
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestReport: what could not be looked at is said, and is no failure by itself.
func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		is     result
		passed bool
		want   string
	}{
		"passed":   {result{looked: "3 files"}, true, "passed  x                3 files\n"},
		"unseen":   {result{unseen: []string{"no answer"}}, true, "NOT LOOKED AT  x: no answer\n"},
		"found":    {result{looked: "3 files", failed: []string{"a"}}, false, "FAILED  x                1:\n        a\n        what to do: docs/runbooks/supply.md\n"},
		"an error": {result{failed: []string{errors.New("two\nlines").Error()}}, false, "FAILED  x                1:\n        two\n        lines\n        what to do: docs/runbooks/supply.md\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if passed := report(&out, "x", c.is); passed != c.passed || out.String() != c.want {
				t.Errorf("%v, %q", passed, out.String())
			}
		})
	}
}

const scanned = `{"config":{"db_last_modified":"2026-11-20T10:00:00Z"}}
{"osv":{"id":"GO-1","summary":"loops"}}{"osv":{"id":"GO-2","summary":"only imported"}}
{"finding":{"osv":"GO-1","fixed_version":"v2","trace":[{"module":"m","version":"v1"}]}}
{"finding":{"osv":"GO-1","fixed_version":"v2","trace":[{"module":"m","version":"v1","package":"m/p","function":"F"},{"module":"infocig","package":"infocig/shared/x","function":"G"}]}}
{"finding":{"osv":"GO-2","fixed_version":"v2","trace":[{"module":"m","version":"v1","package":"m/p"}]}}`

// TestCalled: a vulnerability counts if our code calls it and nobody has accepted it.
func TestCalled(t *testing.T) {
	s, err := readScan(strings.NewReader(scanned))
	must(t, err)
	want := []string{"GO-1 loops\n  called: m v1, by infocig/shared/x.G\n  mended in v2"}
	if got := s.called(rules{}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := s.called(rulesOf(t, `{"vulnerabilities":{"GO-1":{"reason":"r","until":"2026-12-31"}}}`)); got != nil {
		t.Errorf("accepted: %q", got)
	}
	if s.day.Format(time.DateOnly) != "2026-11-20" || len(s.names) != 2 {
		t.Errorf("%+v", s)
	}
	if _, err := readScan(strings.NewReader(`{"osv":`)); err == nil {
		t.Error("half a scan is read")
	}
}

const locked = `{"name":"x","packages":{"":{"devDependencies":{"page":"1","tool":"1"}},
"node_modules/page":{"version":"1.0.0","license":"MIT","dependencies":{"deep":"2"},"peerDependencies":{"absent":"1"}},
"node_modules/page/node_modules/deep":{"version":"2.0.0","license":"MIT"},
"node_modules/deep":{"version":"1.0.0","license":"GPL-3.0-only"},
"node_modules/@s/tool":{"version":"1.0.0"},
"node_modules/tool":{"version":"1.0.0","license":"(MIT OR GPL-3.0-only)","dependencies":{"deep":"1","@s/tool":"1"}}}}`

func lockOf(t *testing.T) lock {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "package-lock.json"), []byte(locked), 0o600))
	l, err := readLock(dir)
	must(t, err)
	return l
}

// TestShipped: what gets into the pages is what the pages name and all that it needs, as Node finds it.
func TestShipped(t *testing.T) {
	l := lockOf(t)
	got := l.shipped(map[string]string{"page": "", "absent": ""})
	if len(got) != 2 || !got["node_modules/page"] || !got["node_modules/page/node_modules/deep"] {
		t.Errorf("%v", got)
	}
	if got := l.needs("node_modules/tool"); !slices.Equal(got, []string{"node_modules/@s/tool", "node_modules/deep"}) {
		t.Errorf("%v", got)
	}
	if got := nameOf("node_modules/a/node_modules/@s/b"); got != "@s/b" {
		t.Error(got)
	}
}

// TestAudit: each known vulnerability counts in the pages, high and critical ones anywhere;
// what prints no report was not looked at.
func TestAudit(t *testing.T) {
	a, reason := readAudit([]byte(`{"vulnerabilities":{
"page":{"range":"<2","nodes":["node_modules/page"],"via":[{"title":"low one","url":"https://x/GHSA-1","severity":"low"}]},
"tool":{"range":"<2","nodes":["node_modules/tool"],"via":[{"title":"low one","url":"https://x/GHSA-2","severity":"moderate"},{"title":"high one","url":"https://x/GHSA-3","severity":"high"},"page"]}}}`))
	if reason != "" {
		t.Fatal(reason)
	}
	shipped := map[string]bool{"node_modules/page": true}
	failed, known := a.judge(rules{}, shipped)
	if known != 2 || len(failed) != 2 || !strings.Contains(failed[0], "GHSA-1") || !strings.Contains(failed[1], "GHSA-3") {
		t.Errorf("%d, %q", known, failed)
	}
	failed, _ = a.judge(rulesOf(t, `{"vulnerabilities":{"GHSA-3":{"reason":"r","until":"2026-12-31"}}}`), shipped)
	if len(failed) != 1 {
		t.Errorf("accepted: %q", failed)
	}
	for printed, want := range map[string]string{
		`{"message":"405 Method Not Allowed - POST https://registry/-/x","method":"POST"}`: "405 Method Not Allowed - POST",
		`{"error":{"summary":"getaddrinfo ENOTFOUND"}}`:                                    "getaddrinfo ENOTFOUND",
		``:   unread,
		`{}`: unread,
	} {
		if _, got := readAudit([]byte(printed)); got != want {
			t.Errorf("%q: %q, want %q", printed, got, want)
		}
	}
	if _, reason := readAudit([]byte(`{"vulnerabilities":{}}`)); reason != "" {
		t.Error(reason)
	}
}

// TestLicences: a licence must be accepted for where the package is.
func TestLicences(t *testing.T) {
	r := rulesOf(t, `{"licences":{"shipped":{"MIT":"r","Apache-2.0":"r"},"tools":{"MPL-2.0":"r"}},"packages":{"silent":{"licence":"MIT","reason":"r"}}}`)
	for name, c := range map[string]struct {
		licence       string
		shipped, fine bool
	}{
		"accepted":                {"MIT", true, true},
		"of tools, in a tool":     {"MPL-2.0", false, true},
		"of tools, in the pages":  {"MPL-2.0", true, false},
		"not looked at":           {"GPL-3.0-only", false, false},
		"one of two":              {"(MIT OR GPL-3.0-only)", true, true},
		"both":                    {"MIT AND Apache-2.0", true, true},
		"both, one not looked at": {"MIT AND GPL-3.0-only", true, false},
		"none":                    {"", false, false},
		"no licence at all":       {"UNLICENSED", false, false},
		"another file says it":    {"SEE LICENSE IN x", false, false},
		"of a silent package":     {r.licenceOf("silent", ""), true, true},
		"of another silent one":   {r.licenceOf("loud", ""), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			if wrong := r.judge(c.licence, c.shipped); (wrong == "") != c.fine {
				t.Errorf("%q", wrong)
			}
		})
	}
}

// TestClassify: a text that is not known, or not most of its file, is no licence.
func TestClassify(t *testing.T) {
	eupl, err := os.ReadFile("../../LICENSE")
	must(t, err)
	isc := "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE."
	for name, c := range map[string]struct {
		texts []string
		want  string
	}{
		"two texts":     {[]string{string(eupl), isc}, "EUPL-1.2 AND ISC"},
		"none":          {nil, ""},
		"a longer text": {[]string{isc + strings.Repeat(" But you may not use it on Sundays, nor in any other week than this.", 20)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var texts [][]byte
			for _, text := range c.texts {
				texts = append(texts, []byte(text))
			}
			if got := classify(texts); got != c.want {
				t.Error(got)
			}
		})
	}
}

// TestUnnamedImports: no source of the pages takes something that the rules do not name.
func TestUnnamedImports(t *testing.T) {
	web := t.TempDir()
	for name, text := range map[string]string{
		"src/a.ts":           "import { x } from 'svelte/reactivity'\nimport './b'\nimport y from '#sdk'\nconst z = await import('lodash')\n",
		"src/a.test.ts":      "import { test } from 'vitest'\n",
		"src/style/p.scss":   "@import 'base/root';\n@import \"@fontsource/x\";\n",
		"src/parts/C.svelte": "<script>\n  import q from \"@a/b/c\"\n</script>\n<p>from 'here'</p>\n",
		"sdk/src/i.ts":       "export * from './wire'\nconst f = '../node_modules/@d/e/icon.svg'\n",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(web, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(web, name), []byte(text), 0o600))
	}
	got, err := unnamedImports(web, map[string]string{"svelte": "", "here": ""})
	must(t, err)
	all := strings.Join(got, "\n")
	for _, want := range []string{"a.ts imports lodash,", "p.scss imports @fontsource/x,", "C.svelte imports @a/b,", "i.ts imports @d/e,"} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s\n%s", want, all)
		}
	}
	if len(got) != 4 {
		t.Error(all)
	}
}

const listed = `{"ImportPath":"unsafe"}
{"ImportPath":"a/x","Imports":["unsafe","b"],"Module":{"Path":"a","Version":"v1.0.0","Dir":"/a"}}
{"ImportPath":"b","Module":{"Path":"b","Version":"v2.0.0","Dir":"/b"}}
{"ImportPath":"infocig/functions/f","Imports":["a/x","infocig/shared/s"],"Module":{"Path":"infocig"}}
{"ImportPath":"infocig/shared/s","Imports":["b"],"Module":{"Path":"infocig"}}`

// TestBills: what is written says all that is there, who needs whom, what is shipped, and is
// of CycloneDX's schema; what is not is refused.
func TestBills(t *testing.T) {
	root, err := filepath.Abs("../..")
	must(t, err)
	p := project{root: root, rules: rulesOf(t, `{"packages":{"a":{"licence":"MIT","reason":"r"},"@s/tool":{"licence":"MIT","reason":"r"}},"pages":{"page":"r"}}`)}
	schema, err := p.schema(t.Context())
	must(t, err)
	modules, err := readModules([]byte(listed))
	must(t, err)
	if m := modules["infocig"]; !m.needs["a"] || !m.needs["b"] || modules["a"].needs["a"] || len(others(modules)) != 2 {
		t.Errorf("%+v", modules)
	}
	for path := range modules {
		modules[path].Dir = t.TempDir()
	}
	goBill, err := p.goBill(modules, "0123")
	must(t, err)
	npmBill, err := p.npmBill(lockOf(t), "web", "0123")
	must(t, err)
	for want, bom := range map[string]int{"pkg:golang/b@v2.0.0": len(*goBill.Components), "pkg:npm/%40s/tool@1.0.0": len(*npmBill.Components)} {
		bill := goBill
		if strings.Contains(want, "npm") {
			bill = npmBill
		}
		raw, err := encode(bill)
		must(t, err)
		must(t, valid(schema, raw))
		if !bytes.Contains(raw, []byte(want)) || bom < 3 {
			t.Errorf("%d, no %s:\n%s", bom, want, raw)
		}
	}
	required := 0
	for _, c := range *npmBill.Components {
		if c.Scope == "required" {
			required++
		}
	}
	if required != 2 {
		t.Errorf("%d are required", required)
	}
	npmBill.Metadata.Component.Licenses = licence("Nobodys-1.0")
	raw, err := encode(npmBill)
	must(t, err)
	if valid(schema, raw) == nil {
		t.Error("a licence that SPDX does not know is valid")
	}
}

// TestLeaks: a finding says where, and never what.
func TestLeaks(t *testing.T) {
	got, err := readLeaks([]byte(`[{"RuleID":"aws","File":"a.txt","StartLine":3,"Secret":"hush"},{"RuleID":"aws","File":"b","StartLine":1,"Commit":"0123456789abcdef"}]`))
	must(t, err)
	if want := []string{"a.txt:3: aws", "b:1 in commit 0123456789ab: aws"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
