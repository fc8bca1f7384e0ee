package conversation

import "time"

// A Pace is how fast one side may write: Burst messages at once, then one per Every. The zero
// Pace has no limit. docs/design.md, "Limits of one person".
type Pace struct {
	Burst int
	Every time.Duration
}

// Spend takes one message from the pace at the instant now (UTC milliseconds). It returns 0,
// or how long to wait if the message comes too early. The argument busy is the stored state of
// the pace: the instant, in UTC milliseconds, at which all messages so far would have been
// written at one message per Every. This is the generic cell rate algorithm, which needs one
// number instead of a list of instants.
func (p Pace) Spend(busy *int64, now int64) time.Duration {
	if p.Every <= 0 {
		return 0
	}
	every := p.Every.Milliseconds()
	next := max(*busy, now) + every
	if early := next - now - int64(p.Burst)*every; early > 0 {
		return time.Duration(early) * time.Millisecond
	}
	*busy = next
	return 0
}
