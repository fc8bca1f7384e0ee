package store

import (
	"context"
	"time"

	"infocig/shared/chat/queue"
)

// A Slip lets a person go first at an opening, once: the first one after the closing
// before which there was no room. If that is put off the slip goes with it.
type Slip struct {
	Holder queue.HolderID `json:"person"` // as it was called first
	After  time.Time      `json:"after"`  // that closing
}

// Slips keeps the slips. A store may forget one SlipLife after its closing.
type Slips interface {
	// Slip returns that of a holder, or NotFound. It may have had its day.
	Slip(ctx context.Context, id queue.HolderID) (Slip, error)
}

// SlipLife is for how long after its closing a slip is kept at least.
const SlipLife = 30 * 24 * time.Hour
