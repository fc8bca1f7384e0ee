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
	"infocig/shared/chat/httpapi"
	"infocig/shared/http/rest"
)

const root = "../../.."

// A layer is folders that may import the same: the standard library, each other as far as
// below says, and of others what is below them.
type layer struct {
	name    string
	folders []string // under shared/
	below   []string // names of layers
	// among says that folders of the layer may import each other.
	among bool
	// technology says that packages of others may be imported.
	technology bool
}

// layers are those of shared/, the lowest first. docs/adr/0052 says why.
var layers = []layer{
	{name: "kernel", folders: []string{"code", "identity", "office", "cases", "fiscal", "hours", "redact", "plain", "text"}, among: true},
	{name: "table", folders: []string{"table"}, below: []string{"kernel"}},
	{name: "drivers of tables", folders: []string{"table/bolt", "table/memory", "table/dynamo", "table/dynamo/dynamotest", "table/tabletest"}, below: []string{"kernel", "table"}, technology: true},
	{name: "variables", folders: []string{"app/env"}},
	{name: "aws", folders: []string{"aws/awsjson", "aws/metrics", "aws/push", "aws/rehearsal", "aws/secrets", "aws/sqs"}, below: []string{"kernel", "variables"}, among: true, technology: true},
	{name: "http", folders: []string{"http/portal", "http/rest", "http/wire", "http/outside"}, below: []string{"kernel"}, among: true, technology: true},
	{name: "rules of the chat", folders: []string{"chat/rollout", "chat/admission"}, below: []string{"kernel"}, among: true},
	{name: "queue", folders: []string{"chat/queue"}, below: []string{"kernel"}},
	{name: "conversation", folders: []string{"chat/conversation"}, below: []string{"kernel", "queue"}},
	{name: "the chat's store", folders: []string{"chat/store"}, below: []string{"kernel", "table", "rules of the chat", "queue", "conversation"}, technology: true},
	{name: "desk", folders: []string{"chat/desk"}, below: []string{"kernel", "rules of the chat", "queue", "conversation", "the chat's store"}},
	{name: "escalation", folders: []string{"chat/escalation"}, below: []string{"kernel", "queue", "conversation", "the chat's store", "desk"}},
	{name: "upkeep", folders: []string{"chat/upkeep"}, below: []string{"kernel", "rules of the chat", "queue", "conversation", "the chat's store", "desk", "escalation"}},
	{name: "the chat", folders: []string{"chat"}, below: []string{"rules of the chat", "the chat's store", "desk", "escalation", "upkeep"}},
	{name: "Linea INPS", folders: []string{"lineainps"}, below: []string{"kernel", "conversation", "escalation"}, technology: true},
	{name: "conformance of stores", folders: []string{"chat/store/storetest"}, below: []string{"kernel", "queue", "conversation", "the chat's store"}, technology: true},
	{
		name: "the chat's wire", folders: []string{"chat/socket", "chat/httpapi"}, technology: true,
		below: []string{"kernel", "http", "Linea INPS", "rules of the chat", "queue", "conversation", "the chat's store", "desk", "escalation", "upkeep", "the chat"},
	},
	{
		name: "the simulator", folders: []string{"chat/sim"}, technology: true,
		below: []string{
			"kernel", "table", "drivers of tables", "aws", "rules of the chat", "queue", "conversation", "the chat's store", "desk", "escalation", "upkeep", "the chat", "the chat's wire",
		},
	},
	{
		name: "functions built", folders: []string{"app/wiring", "app/wiring/look", "app/wiring/wiringtest"}, among: true, technology: true,
		below: []string{
			"kernel", "table", "drivers of tables", "aws", "http", "variables", "Linea INPS",
			"rules of the chat", "queue", "conversation", "the chat's store", "desk", "escalation", "upkeep", "the chat", "the chat's wire",
		},
	},
	{name: "servers of tests", folders: []string{"test/servers"}, technology: true},
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

// layerOf returns the layer of a folder under shared/. One that no layer names is of a new
// area, and stands beside the chat: it knows the kernel, tables and HTTP.
func layerOf(folder string) layer {
	i := slices.IndexFunc(layers, func(l layer) bool { return slices.Contains(l.folders, folder) })
	if i < 0 {
		area, _, _ := strings.Cut(folder, "/")
		return layer{name: "area " + area, below: []string{"kernel", "table", "http"}, among: true, technology: true}
	}
	return layers[i]
}

// TestFoldersOfAKnownAreaAreInALayer: only a new area may be in none.
func TestFoldersOfAKnownAreaAreInALayer(t *testing.T) {
	for dir := range imports(t) {
		folder, shared := strings.CutPrefix(dir, "shared/")
		top, _, _ := strings.Cut(folder, "/")
		known := slices.ContainsFunc(layers, func(l layer) bool {
			return slices.ContainsFunc(l.folders, func(f string) bool { return f == top || strings.HasPrefix(f, top+"/") })
		})
		if shared && known && strings.HasPrefix(layerOf(folder).name, "area ") {
			t.Errorf("%s is in no layer: say which", dir)
		}
	}
}

func TestWhoMayImportWhom(t *testing.T) {
	all := imports(t)
	if len(all["shared/chat"]) == 0 {
		t.Fatal("shared/chat was not found")
	}
	for dir, list := range all {
		folder, shared := strings.CutPrefix(dir, "shared/")
		own := layerOf(folder)
		for _, path := range list {
			of, ours := strings.CutPrefix(path, "infocig/")
			target, isShared := strings.CutPrefix(of, "shared/")
			external := !ours && strings.Contains(strings.Split(path, "/")[0], ".") && !strings.HasPrefix(path, "golang.org/x/text/") // tables, which the standard library lacks
			refuse := func(rule string) { t.Errorf("%s imports %s: %s", dir, path, rule) }
			switch {
			case shared && external && !own.technology:
				refuse(own.name + " knows no technology")
			case shared && ours && !isShared:
				refuse("shared/ imports shared/ only")
			case shared && isShared:
				other := layerOf(target)
				if slices.Contains(own.below, other.name) || own.among && other.name == own.name {
					break
				}
				refuse(own.name + " is not above " + other.name)
			case dir == "infra/topology":
				if ours && target != "app/env" && target != "aws/metrics" && target != "text" || external {
					refuse("the topology is plain values")
				}
			case strings.HasPrefix(dir, "infra"):
				if ours && !strings.HasPrefix(of, "infra/") && target != "app/env" && target != "aws/metrics" {
					refuse("infra imports itself and names")
				}
			case strings.HasPrefix(dir, "local/"):
				measures := dir == "local/cold" && (of == "infra/topology" || of == "local/lambda")
				if ours && !isShared && !measures {
					refuse("parts of local import shared only, and local/cold what it measures")
				}
			}
			if ours && (strings.HasPrefix(of, "functions") || strings.HasPrefix(of, "ops") || strings.HasPrefix(of, "local") && !strings.HasPrefix(dir, "local")) {
				refuse("nobody imports functions, local and ops")
			}
		}
	}
}

// TestLayersAreStacked: none is below one that is above it.
func TestLayersAreStacked(t *testing.T) {
	var seen []string
	for _, l := range layers {
		for _, b := range l.below {
			if !slices.Contains(seen, b) {
				t.Errorf("%s is above %s, which comes later", l.name, b)
			}
		}
		seen = append(seen, l.name)
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
	for function, routes := range map[topology.Function]rest.Routes{topology.Citizen: a.Citizen(), topology.Advisor: a.Advisor(), topology.Operator: a.Operator(), topology.Webhook: a.Webhook()} {
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
	if d := cmp.Diff(topology.APIHeaders(), rest.Headers); d != "" {
		t.Errorf("(-topology +functions):\n%s", d)
	}
}
