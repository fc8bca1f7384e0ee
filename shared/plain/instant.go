package plain

import "time"

// Instant writes t as clients get every instant: in UTC, with milliseconds, which are
// always there, such as 2026-11-26T15:00:00.000Z. What is finer is left out.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
