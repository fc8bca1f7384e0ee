package store

import (
	"context"
	"time"

	"infocig/shared/chat/conversation"
)

// A Guard counts the passes and sockets of each person, so that no person has too many. It
// promises less than the rest of the store: its counts may be forgotten after a day.
type Guard interface {
	// CountPass counts a pass of person id in the window that begins at that instant, if fewer
	// than most were counted. It reports whether it counted the pass.
	CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error)

	// PassesOf returns the ids of the person's passes that were counted in a window.
	PassesOf(ctx context.Context, id string, window time.Time) ([]string, error)

	// Enter adds a socket of person id, and returns all of the person's sockets, the oldest
	// first.
	Enter(ctx context.Context, id string, c conversation.Connection) ([]conversation.Connection, error)

	// Leave removes sockets of person id, if they are there.
	Leave(ctx context.Context, id string, c ...conversation.Connection) error

	// Sockets returns the sockets of person id, the oldest first. Some may be closed without
	// the store knowing it.
	Sockets(ctx context.Context, id string) ([]conversation.Connection, error)
}

// The limits of one person. docs/design.md, "Limits of one person".
const (
	MaxSockets = 3                // of a citizen, who may have pages for several companies; an advisor has one
	MaxPasses  = 20               // in each window
	PassWindow = 10 * time.Minute // by the clock: 15:00, 15:10, …
)
