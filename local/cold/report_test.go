package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestVerdict(t *testing.T) {
	took := func(cpu time.Duration, rss int64) sample { return sample{cpu: cpu, wall: cpu, rss: rss, later: rss} }
	for name, test := range map[string]struct {
		of   report
		want string
	}{
		"what is exactly at a limit holds": {
			report{{bare, mb, took(3*time.Millisecond, mb)}, {"connect", 4 * mb, took(6*time.Millisecond, 20*mb)}},
			"zip at most 4 MB: holds\ncpu at most 2 × bare: holds\nrss at most 20 MB: holds\n",
		},
		"all that exceed are named": {
			report{{bare, mb, took(2*time.Millisecond, mb)}, {"connect", 5 * mb, took(5*time.Millisecond, 21*mb)}, {"message", mb, took(6*time.Millisecond, mb)}},
			"zip at most 4 MB: EXCEEDED by connect 5.00\ncpu at most 2 × bare: EXCEEDED by connect 2.50, message 3.00\nrss at most 20 MB: EXCEEDED by connect 21.00\n",
		},
		"the bare function has no limit": {
			report{{bare, 5 * mb, took(time.Millisecond, 21*mb)}, {"connect", mb, took(time.Millisecond, mb)}},
			"zip at most 4 MB: holds\ncpu at most 2 × bare: holds\nrss at most 20 MB: holds\n",
		},
		"what was not started has a size only": {
			report{{function: bare, zip: mb}, {function: "connect", zip: 4*mb + mb/10}},
			"zip at most 4 MB: EXCEEDED by connect 4.10\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			err := test.of.verdict(&got)
			if d := cmp.Diff(test.want, got.String()); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if over := strings.Contains(test.want, "EXCEEDED"); over != (err != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPrint(t *testing.T) {
	var got bytes.Buffer
	report{
		{bare, 2 * mb, sample{3 * time.Millisecond, 4 * time.Millisecond, 6 * mb, 7 * mb}},
		{"disconnect", 3 * mb, sample{4500 * time.Microsecond, 5 * time.Millisecond, 10 * mb, 11 * mb}},
	}.print(&got)
	want := `function       zip MB   cpu ms   × bare  wall ms   rss MB later MB
bare             2.00     3.00     1.00     4.00      6.0      7.0
disconnect       3.00     4.50     1.50     5.00     10.0     11.0
`
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestMedianIsOfEachFigure(t *testing.T) {
	got := median([]sample{{1, 30, 5, 9}, {2, 10, 7, 8}, {9, 20, 6, 7}})
	if want := (sample{2, 20, 6, 8}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
