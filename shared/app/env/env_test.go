package env_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/app/env"
)

func TestRead(t *testing.T) {
	lookup := func(values map[string]string) env.Lookup {
		return func(name string) (string, bool) {
			v, ok := values[name]
			return v, ok
		}
	}
	for name, test := range map[string]struct {
		values map[string]string
		want   env.Values
		err    string
	}{
		"all":       {map[string]string{"TABLE_NAME": "t", "ORIGINS": "o", "HOME": "h"}, env.Values{env.Table: "t", env.Origins: "o"}, ""},
		"none":      {nil, nil, "missing environment variables: TABLE_NAME, ORIGINS"},
		"one":       {map[string]string{"TABLE_NAME": "t"}, nil, "missing environment variables: ORIGINS"},
		"empty one": {map[string]string{"TABLE_NAME": "", "ORIGINS": "o"}, nil, "missing environment variables: TABLE_NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := env.Read(env.Set{env.Table, env.Origins}, lookup(test.values))
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			message := ""
			if err != nil {
				message = err.Error()
			}
			if message != test.err {
				t.Errorf("got error %q, want %q", message, test.err)
			}
		})
	}
}

func TestEveryFunctionHasASet(t *testing.T) {
	folders, err := os.ReadDir("../../../functions")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range folders {
		if f.IsDir() {
			n++
			if _, ok := env.Sets[f.Name()]; !ok {
				t.Errorf("functions/%s has none", f.Name())
			}
		}
	}
	if n != len(env.Sets) {
		t.Errorf("%d functions, %d sets", n, len(env.Sets))
	}
}
