package chat

import (
	"slices"
	"time"
)

// Presence is whether an advisor wants conversations.
type Presence string

// The presences.
const (
	Available Presence = "available"
	Paused    Presence = "paused" // finishes what is open, gets nothing new
)

// Capacity limits: how many conversations at once.
const (
	DefaultCapacity = 3
	MaxCapacity     = 5
)

// An Advisor is an expert of the institute at the desk (never "consultant").
type Advisor struct {
	ID       AdvisorID        `json:"id"`
	Name     string           `json:"name"`
	Topics   []Topic          `json:"topics"`
	Presence Presence         `json:"presence"`
	Capacity int              `json:"capacity"`
	Open     []ConversationID `json:"open,omitempty"` // holds a slot each; never more than MaxCapacity
	// Connection and Epoch are the advisor's socket; Lease is until when it
	// counts as alive without another sign.
	Connection ConnectionID `json:"connection,omitempty"`
	Epoch      int64        `json:"epoch"`
	Lease      time.Time    `json:"lease"`
	AssignedAt time.Time    `json:"assigned_at"` // the last assignment; zero if none
}

// Free reports how many more conversations of topic the advisor can be given at t.
func (a Advisor) Free(topic Topic, t time.Time) int {
	if a.Presence != Available || !a.Lease.After(t) || !slices.Contains(a.Topics, topic) {
		return 0
	}
	return max(0, a.Capacity-len(a.Open))
}

// Pick chooses who of advisors gets the conversation with state s at t: the
// addressee of a transfer if free, then who has most free slots, then who
// waited longest since the last assignment. Who just had it comes last. It
// reports false if nobody is free.
func Pick(advisors []Advisor, s State, t time.Time) (Advisor, bool) {
	var best Advisor
	found := false
	for _, a := range advisors {
		if a.Free(s.Topic, t) > 0 && (!found || better(a, best, s, t)) {
			best, found = a, true
		}
	}
	return best, found
}

func better(a, b Advisor, s State, t time.Time) bool {
	switch fa, fb := a.Free(s.Topic, t), b.Free(s.Topic, t); {
	case (a.ID == s.For) != (b.ID == s.For):
		return a.ID == s.For
	case (a.ID == s.Last) != (b.ID == s.Last):
		return b.ID == s.Last
	case fa != fb:
		return fa > fb
	case !a.AssignedAt.Equal(b.AssignedAt):
		return a.AssignedAt.Before(b.AssignedAt)
	default:
		return a.ID < b.ID
	}
}
