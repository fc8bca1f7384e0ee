// Package rules has what AWS refuses, or does otherwise than one thinks, and no
// linter knows: rules that every synthesized template is held against, and what a
// deployment must not do to the templates that are deployed.
package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Assembly is the stacks of a stage, by their names.
type Assembly map[string]Stack

// A Stack is a template and where it is deployed.
type Stack struct {
	Name   string
	Region string
	After  []string // stacks that are deployed before it
	Template
}

// A Template is one of CloudFormation.
type Template struct {
	Resources map[string]Resource
	Outputs   map[string]Output
}

// A Resource of a template.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
	UpdatePolicy        map[string]any
}

// An Output of a template.
type Output struct {
	Value  any
	Export struct{ Name any }
}

// Read reads the assembly that "cdk synth" wrote into dir.
func Read(dir string) (Assembly, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type         string
			Environment  string
			Dependencies []string
			Properties   struct{ TemplateFile string }
		}
	}
	if err := read(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return nil, err
	}
	all := Assembly{}
	for name, a := range manifest.Artifacts {
		if a.Type != "aws:cloudformation:stack" {
			continue
		}
		s := Stack{Name: name, Region: a.Environment[strings.LastIndex(a.Environment, "/")+1:]}
		if err := read(filepath.Join(dir, a.Properties.TemplateFile), &s.Template); err != nil {
			return nil, err
		}
		for _, d := range a.Dependencies {
			if manifest.Artifacts[d].Type == a.Type {
				s.After = append(s.After, d)
			}
		}
		all[name] = s
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: there is no stack in it", dir)
	}
	return all, nil
}

func read(file string, into any) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// names returns the stacks in the order of their names.
func (a Assembly) names() []string { return slices.Sorted(maps.Keys(a)) }

// ids returns the resources of a type, "" for all, in the order of their ids.
func (t Template) ids(kind string) (all []string) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if kind == "" || t.Resources[id].Type == kind {
			all = append(all, id)
		}
	}
	return all
}

// at returns what is at a path within properties, nil if nothing is.
func (r Resource) at(path ...string) any {
	var v any = r.Properties
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// list returns what is at a path as a list: one thing is a list of one.
func (r Resource) list(path ...string) []any { return asList(r.at(path...)) }

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// target returns the id of the resource of the same template that v refers to, "" if
// it does not.
func target(v any) string {
	m, _ := v.(map[string]any)
	if id, ok := m["Ref"].(string); ok {
		return id
	}
	switch got := m["Fn::GetAtt"].(type) {
	case []any:
		id, _ := got[0].(string)
		return id
	case string:
		id, _, _ := strings.Cut(got, ".")
		return id
	}
	return ""
}

// find returns the stack and the resource that v, of a template of s, refers to, also
// through outputs of other stacks.
func (a Assembly) find(s Stack, v any) (Stack, string) {
	if id := target(v); id != "" {
		return s, id
	}
	m, _ := v.(map[string]any)
	o, _ := m["Fn::GetStackOutput"].(map[string]any)
	if o == nil {
		return s, ""
	}
	other, ok := a[fmt.Sprint(o["StackName"])]
	if !ok {
		return s, ""
	}
	return other, target(other.Outputs[fmt.Sprint(o["OutputName"])].Value)
}

// walk calls see with every value within v and the path to it.
func walk(v any, path string, see func(path string, v any)) {
	see(path, v)
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walk(v[k], path+"."+k, see)
		}
	case []any:
		for i, e := range v {
			walk(e, fmt.Sprintf("%s.%d", path, i), see)
		}
	}
}

// text returns v as JSON.
func text(v any) string {
	raw, _ := json.Marshal(v) // it was JSON
	return string(raw)
}
