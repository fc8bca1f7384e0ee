package gateway

import "time"

// Faults are the misbehaviours that API Gateway allows itself. A nil hook
// means that all is well. Hooks may be called concurrently.
type Faults struct {
	// Disconnect is asked before each $disconnect: run it after delay, or
	// drop it altogether (row 14: best effort).
	Disconnect func(connectionID string) (delay time.Duration, drop bool)

	// Post is asked before each post to a connection that exists. An error,
	// usually Gone or LimitExceeded, is what the caller gets; nothing is sent.
	Post func(connectionID string) error
}
