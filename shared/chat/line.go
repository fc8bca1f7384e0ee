package chat

import (
	"slices"
	"time"
)

// A Line is a snapshot of the queue of one topic.
type Line struct {
	Taken    int      // tickets taken so far: the largest number
	Called   int      // tickets called so far; those above wait
	Gone     []int    // numbers above Called that nobody waits with
	Returned []Ticket // called before and waiting again, at the front, oldest first
	Figures  Figures  // as last written
}

// Figures are what the sweep knows about a topic, for estimates of the wait.
type Figures struct {
	Slots int       `json:"slots"` // conversations that the advisors present can have at once
	At    time.Time `json:"at"`    // zero if never written
	// Taken is how many tickets were taken when they were counted, at Counted:
	// which of them nobody has some time later nobody will ever have.
	Taken   int       `json:"taken"`
	Counted time.Time `json:"counted"`
}

// Wait estimates how long somebody with that many people ahead waits, as a
// range. It reports false if nobody is present to serve, or nobody knows. The
// model: people are served in rounds of as many as there are slots, each round
// lasting one handling time, the present one half over; the range is half to
// one and a half of that.
func (f Figures) Wait(ahead int, handling time.Duration) (low, high time.Duration, known bool) {
	if f.Slots < 1 {
		return 0, 0, false
	}
	mean := handling * time.Duration(2*ahead+1) / time.Duration(2*f.Slots)
	return mean / 2, mean * 3 / 2, true
}

// Ahead returns how many are served before ticket t. Returned says that t waits
// at the front.
func (l Line) Ahead(t Ticket, returned bool) int {
	if returned {
		n := slices.IndexFunc(l.Returned, func(r Ticket) bool { return !r.before(t) })
		if n < 0 {
			n = len(l.Returned)
		}
		return n
	}
	ahead := len(l.Returned) + max(0, t.N-1-l.Called)
	for _, g := range l.Gone {
		if g > l.Called && g < t.N {
			ahead--
		}
	}
	return max(0, ahead)
}

// first returns the ticket of topic that is served next, if somebody waits.
func (l Line) first(topic Topic) (Ticket, bool) {
	if len(l.Returned) > 0 {
		return l.Returned[0], true
	}
	for n := l.Called + 1; n <= l.Taken; n++ {
		if !slices.Contains(l.Gone, n) {
			return Ticket{Topic: topic, N: n}, true
		}
	}
	return Ticket{}, false
}

// Waiting returns how many wait in all.
func (l Line) Waiting() int {
	return l.Ahead(Ticket{N: l.Taken + 1}, false)
}

// before orders tickets of one queue's front: by number, then by where the
// number is from, since a transfer brings tickets of other topics.
func (t Ticket) before(u Ticket) bool {
	switch {
	case t.N != u.N:
		return t.N < u.N
	case t.Topic != u.Topic:
		return t.Topic < u.Topic
	default:
		return t.Shard < u.Shard
	}
}
