package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"infocig/infra/owner"
	"infocig/infra/topology"
)

// TestGrantsAreWhatWasRecorded compares what each function may do, by its role in
// the templates, with what it was seen to do: both ways. The recording is
// local's TestActions.
func TestGrantsAreWhatWasRecorded(t *testing.T) {
	raw, err := os.ReadFile("../../local/testdata/actions.json")
	must(t, err)
	var recorded map[topology.Function][]string
	must(t, json.Unmarshal(raw, &recorded))
	// CodeDeploy is not on one machine: what the hook calls is what its own test saw.
	recorded[topology.Rehearse] = slices.Concat(topology.RehearseActions["codedeploy"], topology.RehearseActions["lambda"])
	all, _ := synthesize(t, owner.Dev, nil)
	for stack, functions := range functionsOf {
		for _, f := range functions {
			granted, resources := allowed(t, all[stack], f)
			want := slices.Sorted(slices.Values(slices.Concat(recorded[f], topology.Platform(f))))
			same(t, string(f)+" (-recorded +granted)", granted, want)
			for _, r := range resources {
				sockets := strings.Contains(r, ":execute-api:") && regexp.MustCompile(`/v1/(POST|DELETE)/@connections/\*`).MatchString(r)
				hook := f == topology.Rehearse && strings.Contains(r, "infocig-dev-*")
				if strings.Contains(r, "*") && !sockets && !hook && r != `"*"` {
					t.Errorf("%s may act on %s", f, r)
				}
			}
		}
	}
}

// allowed returns the actions that a function's role allows, and the resources
// with them, except for X-Ray's, which know none.
func allowed(t *testing.T, tpl template, f topology.Function) (actions, resources []string) {
	t.Helper()
	fn := tpl.Resources[strings.ToUpper(string(f[:1]))+string(f[1:])]
	role := fn.at("Role").(map[string]any)["Fn::GetAtt"].([]any)[0].(string)
	if tpl.Resources[role].at("ManagedPolicyArns") != nil || tpl.Resources[role].at("Policies") != nil {
		t.Errorf("%s has policies of other kinds", role)
	}
	seen := map[string]bool{}
	for _, p := range tpl.of("AWS::IAM::Policy") {
		if !slices.ContainsFunc(p.at("Roles").([]any), func(r any) bool { return r.(map[string]any)["Ref"] == role }) {
			continue
		}
		for _, s := range p.at("PolicyDocument", "Statement").([]any) {
			s := s.(map[string]any)
			same(t, string(f), s["Effect"], any("Allow"))
			list, ok := s["Action"].([]any)
			if !ok {
				list = []any{s["Action"]}
			}
			for _, a := range list {
				if strings.Contains(a.(string), "*") {
					t.Errorf("%s may do %s", f, a)
				}
				seen[a.(string)] = true
			}
			raw, err := json.Marshal(s["Resource"])
			must(t, err)
			if string(raw) == `"*"` && !strings.HasPrefix(list[0].(string), "xray:") {
				t.Errorf("%s may do %s to everything", f, list)
			}
			resources = append(resources, string(raw))
		}
	}
	return slices.Sorted(maps.Keys(seen)), resources
}
