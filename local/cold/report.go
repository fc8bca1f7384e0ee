package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// mb is 1,000,000 bytes: the stricter reading of the limits.
const mb = 1_000_000

// A row is what is known of a function: the size of its zip in bytes and, if it
// was started, its median start.
type row struct {
	function string
	zip      int64
	sample
}

// A report has a row for each function, and first one for the bare function.
type report []row

// bare is the function that the others are compared with.
const bare = "bare"

// A limit is what no function may exceed.
type limit struct {
	name   string
	most   float64
	unit   string
	starts bool // needs a start
	of     func(r, bare row) float64
}

var limits = []limit{
	{"zip", 4, "MB", false, func(r, _ row) float64 { return float64(r.zip) / mb }},
	{"cpu", 2, "× bare", true, row.times},
	{"rss", 20, "MB", true, func(r, _ row) float64 { return float64(r.rss) / mb }},
}

// String returns the limit as a sentence says it.
func (l limit) String() string { return fmt.Sprintf("%s at most %g %s", l.name, l.most, l.unit) }

// times returns the CPU of r as a multiple of that of the bare function.
func (r row) times(bare row) float64 { return float64(r.cpu) / float64(bare.cpu) }

// started reports whether the functions were started.
func (r report) started() bool { return r[0].cpu > 0 }

// print writes the table.
func (r report) print(w io.Writer) {
	if !r.started() {
		fmt.Fprintf(w, "%-12s %8s\n", "function", "zip MB")
		for _, f := range r {
			fmt.Fprintf(w, "%-12s %8.2f\n", f.function, float64(f.zip)/mb)
		}
		return
	}
	fmt.Fprintf(w, "%-12s %8s %8s %8s %8s %8s %8s\n", "function", "zip MB", "cpu ms", "× bare", "wall ms", "rss MB", "later MB")
	for _, f := range r {
		fmt.Fprintf(w, "%-12s %8.2f %8.2f %8.2f %8.2f %8.1f %8.1f\n", f.function, float64(f.zip)/mb,
			ms(f.cpu), f.times(r[0]), ms(f.wall), float64(f.rss)/mb, float64(f.later)/mb)
	}
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// verdict says of every limit whether it holds, and by whom it is exceeded. The
// error says that one is.
func (r report) verdict(w io.Writer) error {
	var err error
	for _, l := range limits {
		if l.starts && !r.started() {
			continue
		}
		var over []string
		for _, f := range r[1:] {
			if v := l.of(f, r[0]); v > l.most {
				over = append(over, fmt.Sprintf("%s %.2f", f.function, v))
			}
		}
		if over == nil {
			fmt.Fprintf(w, "%s: holds\n", l)
			continue
		}
		fmt.Fprintf(w, "%s: EXCEEDED by %s\n", l, strings.Join(over, ", "))
		err = errors.New("a function is over a limit")
	}
	return err
}

// median returns the median of each figure for itself.
func median(all []sample) sample {
	return sample{
		cpu: middle(all, func(s sample) time.Duration { return s.cpu }), wall: middle(all, func(s sample) time.Duration { return s.wall }),
		rss: middle(all, func(s sample) int64 { return s.rss }), later: middle(all, func(s sample) int64 { return s.later }),
	}
}

// middle returns the median of what of says: of an even number, the upper one.
func middle[T cmp.Ordered](all []sample, of func(sample) T) T {
	var list []T
	for _, s := range all {
		list = append(list, of(s))
	}
	slices.Sort(list)
	return list[len(list)/2]
}
