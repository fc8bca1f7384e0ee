package queue

import (
	"hash/fnv"
	"slices"
)

// A Line is a snapshot of the queue of one topic.
type Line struct {
	Shards   []Shard
	Returned []Ticket // tickets that wait again at the front, the oldest first; a long front is cut off
	Figures  Figures  // as last written
}

// A Shard is a part of a queue that has a counter of its own. A queue is split into shards
// because one item of a store takes a limited number of writes per second (docs/design.md,
// "Queue").
type Shard struct {
	Taken  int   // tickets taken so far: the largest number
	Called int   // tickets called so far; the tickets above wait
	Erased int   // nothing is stored any more of the tickets up to this one
	Gone   []int // numbers that no citizen waits with, in order, from the smallest on; those up to Called no longer matter
	More   bool  // there are more such numbers than Gone lists
}

// MaxGone is how many numbers a Shard lists at most, so that the cost of a Line does not
// depend on how many citizens wait or have left.
const MaxGone = 60

// ShardOf returns the shard, of n, for an id. It is a hash: the same id gets the same shard.
func ShardOf(id string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))        // never fails
	return int(h.Sum32() % uint32(n)) //nolint:gosec // a few
}

// Ahead returns how many citizens are served before ticket t. Returned says that t waits at
// the front. The number is exact if there is one shard and t is among the first tickets.
// Farther back, the number of citizens who have left is estimated from the front of the line
// and from the figures. With several shards, tickets that were taken at the same time as t
// count as ahead of t.
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
		} else { // about as many are ahead of t as in its own shard
			ahead -= s.gone(min(depth, s.Taken-s.Called), density)
		}
	}
	return len(l.Returned) + max(0, ahead)
}

// WasCalled reports whether ticket t was called.
func (l Line) WasCalled(t Ticket) bool {
	return t.Shard < len(l.Shards) && t.N <= l.Shards[t.Shard].Called
}

// density returns the share of the tickets not called yet that no citizen waits with any more,
// by the last count of the sweep.
func (l Line) density() float64 {
	f := l.Figures
	if f.Total <= f.Called {
		return 0
	}
	return max(0, float64(f.Total-f.Called-f.Waiting)/float64(f.Total-f.Called))
}

// gone returns how many of the next depth tickets of the shard no citizen waits with. Tickets
// beyond those that the shard lists are estimated: citizens farther ahead have waited longer,
// so more of them have left. The argument density is the mean of the whole line.
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

// Ahead returns how many citizens of the shard itself are served before its ticket n.
func (s Shard) Ahead(n int) int {
	depth := n - s.Called
	return max(0, depth-1-s.gone(depth-1, 0))
}

// First returns a ticket that is served next. It reports false if no citizen waits.
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

// Waiting returns how many citizens wait in all. It is as exact as Ahead.
func (l Line) Waiting() int {
	waiting := len(l.Returned)
	for _, s := range l.Shards {
		waiting += s.Taken - s.Called - s.gone(s.Taken-s.Called, l.density())
	}
	return max(0, waiting)
}

// Called returns how many tickets of all shards together were called.
func (l Line) Called() (n int) {
	for _, s := range l.Shards {
		n += s.Called
	}
	return n
}

// Taken returns how many tickets of all shards together were taken.
func (l Line) Taken() (n int) {
	for _, s := range l.Shards {
		n += s.Taken
	}
	return n
}

// thresholds are the numbers of people ahead that a citizen is told of as soon as they are
// reached: each number near the front, and some farther back. In between, the answers to the
// client's pings tell the position. docs/design.md, "Queue".
var thresholds = []int{0, 1, 2, 3, 4, 5, 10, 20, 50, 100}

// A Mark is how far one shard had come at a sweep: the number of tickets taken, and for each
// threshold the last ticket with at most so many people ahead.
type Mark struct {
	Taken int   `json:"taken"`
	Last  []int `json:"last"`
}

// Marks returns the mark of each shard of the line.
func (l Line) Marks() (all []Mark) {
	for _, s := range l.Shards {
		m := Mark{Taken: s.Taken}
		n := s.Called
		for _, most := range thresholds {
			// With several shards, about as many are ahead in each of the other shards.
			for n < s.Taken && len(l.Returned)+len(l.Shards)*s.Ahead(n+1) <= most {
				n++
			}
			m.Last = append(m.Last, n)
		}
		all = append(all, m)
	}
	return all
}

// Passed returns the tickets that have come over a threshold between the marks was and is.
// Tickets taken after was are left out. A ticket that has come over several thresholds is
// returned once.
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
