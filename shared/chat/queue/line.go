package queue

import (
	"hash/fnv"
	"slices"
)

// A Line is a snapshot of the queue of one topic.
type Line struct {
	Shards   []Shard
	Returned []Ticket // wait again at the front, the oldest first; a long front is cut off
	Figures  Figures  // as last written
}

// A Shard is a part of a queue that has a counter of its own: one item of a store
// takes a limited number of writes per second (docs/design.md, "Queue").
type Shard struct {
	Taken  int   // tickets taken so far: the largest number
	Called int   // tickets called so far; those above wait
	Erased int   // nothing is left of the tickets up to this one
	Gone   []int // numbers that nobody waits with, in order, from the smallest on; those up to Called no longer matter
	More   bool  // there are more of those than listed
}

// MaxGone is how many numbers a Shard lists at most: the cost of a Line does not
// depend on how many wait, or have left.
const MaxGone = 60

// ShardOf returns in which of n shards somebody waits.
func ShardOf(id string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))        // never fails
	return int(h.Sum32() % uint32(n)) //nolint:gosec // a few
}

// Ahead returns how many are served before ticket t. Returned says that t waits
// at the front. It is exact where there is one shard and t is among the first;
// farther back those who have left are estimated from how many have in front, and
// with several shards tickets that were taken at the same time count as before.
func (l Line) Ahead(t Ticket, returned bool) int {
	if returned {
		n := slices.IndexFunc(l.Returned, func(r Ticket) bool { return !r.before(t) })
		if n < 0 {
			n = len(l.Returned)
		}
		return n
	}
	var own Shard
	if t.Shard < len(l.Shards) {
		own = l.Shards[t.Shard]
	}
	depth, density := t.N-own.Called, l.density()
	ahead := max(depth-1, t.Order()-1-l.Called())
	for i, s := range l.Shards {
		if i == t.Shard {
			ahead -= s.gone(depth-1, density)
		} else { // as many are before t as in its own, about
			ahead -= s.gone(min(depth, s.Taken-s.Called), density)
		}
	}
	return len(l.Returned) + max(0, ahead)
}

// WasCalled reports whether ticket t was.
func (l Line) WasCalled(t Ticket) bool {
	return t.Shard < len(l.Shards) && t.N <= l.Shards[t.Shard].Called
}

// density returns which part of the tickets in line nobody waited with when that was
// counted last.
func (l Line) density() float64 {
	f := l.Figures
	if f.Total <= f.Called {
		return 0
	}
	return max(0, float64(f.Total-f.Called-f.Waiting)/float64(f.Total-f.Called))
}

// gone returns how many of the depth tickets that are called next nobody waits
// with. Those that are not listed are estimated: who is farther ahead has waited
// longer, so that more have left there; density is the mean of the whole line.
func (s Shard) gone(depth int, density float64) int {
	end := s.Called + depth
	n, all, last := 0, 0, s.Called
	for _, g := range s.Gone {
		if g > s.Called {
			all, last = all+1, g
			if g <= end {
				n++
			}
		}
	}
	if !s.More || end <= last || last == s.Called {
		return n
	}
	front := float64(all) / float64(last-s.Called)
	back := max(0, 2*density-front)
	x, whole := float64(depth), float64(s.Taken-s.Called)
	return max(n, int(front*x+(back-front)*x*x/(2*whole)))
}

// Ahead returns how many of the shard itself are served before ticket n.
func (s Shard) Ahead(n int) int {
	depth := n - s.Called
	return max(0, depth-1-s.gone(depth-1, 0))
}

// First returns a ticket of topic that is served next, if somebody waits.
func (l Line) First(topic Topic) (Ticket, bool) {
	if len(l.Returned) > 0 {
		return l.Returned[0], true
	}
	for i, s := range l.Shards {
		for n := s.Called + 1; n <= s.Taken; n++ {
			if _, gone := slices.BinarySearch(s.Gone, n); !gone {
				return Ticket{Topic: topic, Shard: i, N: n}, true
			}
		}
	}
	return Ticket{}, false
}

// Waiting returns how many wait in all, as exactly as Ahead.
func (l Line) Waiting() int {
	waiting := len(l.Returned)
	for _, s := range l.Shards {
		waiting += s.Taken - s.Called - s.gone(s.Taken-s.Called, l.density())
	}
	return max(0, waiting)
}

// Called returns how many tickets of all shards were called.
func (l Line) Called() (n int) {
	for _, s := range l.Shards {
		n += s.Called
	}
	return n
}

// Taken returns how many tickets of all shards were taken.
func (l Line) Taken() (n int) {
	for _, s := range l.Shards {
		n += s.Taken
	}
	return n
}

// thresholds are the positions whose change is told at once, in people ahead: from the
// front on each, farther back some. In between pings tell. docs/design.md, "Queue".
var thresholds = []int{0, 1, 2, 3, 4, 5, 10, 20, 50, 100}

// A Mark is how far the line had come at a look, in one shard: Taken tickets, and
// for each threshold the last ticket with at most as many people ahead.
type Mark struct {
	Taken int   `json:"taken"`
	Last  []int `json:"last"`
}

// Marks returns how far a line has come.
func (l Line) Marks() (all []Mark) {
	for _, s := range l.Shards {
		m := Mark{Taken: s.Taken}
		n := s.Called
		for _, most := range thresholds {
			// With several shards as many are before in each of the others, about.
			for n < s.Taken && len(l.Returned)+len(l.Shards)*s.Ahead(n+1) <= most {
				n++
			}
			m.Last = append(m.Last, n)
		}
		all = append(all, m)
	}
	return all
}

// Passed returns the tickets that were there at the look before, and have come over a
// threshold since, each once.
func Passed(topic Topic, was, is []Mark) (all []Ticket) {
	for i := range min(len(was), len(is)) {
		told := map[int]bool{}
		for k := range min(len(was[i].Last), len(is[i].Last)) {
			for n := was[i].Last[k] + 1; n <= min(is[i].Last[k], was[i].Taken); n++ {
				if !told[n] {
					told[n] = true
					all = append(all, Ticket{Topic: topic, Shard: i, N: n})
				}
			}
		}
	}
	return all
}
