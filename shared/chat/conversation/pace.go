package conversation

import "time"

// A Pace is how fast somebody may write: Burst messages at once, then one per
// Every. The zero Pace has no limit. docs/design.md, "Limits of one person".
type Pace struct {
	Burst int
	Every time.Duration
}

// Spend takes one message from the pace. Busy is what is kept of it: the instant,
// in milliseconds, at which all that was written would have been written at one
// message per Every. It returns 0, or how long to wait. (The generic cell rate
// algorithm: one number instead of a list of instants.)
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
