package store

import (
	"context"
	"time"

	"infocig/shared/chat/conversation"
)

// A Guard counts what people open, so that nobody opens too much. It promises
// less than the rest of the store: what it says may be forgotten after a day.
type Guard interface {
	// CountPass counts a pass of somebody in the window that begins then, if fewer than
	// most were counted, and reports whether it did.
	CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error)

	// PassesOf returns the passes that were counted in a window.
	PassesOf(ctx context.Context, id string, window time.Time) ([]string, error)

	// Enter adds a socket of somebody and returns all of theirs, the oldest first.
	Enter(ctx context.Context, id string, c conversation.Connection) ([]conversation.Connection, error)

	// Leave takes sockets of somebody out, if they are there.
	Leave(ctx context.Context, id string, c ...conversation.Connection) error

	// Sockets returns those of somebody, the oldest first. Of some it may not be
	// known that they are closed.
	Sockets(ctx context.Context, id string) ([]conversation.Connection, error)
}

// Limits of what one person can open. docs/design.md, "Limits of one person".
const (
	MaxSockets = 3                // of a citizen: pages for several companies. An advisor has one.
	MaxPasses  = 20               // in each window
	PassWindow = 10 * time.Minute // by the clock: 15:00, 15:10, …
)
