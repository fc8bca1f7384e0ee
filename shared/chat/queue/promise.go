package queue

import "time"

// A Promise is what a citizen is told on joining: how many people are ahead, and the wait as a
// range in seconds. Both ends of the range are 0 if the wait is not known.
type Promise struct {
	Ahead int `json:"ahead"`
	Low   int `json:"low_s"`
	High  int `json:"high_s"`
}

// The results of Promise.Against.
const (
	Unpromised = iota // no range was told
	Within            // within the range
	Sooner
	Later
)

// Against compares a wait, in whole seconds, with the promise, which may be nil. It returns
// Unpromised, Within, Sooner or Later.
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
