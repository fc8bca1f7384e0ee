// Package arch tests the shape of the code: who may import whom, how long a
// main may be, and that the topology and the handlers have the same routes.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/infra/topology"
	"infocig/shared/httpapi"
)

const root = "../.."

// pure packages import the standard library and each other only.
var pure = []string{"shared/hours", "shared/rollout", "shared/admission", "shared/text", "shared/fiscal", "shared/env", "shared/redact", "shared/metrics", "shared/plain", "shared/code", "shared/table"}

// adapters import the domain, pure packages and their technology, never each
// other; but httpapi answers with what portal and cases know, and wiring puts
// the functions together.
var adapters = map[string][]string{
	"shared/chat/store": nil, "shared/table/bolt": nil, "shared/table/dynamo": nil, "shared/table/tabletest": nil, "shared/push": nil, "shared/wire": nil, "shared/socket": {"shared/wire"}, "shared/portal": nil, "shared/cases": nil, "shared/outside": {"shared/portal"}, "shared/rehearsal": {"shared/awsjson"}, "shared/storetest": nil,
	"shared/table/dynamo/dynamotest": nil, "shared/sqs": {"shared/awsjson"}, "shared/servers": nil, "shared/lineainps": nil, "shared/awsjson": nil, "shared/secrets": {"shared/awsjson"},
	"shared/httpapi": {"shared/portal", "shared/cases", "shared/lineainps", "shared/wire"},
	"shared/sim":     {"shared/chat/store", "shared/table/bolt", "shared/socket", "shared/sqs"},
	"shared/wiring": {
		"shared/env", "shared/chat/store", "shared/table/dynamo", "shared/push", "shared/socket", "shared/httpapi", "shared/portal", "shared/cases", "shared/sqs", "shared/lineainps", "shared/secrets",
	},
	"shared/wiring/upkeep":     {"shared/env", "shared/wiring", "shared/outside", "shared/rehearsal", "shared/portal"},
	"shared/wiring/wiringtest": {"shared/env", "shared/wiring"},
}

// imports returns what the Go files of every package import, without tests, by
// folder.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, top := range []string{"functions", "infra", "local", "ops", "shared"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			dir, err := filepath.Rel(root, filepath.Dir(path))
			for _, i := range f.Imports {
				p, _ := strconv.Unquote(i.Path.Value)
				all[dir] = append(all[dir], p)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return all
}

func TestWhoMayImportWhom(t *testing.T) {
	all := imports(t)
	if len(all["shared/chat"]) == 0 {
		t.Fatal("shared/chat was not found")
	}
	for dir, list := range all {
		for _, path := range list {
			own, ours := strings.CutPrefix(path, "infocig/")
			external := !ours && strings.Contains(strings.Split(path, "/")[0], ".")
			refuse := func(rule string) { t.Errorf("%s imports %s: %s", dir, path, rule) }
			allowedPure := slices.Contains(pure, own)
			switch {
			case slices.Contains(pure, dir):
				unicode := strings.HasPrefix(path, "golang.org/x/text/") // tables, which the standard library lacks
				if ours && !allowedPure || external && !unicode {
					refuse("pure packages import the standard library, Unicode's tables and each other only")
				}
			case dir == "shared/chat":
				if ours && !allowedPure || external {
					refuse("the domain imports pure packages only")
				}
			case strings.HasPrefix(dir, "shared/"):
				friends, known := adapters[dir]
				if !known {
					t.Errorf("%s is neither pure nor an adapter: say which", dir)
				}
				if ours && !allowedPure && own != "shared/chat" && !slices.Contains(friends, own) {
					refuse("adapters import the domain and their technology only")
				}
			case dir == "infra/topology":
				if ours && !allowedPure || external {
					refuse("the topology is plain values")
				}
			case strings.HasPrefix(dir, "infra"):
				if ours && !strings.HasPrefix(own, "infra/") && own != "shared/env" && own != "shared/metrics" {
					refuse("infra imports itself, shared/env and shared/metrics only")
				}
			case strings.HasPrefix(dir, "local/"):
				measures := dir == "local/cold" && (own == "infra/topology" || own == "local/lambda")
				if ours && !strings.HasPrefix(own, "shared/") && !measures {
					refuse("parts of local import shared only, and local/cold what it measures")
				}
			}
			if ours && (strings.HasPrefix(own, "functions") || strings.HasPrefix(own, "ops") || strings.HasPrefix(own, "local") && !strings.HasPrefix(dir, "local")) {
				refuse("nobody imports functions, local and ops")
			}
		}
	}
}

func TestMainsAreShort(t *testing.T) {
	const limit = 60
	mains, err := filepath.Glob(filepath.Join(root, "functions/*/main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var found []topology.Function
	for _, path := range mains {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(raw), "\n"); n >= limit {
			t.Errorf("%s has %d lines, %d are too many", path, n, limit)
		}
		found = append(found, topology.Function(filepath.Base(filepath.Dir(path))))
	}
	want := slices.Sorted(slices.Values(topology.Functions))
	slices.Sort(found)
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("functions (-topology +folders):\n%s", d)
	}
}

func TestRoutesOfTopologyAreThoseOfTheHandlers(t *testing.T) {
	a := &httpapi.API{}
	for function, routes := range map[topology.Function]httpapi.Routes{topology.Citizen: a.Citizen(), topology.Advisor: a.Advisor(), topology.Operator: a.Operator(), topology.Webhook: a.Webhook()} {
		var want []string
		for route, r := range topology.HTTP {
			if r.Function == function {
				want = append(want, route)
			}
		}
		slices.Sort(want)
		if d := cmp.Diff(want, slices.Sorted(maps.Keys(routes))); d != "" {
			t.Errorf("routes of %s (-topology +handlers):\n%s", function, d)
		}
	}
}

// TestHeadersOfTheAPI: CloudFront says for the gateway's own answers what functions
// say for theirs.
func TestHeadersOfTheAPI(t *testing.T) {
	if d := cmp.Diff(topology.APIHeaders(), httpapi.Headers); d != "" {
		t.Errorf("(-topology +functions):\n%s", d)
	}
}
