package queue

import "time"

// A Promise is what somebody was told who joined: how many were ahead, and the wait
// as a range, in seconds. Both ends are 0 where nobody could tell.
type Promise struct {
	Ahead int `json:"ahead"`
	Low   int `json:"low_s"`
	High  int `json:"high_s"`
}

// How a wait compares with what was promised.
const (
	Unpromised = iota // nobody could tell
	Within            // the range
	Sooner
	Later
)

// Against compares a wait with the promise, which may be nil.
func (p *Promise) Against(wait time.Duration) int {
	switch s := int(wait.Seconds()); {
	case !p.Ranged():
		return Unpromised
	case s < p.Low:
		return Sooner
	case s > p.High:
		return Later
	}
	return Within
}

// Ranged reports whether a range was promised.
func (p *Promise) Ranged() bool { return p != nil && p.High > 0 }
