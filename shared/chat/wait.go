package chat

import (
	"math"
	"time"
)

// Figures are what the sweep knows about a topic, for estimates of the wait.
type Figures struct {
	Slots int       `json:"slots"`          // conversations that the advisors present can have at once
	Free  int       `json:"free,omitempty"` // of those the ones that were free
	At    time.Time `json:"at"`             // zero if never written
	// Taken is how many tickets of each shard were taken when they were counted, at
	// Counted: which of them nobody has some time later nobody will ever have.
	Taken   []int     `json:"taken,omitempty"`
	Counted time.Time `json:"counted"`

	Called int `json:"called,omitempty"` // tickets, in all shards, by At
	// Worked is for how long slots have worked while somebody waited, in ms, and
	// Begun how many conversations they began in that time, in thousandths. What
	// was long ago counts less.
	Worked int64 `json:"worked,omitempty"`
	Begun  int64 `json:"begun,omitempty"`
}

// How the estimate learns: what was memory ago counts a third; before anything is
// known it is as if so many conversations had lasted the usual time.
const (
	memory    = 30 * time.Minute
	usual     = 10
	saturated = 2 * time.Minute // between two looks at most, to count as one time
)

// turn estimates for how long a conversation keeps a slot.
func (f Figures) turn(handling time.Duration) time.Duration {
	worked := f.Worked + usual*handling.Milliseconds()
	return time.Duration(worked*1000/(f.Begun+usual*1000)) * time.Millisecond
}

// learn adds what has happened since the figures were was: begun conversations, if
// somebody has waited all the time and no slot was free.
func (f *Figures) learn(was Figures, waiting bool, begun int) {
	passed := f.At.Sub(was.At)
	if was.At.IsZero() || passed < 0 {
		return
	}
	keep := math.Exp(-float64(passed) / float64(memory))
	f.Worked, f.Begun = int64(float64(was.Worked)*keep), int64(float64(was.Begun)*keep)
	if waiting && was.Free == 0 && f.Free == 0 && passed <= saturated {
		f.Worked += int64(f.Slots) * passed.Milliseconds()
		f.Begun += int64(max(0, begun)) * 1000
	}
}

// Wait estimates how long somebody with that many people ahead waits, as a
// range that is right four times in five (Grade tells). It reports false if nobody
// is present to serve, or nobody knows.
//
// The model: slots become free one after the other, each after a turn, at random.
// The wait for the nth has a relative deviation of 1/√n; the turn itself is known
// to some sevenths.
func (f Figures) Wait(ahead int, handling time.Duration) (low, high time.Duration, known bool) {
	if f.Slots < 1 {
		return 0, 0, false
	}
	n := ahead + 1 - f.Free
	if n < 1 {
		return 0, time.Minute, true
	}
	mean := float64(f.turn(handling)) * float64(n) / float64(f.Slots)
	spread := 1.5 * math.Sqrt(1/float64(n)+0.02)
	low = time.Duration(mean * max(0, 1-spread)).Round(time.Second)
	high = time.Duration(mean * (1 + spread)).Round(time.Second)
	return low, max(high, time.Minute), true
}
