package queue

import (
	"math"
	"time"
)

// Figures are what the sweep has measured of a topic. The wait is estimated from them.
type Figures struct {
	Slots int       `json:"slots"`          // conversations that the advisors present can have at once
	Free  int       `json:"free,omitempty"` // how many of the slots were free
	At    time.Time `json:"at"`             // zero if never written
	// Taken is the last ticket of each shard at the instant Counted. If a ticket up to it has
	// no conversation some time later, it never gets one.
	Taken   []int     `json:"tickets,omitempty"`
	Counted time.Time `json:"counted"`

	// FullSince is the instant since which a new citizen could not be served before closing.
	// It is zero while there is room.
	FullSince time.Time `json:"full_since,omitzero"`

	Marks []Mark `json:"marks,omitempty"` // how far the line had come

	Called  int `json:"called,omitempty"`  // tickets of all shards called by At
	Total   int `json:"total,omitempty"`   // tickets taken by At
	Waiting int `json:"waiting,omitempty"` // citizens in line at At

	First []ConversationID `json:"first,omitempty"` // conversations that an advisor has though their tickets are still to be called

	// What was learned while citizens waited and no slot was free. Older observations count
	// less. Worked is the time for which slots worked (ms), and Begun how many conversations
	// they began (thousandths). Waited is the time for which citizens waited (ms), and Left
	// how many of them left (thousandths).
	Worked int64 `json:"worked,omitempty"`
	Begun  int64 `json:"begun,omitempty"`
	Waited int64 `json:"waited,omitempty"`
	Left   int64 `json:"left,omitempty"`
}

// Attended reports whether advisors served the topic when the figures were made.
func (f Figures) Attended() bool { return f.Slots > 0 }

// The constants of the estimate. An observation that is as old as memory counts about a third
// (1/e). The estimate starts as if each slot had had usual conversations of the usual length,
// and as if the same number of citizens had left after a wait of leaving each. Slots that are
// free now are taken at once, and the first of their conversations ends after a part young of
// a turn.
const (
	memory    = 30 * time.Minute
	usual     = 3
	leaving   = 2 * time.Hour
	young     = 0.5
	saturated = 2 * time.Minute // two sweeps that are farther apart are not learned from
)

// turn estimates for how long a conversation keeps a slot. It learns from handling, the usual
// length, and from what was measured.
func (f Figures) turn(handling time.Duration) time.Duration {
	assumed := usual * int64(f.Slots)
	worked := f.Worked + assumed*handling.Milliseconds()
	return time.Duration(worked*1000/(f.Begun+assumed*1000)) * time.Millisecond
}

// patience estimates for how long citizens wait on average before they leave.
func (f Figures) patience() time.Duration {
	assumed := usual * int64(f.Slots)
	waited := f.Waited + assumed*leaving.Milliseconds()
	return time.Duration(waited*1000/(f.Left+assumed*1000)) * time.Millisecond
}

// Learn takes over what the figures was have learned, and adds what has happened since: the
// conversations that have begun and the citizens who have left. It adds nothing unless
// citizens waited and no slot was free both times, and at most saturated has passed in
// between.
func (f *Figures) Learn(was Figures, begun, left int) {
	passed := f.At.Sub(was.At)
	f.Worked, f.Begun, f.Waited, f.Left = was.Worked, was.Begun, was.Waited, was.Left
	if was.At.IsZero() || passed < 0 || passed > saturated || was.Waiting == 0 || f.Waiting == 0 || was.Free > 0 || f.Free > 0 {
		return
	}
	keep := math.Exp(-float64(passed) / float64(memory))
	for _, v := range []*int64{&f.Worked, &f.Begun, &f.Waited, &f.Left} {
		*v = int64(float64(*v) * keep)
	}
	f.Worked += int64(f.Slots) * passed.Milliseconds()
	f.Begun += int64(max(0, begun)) * 1000
	f.Waited += int64(was.Waiting) * passed.Milliseconds()
	f.Left += int64(max(0, left)) * 1000
}

// Wait estimates the wait of a citizen with that many people ahead, as a range that is right
// four times in five (upkeep.Grade measures that). It reports false if no advisor is present
// to serve.
//
// The model: slots become free one after the other at random, each after a turn, and waiting
// citizens leave at random. The wait for the nth slot has a relative deviation of 1/√n, and
// the turn itself is known to some sevenths. Slots that are free now are taken at the same
// time by the people ahead; the first of their conversations ends after a part young of a
// turn.
func (f Figures) Wait(ahead int, handling time.Duration) (low, high time.Duration, known bool) {
	if f.Slots < 1 {
		return 0, 0, false
	}
	n := ahead + 1 - f.Free
	if n < 1 {
		return 0, time.Minute, true
	}
	patience := float64(f.patience())
	turns := float64(n)/float64(f.Slots) + young*float64(f.Free)/float64(f.Slots)
	mean := patience * math.Log1p(float64(f.turn(handling))*turns/patience)
	spread := 1.5 * math.Sqrt(1/float64(n)+0.02)
	low = time.Duration(mean * max(0, 1-spread)).Round(time.Second)
	high = time.Duration(mean * (1 + spread)).Round(time.Second)
	return low, max(high, time.Minute), true
}
