package plain

import (
	"testing"
	"time"
)

func TestInstantsHaveMilliseconds(t *testing.T) {
	rome := time.FixedZone("CET", 3600)
	for want, at := range map[string]time.Time{
		"2026-11-26T15:00:00.000Z": time.Date(2026, 11, 26, 16, 0, 0, 0, rome),
		"2026-11-26T15:00:00.120Z": time.Date(2026, 11, 26, 15, 0, 0, 120e6, time.UTC),
		"2026-11-26T15:00:00.129Z": time.Date(2026, 11, 26, 15, 0, 0, 129_999_999, time.UTC),
	} {
		if got := Instant(at); got != want {
			t.Errorf("%v: got %s, want %s", at, got, want)
		}
	}
}
