package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"infocig/shared/hours"
)

// A clock is real time moved by a fixed distance.
type clock struct{ offset time.Duration }

func (c clock) Now() time.Time { return time.Now().Add(c.offset) }

// Behind the last stored instant nothing may happen: leases and connections
// would seem to lie in the future.
const clockMargin = 15 * time.Second

// startClock chooses the instant at which the service starts.
//
// With setting "" it is the real one if the desk is open then, and otherwise
// the next opening: somebody who tries the service on a Saturday night can chat.
// "real" is real time. Anything else is an instant, RFC 3339. The service never
// starts before last, when it was seen running on the same data: it goes on
// from there, or with a chosen instant that is earlier it refuses.
func startClock(setting string, now, last time.Time, desk hours.Calendar) (time.Time, error) {
	earliest := last
	if !last.IsZero() {
		earliest = last.Add(clockMargin)
	}
	var start time.Time
	switch setting {
	case "":
		start = now
		if start.Before(earliest) {
			start = earliest
		}
		if s := desk.At(start); !s.Open {
			start = s.Opens
		}
		if start.IsZero() {
			return now, errors.New("the desk does not open within a year: choose an instant with -clock")
		}
		return start, nil
	case "real":
		start = now
	default:
		t, err := time.Parse(time.RFC3339, setting)
		if err != nil {
			return now, fmt.Errorf("-clock %s: want real or an instant such as 2026-11-23T15:30:00+01:00", setting)
		}
		start = t
	}
	if start.Before(earliest) {
		return now, fmt.Errorf("-clock %s: the data have run until %s; choose a later instant or another -data",
			setting, last.In(hours.Rome()).Format(time.RFC3339))
	}
	return start, nil
}

// A clockFile remembers how far the clock of a data folder has come. The zero
// value remembers nothing.
type clockFile string

func (f clockFile) read() (time.Time, error) {
	if f == "" {
		return time.Time{}, nil
	}
	raw, err := os.ReadFile(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(raw)))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", f, err)
	}
	return t, nil
}

func (f clockFile) write(t time.Time) error {
	if f == "" {
		return nil
	}
	tmp := string(f) + ".new"
	if err := os.WriteFile(tmp, []byte(t.UTC().Format(time.RFC3339Nano)+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, string(f))
}

func clockFileIn(dir string) clockFile { return clockFile(filepath.Join(dir, "clock")) }
