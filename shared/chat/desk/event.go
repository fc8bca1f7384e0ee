package desk

import (
	"context"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// An Event is something that a connected client is told without having asked.
// Everything that lasts is an entry; the rest may get lost without harm.
type Event interface{ event() }

type (
	// Happened: the conversation has a new entry. First is set where it is offered
	// to an advisor before anybody has seen it: its first entry, so that nobody
	// needs to ask for it.
	Happened struct {
		Entry conversation.Entry
		First *conversation.Entry
	}

	// Typing: the other side is writing.
	Typing struct{ Conversation queue.ConversationID }

	// ReadMark: the other side has seen everything up to Seq.
	ReadMark struct {
		Conversation queue.ConversationID
		Seq          int
	}

	// Position: how many are served before, and the wait, which never goes past the
	// end of the day's service. WaitKnown is false where nobody can tell: Unattended
	// says that nobody serves the topic now, Unlikely that the citizen is probably not
	// served any more today.
	Position struct {
		Conversation queue.ConversationID
		Ahead        int
		Low, High    time.Duration
		WaitKnown    bool
		Unattended   bool
		Unlikely     bool
		Opens        time.Time // when the desk opens, if it has not: nobody is served before
	}

	// Pinged: nothing has come from the client for some time. It answers with a ping.
	Pinged struct{}

	// DutyChanged: the service has changed the presence of the advisor, and why.
	DutyChanged struct {
		Advisor conversation.Advisor
		Why     conversation.Reason
	}

	// Queues: how many wait for each of the advisor's topics.
	Queues struct{ Waiting []InQueue }

	// TakenOver: a newer connection of the same person replaces this one.
	TakenOver struct{}

	// LoggedOut: the person has logged out; the connection will be closed.
	LoggedOut struct{}

	// Banished: the client does not heed the limits; the connection will be
	// closed.
	Banished struct{}
)

func (Happened) event()    {}
func (Typing) event()      {}
func (ReadMark) event()    {}
func (Position) event()    {}
func (Pinged) event()      {}
func (DutyChanged) event() {}
func (Queues) event()      {}
func (TakenOver) event()   {}
func (LoggedOut) event()   {}
func (Banished) event()    {}

// InQueue is how many wait for a topic.
type InQueue struct {
	Topic   queue.Topic `json:"topic"`
	Waiting int         `json:"waiting"`
}

// A Pusher sends events to connections.
type Pusher interface {
	// Push hands e, as that side may see it, to the connection's outgoing queue.
	// It returns NotFound if there is no such connection (any more), and
	// Throttled if it takes nothing now. Delivery is not promised.
	Push(ctx context.Context, to conversation.ConnectionID, side identity.Side, e Event) error

	// Close closes a connection, after what was pushed before. It does nothing if
	// there is none.
	Close(ctx context.Context, to conversation.ConnectionID) error
}
