package queue

import (
	"slices"
	"testing"
)

func TestTopicsOfSkills(t *testing.T) {
	for name, test := range map[string]struct {
		skills []string
		want   []Topic
	}{
		"none":                    {nil, Topics},
		"workers":                 {[]string{"workers"}, []Topic{WorkerCase}},
		"both":                    {[]string{"workers", "employers"}, []Topic{WorkerCase, EmployerCase, EmployerBenefits}},
		"nothing that we know":    {[]string{"gardens"}, nil},
		"as older functions have": {[]string{"employer_case"}, []Topic{EmployerCase}},
	} {
		if got := TopicsOfSkills(test.skills); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
