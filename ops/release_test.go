package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"infocig/infra/topology"
)

// TestReleases deploys, records and goes back on a server that is not AWS's.
func TestReleases(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	makeRole(t, a.url)
	next := func(want string) {
		t.Helper()
		if _, out, err := a.ops("", "release", "next", "--commit", "abc"); err != nil || strings.TrimSpace(out) != want {
			t.Errorf("next: %s, %v, want %s", out, err, want)
		}
	}
	record := func(id string) {
		t.Helper()
		if v, out, err := a.ops("", "release", "record"); err != nil || v["id"] != id {
			t.Errorf("record: %s, %v, want %s", out, err, id)
		}
	}
	versions := func(want ...string) {
		t.Helper()
		for _, f := range topology.Functions {
			out, err := a.lambda().ListVersionsByFunction(t.Context(), &lambda.ListVersionsByFunctionInput{FunctionName: aws.String("infocig-dev-" + string(f))})
			must(t, err)
			var got []string
			for _, v := range out.Versions[1:] { // without $LATEST
				got = append(got, *v.Version)
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s has versions %v, want %v", f, got, want)
			}
		}
	}

	next("abc") // nothing is there
	a.publish("before")
	a.release()
	record("before")
	if _, _, err := a.ops("", "rollback"); err == nil || !strings.Contains(err.Error(), "no release was recorded before") {
		t.Errorf("back from the first: %v", err)
	}
	a.publish("abc") // its canary fails
	next("abc-2")
	if _, _, err := a.ops("", "rollback"); err == nil {
		t.Error("a version that was never live was taken for the one before")
	}
	a.publish("abc-2") // and so does this one's, of half of the functions
	a.release(topology.Functions[:3]...)
	next("abc-3")
	if _, _, err := a.ops("", "release", "record"); err == nil || !strings.Contains(err.Error(), "several releases") {
		t.Errorf("a mixture was recorded: %v", err)
	}
	v, out, err := a.ops("", "rollback") // to what was good, and not to the failed one
	if err != nil || v["release"] != "before" || len(v["moved"].(map[string]any)) != 3 || !strings.Contains(out, "3 → 1") {
		t.Errorf("back from a mixture: %s, %v", out, err)
	}
	a.publish("abc-3")
	a.release()
	record("abc-3")
	record("abc-3")    // once more is the same
	versions("1", "4") // those that failed are gone
	next("abc-3")      // it is live as a whole
	a.publish("def", topology.Functions[0])
	a.release(topology.Functions[0])
	if v, out, err = a.ops("", "rollback", "--to", "before"); err != nil || len(v["moved"].(map[string]any)) != len(topology.Functions) {
		t.Errorf("back: %s, %v", out, err)
	}
	_, out, err = a.ops("", "release", "list")
	must(t, err)
	var list []struct {
		ID   string
		Live bool
	}
	must(t, json.Unmarshal([]byte(out), &list))
	if len(list) != 2 || list[0].ID != "abc-3" || list[0].Live || list[1].ID != "before" || !list[1].Live {
		t.Errorf("list: %+v", list)
	}
	if _, _, err = a.ops("", "rollback", "--to", "xyz"); err == nil || !strings.Contains(err.Error(), "there are: abc-3, before") {
		t.Errorf("to nowhere: %v", err)
	}

	// What cannot move is named, with the reason; the others move.
	f := topology.Functions[1]
	_, err = a.lambda().DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("infocig-dev-" + string(f)), Qualifier: aws.String("4")})
	must(t, err)
	v, out, err = a.ops("", "rollback", "--to", "abc-3")
	stayed, _ := v["stayed"].(map[string]any)
	if err == nil || stayed[string(f)] == nil || len(v["moved"].(map[string]any)) != len(topology.Functions)-1 || a.at(topology.Functions[2]) != "4" {
		t.Errorf("one version is missing: %s, %v", out, err)
	}
}

// TestARollbackEndsACanary: no call goes to the new version any more.
func TestARollbackEndsACanary(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	makeRole(t, a.url)
	for _, id := range []string{"one", "two"} {
		a.publish(id)
		a.release()
		_, _, err := a.ops("", "release", "record")
		must(t, err)
	}
	a.publish("three")
	name := "infocig-dev-" + string(topology.Message)
	_, err := a.lambda().UpdateAlias(t.Context(), &lambda.UpdateAliasInput{
		FunctionName: &name, Name: aws.String(topology.Alias), FunctionVersion: aws.String("2"),
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{"3": 0.1}},
	})
	must(t, err)
	if _, _, err := a.ops("", "release", "record"); err == nil || !strings.Contains(err.Error(), "under way") {
		t.Errorf("a canary was recorded: %v", err)
	}
	_, _, err = a.ops("", "rollback", "--to", "two")
	must(t, err)
	out, err := a.lambda().GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: &name, Name: aws.String(topology.Alias)})
	must(t, err)
	if *out.FunctionVersion != "2" || out.RoutingConfig != nil && len(out.RoutingConfig.AdditionalVersionWeights) > 0 {
		t.Errorf("%s, %v", *out.FunctionVersion, out.RoutingConfig)
	}
}

func rel(id, a, b string) release {
	return release{ID: id, Functions: map[string]string{"a": a, "b": b}}
}

// TestWhereToGoBackTo: one case for each rule.
func TestWhereToGoBackTo(t *testing.T) {
	all := []release{rel("r1", "1", "1"), rel("r2", "2", "2"), rel("r3", "5", "4")}
	for name, c := range map[string]struct {
		recorded []release
		live     map[string]string
		want     string // "" for none
	}{
		"the one before":                {all, map[string]string{"a": "5", "b": "4"}, "r2"},
		"and once more":                 {all, map[string]string{"a": "2", "b": "2"}, "r1"},
		"none before the first":         {all, map[string]string{"a": "1", "b": "1"}, ""},
		"stopped halfway":               {all, map[string]string{"a": "2", "b": "4"}, "r2"},
		"half of a failed deployment":   {all, map[string]string{"a": "6", "b": "4"}, "r3"},
		"all of one that was not noted": {all, map[string]string{"a": "6", "b": "5"}, "r3"},
		"nothing was recorded":          {nil, map[string]string{"a": "6", "b": "5"}, ""},
		"recorded twice":                {append(all, rel("r3", "5", "4")), map[string]string{"a": "5", "b": "4"}, "r2"},
		"gone back and on":              {append(all, rel("r2", "2", "2")), map[string]string{"a": "2", "b": "2"}, "r3"},
		"a function that came later":    {all, map[string]string{"a": "5", "b": "4", "c": "1"}, "r2"},
	} {
		r, err := before(c.recorded, c.live)
		if r.ID != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", name, r.ID, err, c.want)
		}
	}
}

// TestTheNextRelease: one case for each rule.
func TestTheNextRelease(t *testing.T) {
	for name, c := range map[string]struct {
		published map[string][]version
		live      map[string]string
		want      string
	}{
		"nothing is there":                {map[string][]version{"a": nil, "b": nil}, nil, "abc"},
		"another commit":                  {map[string][]version{"a": {{1, "abd"}}, "b": {{1, ""}}}, map[string]string{"a": "1", "b": "1"}, "abc"},
		"all of it is live":               {map[string][]version{"a": {{1, "abc"}}, "b": {{1, "abc"}}}, map[string]string{"a": "1", "b": "1"}, "abc"},
		"one is not live":                 {map[string][]version{"a": {{1, "x"}, {2, "abc"}}, "b": {{2, "abc"}}}, map[string]string{"a": "1", "b": "2"}, "abc-2"},
		"one was never made":              {map[string][]version{"a": nil, "b": {{2, "abc"}}}, map[string]string{"b": "2"}, "abc-2"},
		"the second failed, too":          {map[string][]version{"a": {{1, "abc"}, {2, "abc-2"}}, "b": {{1, "abc"}}}, map[string]string{"a": "1", "b": "1"}, "abc-3"},
		"gone back from the second":       {map[string][]version{"a": {{1, "abc"}, {9, "abc-12"}}}, map[string]string{"a": "1"}, "abc-13"},
		"the tree was changed":            {map[string][]version{"a": {{1, "abc-changed"}}}, map[string]string{"a": "1"}, "abc"},
		"the tree was changed, and again": {map[string][]version{"a": {{1, "abc-changed-2"}}}, map[string]string{"a": "1"}, "abc"},
	} {
		if got := next("abc", c.published, c.live); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestVersionsThatNobodyGoesBackTo: ten releases are kept, and what is newer than the live one.
func TestVersionsThatNobodyGoesBackTo(t *testing.T) {
	all := []version{{1, ""}, {2, ""}, {3, ""}, {4, ""}, {5, ""}}
	kept := []release{rel("r", "2", ""), rel("s", "4", "")}
	for live, want := range map[string]string{"4": "1 3", "2": "1", "5": "1 3", "": ""} {
		if got := strings.Join(useless("a", kept, all, live), " "); got != want {
			t.Errorf("live %s: %s, want %s", live, got, want)
		}
	}
}
