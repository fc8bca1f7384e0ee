package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"infocig/infra/owner"
	"infocig/infra/stacks"
	"infocig/infra/topology"
)

// TestMain ends the CDK's own process. Not with the race detector: the runtime of
// jsii waits for that process twice.
func TestMain(m *testing.M) {
	_ = os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20") // a page of text; cannot fail
	code := m.Run()
	jsii.Close()
	for _, dir := range assemblies {
		_ = os.RemoveAll(filepath.Dir(dir)) // of temporary folders
	}
	os.Exit(code)
}

// assemblies are the folders of what was synthesized, by the stage and the owner's
// values: most tests look at the same one, and each takes seconds.
var assemblies = map[string]string{}

// A template is a synthesized one.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	id         string
	Type       string
	Properties map[string]any
	Metadata   map[string]any

	DependsOn      []string
	DeletionPolicy string
	UpdatePolicy   map[string]any
}

// synthesize returns the templates of a stage by the names of their stacks,
// without the stage, and the folder they are in, which the caller leaves as it is.
// Functions are stand-ins, so that nothing has to be built and the templates do
// not change with the code.
func synthesize(t *testing.T, stage owner.Stage, change func(*owner.Values)) (map[string]template, string) {
	t.Helper()
	return synthesizeProps(t, stacks.Props{Stage: stage, Release: topology.NoRelease}, change)
}

// synthesizeProps does it with what is not the owner's, too.
func synthesizeProps(t *testing.T, p stacks.Props, change func(*owner.Values)) (map[string]template, string) {
	t.Helper()
	var err error
	p.Owner, err = owner.Read(owner.Dev, "../owner/dev.json")
	must(t, err)
	if change != nil {
		change(&p.Owner)
	}
	key, err := json.Marshal(p)
	must(t, err)
	out, ok := assemblies[string(key)]
	if !ok {
		out = assemble(t, p)
		assemblies[string(key)] = out
	}
	all := map[string]template{}
	for _, name := range []string{"data", "messaging", "socket", "http", "jobs", "release", "global", "web", "edge", "ops"} {
		raw, err := os.ReadFile(filepath.Join(out, "infocig-"+string(p.Stage)+"-"+name+".template.json"))
		must(t, err)
		var tpl template
		must(t, json.Unmarshal(raw, &tpl))
		for id, r := range tpl.Resources {
			r.id = id
			tpl.Resources[id] = r
		}
		all[name] = tpl
	}
	return all, out
}

// assemble returns the folder that it has synthesized a stage into.
func assemble(t *testing.T, p stacks.Props) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "infocig-stacks-")
	must(t, err)
	out := filepath.Join(dir, "cdk.out")
	p.Functions = filepath.Join(dir, "functions")
	for _, f := range topology.Functions {
		must(t, os.MkdirAll(filepath.Join(p.Functions, string(f)), 0o755))
		must(t, os.WriteFile(filepath.Join(p.Functions, string(f), "bootstrap"), []byte(f), 0o755))
	}
	raw, err := os.ReadFile("../../cdk.json") // its flags change what is synthesized
	must(t, err)
	var config struct{ Context map[string]any }
	must(t, json.Unmarshal(raw, &config))
	app := awscdk.NewApp(&awscdk.AppProps{Context: &config.Context, Outdir: &out, AnalyticsReporting: jsii.Bool(false)})
	stacks.Build(app, p)
	app.Synth(nil)
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// of returns the resources of a type, in the order of their ids.
func (tpl template) of(kind string) (all []resource) {
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		if r := tpl.Resources[id]; r.Type == kind {
			all = append(all, r)
		}
	}
	return all
}

// one returns the only resource of a type.
func (tpl template) one(t *testing.T, kind string) resource {
	t.Helper()
	all := tpl.of(kind)
	if len(all) != 1 {
		t.Fatalf("there are %d of %s", len(all), kind)
	}
	return all[0]
}

// at returns what is at a path within properties, nil if nothing is.
func (r resource) at(path ...string) any {
	var v any = r.Properties
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// text returns what is at a path as JSON: for what has references in it.
func (r resource) text(path ...string) string {
	raw, _ := json.Marshal(r.at(path...)) // was JSON before
	return string(raw)
}

// ref is a reference to a resource of the same template.
func ref(id string) any { return map[string]any{"Ref": id} }

func arn(id string) any { return map[string]any{"Fn::GetAtt": []any{id, "Arn"}} }

// functionsOf are the functions of every stack that has some.
var functionsOf = map[string][]topology.Function{
	"socket":  {topology.Authorize, topology.Connect, topology.Disconnect, topology.Message},
	"http":    {topology.Citizen, topology.Advisor, topology.Operator, topology.Webhook},
	"jobs":    {topology.Sweep, topology.Escalate, topology.Retain, topology.Look},
	"release": {topology.Rehearse},
}
