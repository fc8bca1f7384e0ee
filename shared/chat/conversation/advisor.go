package conversation

import (
	"slices"
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A Presence says whether an advisor wants conversations.
type Presence string

// The presences.
const (
	Available Presence = "available"
	Paused    Presence = "paused" // finishes the open conversations, gets no new one
)

// Capacity limits: how many conversations an advisor can have at the same time.
const (
	DefaultCapacity = 3
	MaxCapacity     = 5
)

// An Advisor is an expert of the institute who serves at the desk (never "consultant").
type Advisor struct {
	ID       identity.StaffID       `json:"id"`
	Name     string                 `json:"name"`
	Topics   []queue.Topic          `json:"topics"`
	Person   identity.PersonID      `json:"person,omitempty"` // the advisor's id as a citizen; "" if it is not known
	Presence Presence               `json:"presence"`
	Capacity int                    `json:"capacity"`
	Open     []queue.ConversationID `json:"open,omitempty"` // the conversations that hold a slot each; never more than MaxCapacity
	// Connection and Epoch are the advisor's socket. Connection is "" once the socket is known
	// to be closed. Lease is the instant until which the advisor counts as there without
	// another sign.
	Connection ConnectionID `json:"connection,omitempty"`
	Epoch      int64        `json:"epoch"`
	Lease      time.Time    `json:"lease"`
	AssignedAt time.Time    `json:"assigned_at"` // the last assignment; zero if none
}

// There reports whether the advisor is connected and counts as there at t.
func (a Advisor) There(t time.Time) bool { return a.Connection != "" && a.Lease.After(t) }

// Serves reports whether the advisor takes conversations of topic at t: now, or as soon as one
// of the open ones has ended.
func (a Advisor) Serves(topic queue.Topic, t time.Time) bool {
	return a.There(t) && a.Presence == Available && slices.Contains(a.Topics, topic)
}

// Free returns how many more conversations of topic the advisor can be given at t.
func (a Advisor) Free(topic queue.Topic, t time.Time) int {
	if !a.Serves(topic, t) {
		return 0
	}
	return max(0, a.Capacity-len(a.Open))
}

// MayHave reports whether the advisor may be given the conversation with state s. An advisor
// may not have a conversation in which the advisor is the citizen. Invariant I-21.
func (a Advisor) MayHave(s State) bool { return a.Person == "" || string(a.Person) != s.Citizen.ID }

// Pick chooses the advisor who gets the conversation with state s at t. The addressee of a
// transfer comes first. The advisor who had the conversation last comes last. Among the others
// the one with most free slots comes first, then the one who has waited longest since the last
// assignment. Pick reports false if no advisor is free who may have the conversation.
func Pick(advisors []Advisor, s State, t time.Time) (Advisor, bool) {
	var best Advisor
	found := false
	for _, a := range advisors {
		if a.Free(s.Topic, t) > 0 && a.MayHave(s) && (!found || better(a, best, s, t)) {
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
