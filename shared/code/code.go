// Package code has the codes by which a failure is known, in the code and on the wire.
package code

import (
	"fmt"
	"time"
)

// A Code classifies a failure. The same constant is the sentinel for errors.Is
// and the code on the wire: never rename one, only add.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // malformed, or breaks a rule of form; do not retry
	Forbidden   Code = "forbidden"   // not this caller's to do; do not retry
	NotFound    Code = "not_found"   // none, or none that the caller may see; do not retry
	Conflict    Code = "conflict"    // not possible in the present state; look again first
	Closed      Code = "closed"      // the conversation has ended; do not retry
	Superseded  Code = "superseded"  // a newer connection took over; do not retry here
	Throttled   Code = "throttled"   // too many; retry later
	Unavailable Code = "unavailable" // nobody or nothing is free for it now; retry later
	Internal    Code = "internal"    // the rest; retry later
)

// Codes lists every code in the order in which it is documented.
var Codes = []Code{Invalid, Forbidden, NotFound, Conflict, Closed, Superseded, Throttled, Unavailable, Internal}

func (c Code) Error() string { return string(c) }

// Retry reports whether the same request may succeed if it is sent again later.
func (c Code) Retry() bool {
	switch c {
	case Throttled, Unavailable, Internal:
		return true
	default:
		return false
	}
}

// TooFast says when to try again. It is a Throttled.
type TooFast struct{ After time.Duration }

func (e *TooFast) Error() string { return fmt.Sprintf("too fast: again in %v", e.After) }

// Unwrap makes *TooFast a Throttled.
func (e *TooFast) Unwrap() error { return Throttled }
