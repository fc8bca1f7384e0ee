package chat

import (
	"context"
	"time"
)

// An Event is something that a connected client is told without having asked.
// Everything that lasts is an entry; the rest may get lost without harm.
type Event interface{ event() }

type (
	// Happened: the conversation has a new entry. First is set where it is offered
	// to an advisor before anybody has seen it: its first entry, so that nobody
	// needs to ask for it.
	Happened struct {
		Entry Entry
		First *Entry
	}

	// Typing: the other side is writing.
	Typing struct{ Conversation ConversationID }

	// ReadMark: the other side has seen everything up to Seq.
	ReadMark struct {
		Conversation ConversationID
		Seq          int
	}

	// Position: how many are served before, and the wait; WaitKnown is false
	// where nobody can tell.
	Position struct {
		Conversation ConversationID
		Ahead        int
		Low, High    time.Duration
		WaitKnown    bool
		Opens        time.Time // when the desk opens, if it has not: nobody is served before
	}

	// TakenOver: a newer connection of the same person replaces this one.
	TakenOver struct{}

	// LoggedOut: the person has logged out; the connection will be closed.
	LoggedOut struct{}

	// Banished: the client does not heed the limits; the connection will be
	// closed.
	Banished struct{}
)

func (Happened) event()  {}
func (Typing) event()    {}
func (ReadMark) event()  {}
func (Position) event()  {}
func (TakenOver) event() {}
func (LoggedOut) event() {}
func (Banished) event()  {}

// A Pusher sends events to connections.
type Pusher interface {
	// Push hands e, as that side may see it, to the connection's outgoing queue.
	// It returns NotFound if there is no such connection (any more), and
	// Throttled if it takes nothing now. Delivery is not promised.
	Push(ctx context.Context, to ConnectionID, side Side, e Event) error

	// Close closes a connection, after what was pushed before. It does nothing if
	// there is none.
	Close(ctx context.Context, to ConnectionID) error
}
