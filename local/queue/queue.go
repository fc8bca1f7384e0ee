// Package queue is a queue on one machine with the promises of Amazon SQS, and
// the event source that invokes a function with what is in it, as AWS Lambda
// does. A message may come twice and out of order; one that keeps failing
// becomes a dead letter.
package queue

import (
	"context"
	"sync"
	"time"
)

// A Message is one as its receiver gets it.
type Message struct {
	ID       string
	Receipt  string // of this receipt: deletes the message
	Body     string
	Receives int // how often it was received, with this time
}

// A Queue keeps messages until they are deleted.
type Queue interface {
	// Send adds a message.
	Send(ctx context.Context, body string) error

	// Receive returns at most limit messages and hides them from others for the
	// queue's visibility timeout. It waits until there is one, for some seconds.
	Receive(ctx context.Context, limit int) ([]Message, error)

	// Delete takes out a message that was received. It does nothing for a receipt
	// that is no longer good.
	Delete(ctx context.Context, receipt string) error
}

// Limits say when a message comes again, and when no more.
type Limits struct {
	Visibility time.Duration // for how long a received message is hidden
	MaxReceive int           // how often a message is received before it is a dead letter
}

// Memory is a Queue that is lost with its process, as the message of a
// conversation never is: what matters is in the store.
type Memory struct {
	limits Limits
	newID  func() string
	wake   chan struct{}

	mu       sync.Mutex
	messages []*stored
	dead     []Message
}

var _ Queue = (*Memory)(nil)

type stored struct {
	Message
	visible time.Time // when it can be received
}

// NewMemory returns an empty queue.
func NewMemory(limits Limits, newID func() string) *Memory {
	return &Memory{limits: limits, newID: newID, wake: make(chan struct{}, 1)}
}

// Send implements Queue.
func (q *Memory) Send(_ context.Context, body string) error {
	q.mu.Lock()
	q.messages = append(q.messages, &stored{Message: Message{ID: q.newID(), Body: body}})
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

// longPoll is for how long Receive waits.
const longPoll = 2 * time.Second

// Receive implements Queue.
func (q *Memory) Receive(ctx context.Context, limit int) ([]Message, error) {
	patience := time.NewTimer(longPoll)
	defer patience.Stop()
	for {
		got, next := q.take(limit)
		if len(got) > 0 {
			return got, nil
		}
		visible := time.NewTimer(next)
		select {
		case <-q.wake:
		case <-visible.C:
		case <-patience.C:
			visible.Stop()
			return nil, nil
		case <-ctx.Done():
			visible.Stop()
			return nil, ctx.Err()
		}
		visible.Stop()
	}
}

// take receives what can be received; if nothing, next is when to look again.
func (q *Memory) take(limit int) (got []Message, next time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	next = longPoll
	rest := q.messages[:0]
	for _, m := range q.messages {
		wait := m.visible.Sub(now)
		switch {
		case wait > 0:
			next = min(next, wait)
		case m.Receives >= q.limits.MaxReceive:
			q.dead = append(q.dead, m.Message)
			continue
		case len(got) < limit:
			m.Receives++
			m.Receipt, m.visible = q.newID(), now.Add(q.limits.Visibility)
			got = append(got, m.Message)
		}
		rest = append(rest, m)
	}
	q.messages = rest
	return got, next
}

// Delete implements Queue.
func (q *Memory) Delete(_ context.Context, receipt string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, m := range q.messages {
		if m.Receipt == receipt {
			q.messages = append(q.messages[:i], q.messages[i+1:]...)
			return nil
		}
	}
	return nil
}

// Dead returns the dead letters.
func (q *Memory) Dead() []Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]Message(nil), q.dead...)
}
