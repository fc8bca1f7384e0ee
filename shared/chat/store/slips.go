package store

import (
	"context"
	"time"

	"infocig/shared/chat/queue"
)

// A Slip is a place for the next opening: it lets its holder go first, once. That opening is
// the first one after the closing at which the desk was full, and moves if the opening is put
// off.
type Slip struct {
	Holder queue.HolderID `json:"person"` // stored under its former name
	After  time.Time      `json:"after"`  // the closing at which the desk was full
}

// Slips keeps the slips. A store may forget a slip SlipLife after its closing.
type Slips interface {
	// Slip returns the slip of a holder. It returns NotFound if there is none. The slip's day
	// may be over.
	Slip(ctx context.Context, id queue.HolderID) (Slip, error)
}

// SlipLife is for how long after its closing a slip is kept at least.
const SlipLife = 30 * 24 * time.Hour
