package httpapi

import (
	"context"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat"
	"infocig/shared/code"
)

// lines counts how often a line is read.
type lines struct {
	chat.Store
	read int
	err  error
}

func (l *lines) Line(context.Context, chat.Topic, int) (chat.Line, error) {
	l.read++
	return chat.Line{Figures: chat.Figures{Free: l.read}}, l.err
}

// TestALineIsReadOnceASecond: for each topic, however many ask; an error is not kept; nor is
// a line from a clock that went back.
func TestALineIsReadOnceASecond(t *testing.T) {
	store, now := &lines{}, time.Date(2026, 11, 26, 14, 30, 0, 0, time.UTC)
	a := &API{Desk: &chat.Desk{Store: store, Now: func() time.Time { return now }}}
	want := func(what string, topic chat.Topic, free int, met error) {
		t.Helper()
		if line, err := a.glance(t.Context(), topic); line.Figures.Free != free || fmt.Sprint(err) != fmt.Sprint(met) {
			t.Errorf("%s: %d, %v, want %d, %v", what, line.Figures.Free, err, free, met)
		}
	}
	want("first", chat.WorkerCase, 1, nil)
	want("another topic", chat.EmployerCase, 2, nil)
	now = now.Add(999 * time.Millisecond)
	want("in the same second", chat.WorkerCase, 1, nil)
	now = now.Add(time.Millisecond)
	want("after it", chat.WorkerCase, 3, nil)
	now = now.Add(-time.Minute)
	want("before it", chat.WorkerCase, 4, nil)
	now, store.err = now.Add(2*time.Second), code.Unavailable
	want("cannot be read", chat.WorkerCase, 5, code.Unavailable)
	store.err = nil
	want("can again", chat.WorkerCase, 6, nil)
}
