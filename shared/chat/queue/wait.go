package queue

import (
	"math"
	"time"
)

// Figures are what the sweep knows about a topic, for estimates of the wait.
type Figures struct {
	Slots int       `json:"slots"`          // conversations that the advisors present can have at once
	Free  int       `json:"free,omitempty"` // of those the ones that were free
	At    time.Time `json:"at"`             // zero if never written
	// Taken is the last ticket of each shard at Counted. A ticket up to it that has no
	// conversation some time later will never get one.
	Taken   []int     `json:"tickets,omitempty"`
	Counted time.Time `json:"counted"`

	// FullSince is since when a citizen who comes could not be served before closing; zero
	// while there is room.
	FullSince time.Time `json:"full_since,omitzero"`

	Marks []Mark `json:"marks,omitempty"` // how far the line had come

	Called  int `json:"called,omitempty"`  // tickets, of all shards, by At
	Total   int `json:"total,omitempty"`   // tickets taken by At
	Waiting int `json:"waiting,omitempty"` // in line, at At

	First []ConversationID `json:"first,omitempty"` // that were begun before it was their ticket's turn

	// What was learned while a citizen waited and no slot was free; older observations
	// count less. Worked is the time for which slots worked (ms), Begun how many
	// conversations they began (thousandths), Waited the time for which citizens waited
	// (ms), Left how many of them left (thousandths).
	Worked int64 `json:"worked,omitempty"`
	Begun  int64 `json:"begun,omitempty"`
	Waited int64 `json:"waited,omitempty"`
	Left   int64 `json:"left,omitempty"`
}

// Attended reports whether somebody served when the figures were made.
func (f Figures) Attended() bool { return f.Slots > 0 }

// How the estimate learns: what was memory ago counts a third. Before anything is
// known it is as if each slot had had usual conversations of the usual length, and
// as if as many people had left, after two hours each.
const (
	memory    = 30 * time.Minute
	usual     = 3
	leaving   = 2 * time.Hour
	young     = 0.5
	saturated = 2 * time.Minute // between two looks at most, to count as one time
)

// turn estimates for how long a conversation keeps a slot.
func (f Figures) turn(handling time.Duration) time.Duration {
	assumed := usual * int64(f.Slots)
	worked := f.Worked + assumed*handling.Milliseconds()
	return time.Duration(worked*1000/(f.Begun+assumed*1000)) * time.Millisecond
}

// patience estimates for how long people wait before they leave, on average.
func (f Figures) patience() time.Duration {
	assumed := usual * int64(f.Slots)
	waited := f.Waited + assumed*leaving.Milliseconds()
	return time.Duration(waited*1000/(f.Left+assumed*1000)) * time.Millisecond
}

// Learn adds what has happened since the figures were was: some have begun a
// conversation and some have left, if somebody has waited all the time and no slot
// was free.
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

// Wait estimates how long somebody with that many people ahead waits, as a
// range that is right four times in five (Grade tells). It reports false if nobody
// is present to serve, or nobody knows.
//
// The model: slots become free one after the other, each after a turn, at random,
// and those who wait leave at random. The wait for the nth slot has a relative
// deviation of 1/√n; the turn itself is known to some sevenths. Slots that are free
// will be taken at the same time by those ahead, and the first of them ends after
// young of a turn.
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
