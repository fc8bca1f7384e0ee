package httpapi

import (
	"context"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// lines counts how often a line is read.
type lines struct {
	store.Store
	read int
	err  error
}

func (l *lines) Line(context.Context, queue.Topic, int) (queue.Line, error) {
	l.read++
	return queue.Line{Figures: queue.Figures{Free: l.read}}, l.err
}

// TestALineIsReadOnceASecond checks that each topic's line is read once a second, however many
// clients ask. An error is not kept, and neither is a line from a clock that has gone back.
func TestALineIsReadOnceASecond(t *testing.T) {
	store, now := &lines{}, time.Date(2026, 11, 26, 14, 30, 0, 0, time.UTC)
	a := &API{Desk: &desk.Desk{Store: store, Now: func() time.Time { return now }}}
	want := func(what string, topic queue.Topic, free int, met error) {
		t.Helper()
		if line, err := a.glance(t.Context(), topic); line.Figures.Free != free || fmt.Sprint(err) != fmt.Sprint(met) {
			t.Errorf("%s: %d, %v, want %d, %v", what, line.Figures.Free, err, free, met)
		}
	}
	want("first", queue.WorkerCase, 1, nil)
	want("another topic", queue.EmployerCase, 2, nil)
	now = now.Add(999 * time.Millisecond)
	want("in the same second", queue.WorkerCase, 1, nil)
	now = now.Add(time.Millisecond)
	want("after it", queue.WorkerCase, 3, nil)
	now = now.Add(-time.Minute)
	want("before it", queue.WorkerCase, 4, nil)
	now, store.err = now.Add(2*time.Second), code.Unavailable
	want("cannot be read", queue.WorkerCase, 5, code.Unavailable)
	store.err = nil
	want("can again", queue.WorkerCase, 6, nil)
}
