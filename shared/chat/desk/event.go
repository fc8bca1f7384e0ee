package desk

import (
	"context"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// An Event is what a connected client is told without having asked. Everything lasting is an
// entry; the other events may get lost without harm.
type Event interface{ event() }

type (
	// Happened says that the conversation has a new entry. First is the first entry. It is set
	// only if the new entry offers a conversation that no advisor has seen before, so that the
	// client does not have to ask for it.
	Happened struct {
		Entry conversation.Entry
		First *conversation.Entry
	}

	// Typing says that the other side is writing.
	Typing struct{ Conversation queue.ConversationID }

	// ReadMark says that the other side has seen everything up to Seq.
	ReadMark struct {
		Conversation queue.ConversationID
		Seq          int
	}

	// Position says how many citizens are served before, and estimates the wait. The estimate
	// never goes past the end of the day's service. WaitKnown is false if there is no
	// estimate. Unattended says that no advisor serves the topic now. Unlikely says that the
	// citizen is probably not served any more today.
	Position struct {
		Conversation queue.ConversationID
		Ahead        int
		Low, High    time.Duration
		WaitKnown    bool
		Unattended   bool
		Unlikely     bool
		Opens        time.Time // when the desk opens; zero if it is open
	}

	// Pinged says that nothing has come from the client for some time. The client answers with
	// a ping.
	Pinged struct{}

	// DutyChanged says that the service has changed the presence of the advisor, and why.
	DutyChanged struct {
		Advisor conversation.Advisor
		Why     conversation.Reason
	}

	// Queues says how many citizens wait for each of the advisor's topics.
	Queues struct{ Waiting []InQueue }

	// TakenOver says that a newer connection of the same person replaces this one.
	TakenOver struct{}

	// LoggedOut says that the person has logged out. The connection is closed afterwards.
	LoggedOut struct{}

	// Banished says that the client does not heed the limits. The connection is closed
	// afterwards.
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

// InQueue is how many citizens wait for a topic.
type InQueue struct {
	Topic   queue.Topic `json:"topic"`
	Waiting int         `json:"waiting"`
}

// A Pusher sends events to connections.
type Pusher interface {
	// Push hands e to the connection's outgoing queue, in the form that the side may see. It
	// returns code.NotFound if there is no such connection, or it is gone, and code.Throttled
	// if the connection takes nothing now. Delivery is not promised.
	Push(ctx context.Context, to conversation.ConnectionID, side identity.Side, e Event) error

	// Close closes a connection after delivering what was pushed before. It does nothing if
	// there is none.
	Close(ctx context.Context, to conversation.ConnectionID) error
}
