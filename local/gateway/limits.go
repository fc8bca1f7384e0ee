package gateway

import (
	"sync"
	"time"
)

// Limits are the quotas of a WebSocket API. A zero field takes the value of
// DefaultLimits.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
type Limits struct {
	Frame            int           // bytes of payload of one frame
	Message          int           // bytes of one message, and of data posted to @connections
	Idle             time.Duration // without a message or a ping in either direction
	Life             time.Duration // of a connection, however busy
	Integration      time.Duration // for one invocation
	AuthorizerResult int           // bytes of an authorizer's answer
	SendBuffer       int           // messages waiting for a client that reads slowly
	NewConnections   int           // per second
	Requests         int           // per second: messages and calls of @connections together
}

// DefaultLimits are those of AWS, with the exception of SendBuffer, which AWS
// does not publish.
var DefaultLimits = Limits{
	Frame:            32 << 10,
	Message:          128 << 10,
	Idle:             10 * time.Minute,
	Life:             2 * time.Hour,
	Integration:      29 * time.Second,
	AuthorizerResult: 8 << 10,
	SendBuffer:       256,
	NewConnections:   500,
	Requests:         10_000,
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	return Limits{
		Frame:            or(l.Frame, d.Frame),
		Message:          or(l.Message, d.Message),
		Idle:             or(l.Idle, d.Idle),
		Life:             or(l.Life, d.Life),
		Integration:      or(l.Integration, d.Integration),
		AuthorizerResult: or(l.AuthorizerResult, d.AuthorizerResult),
		SendBuffer:       or(l.SendBuffer, d.SendBuffer),
		NewConnections:   or(l.NewConnections, d.NewConnections),
		Requests:         or(l.Requests, d.Requests),
	}
}

// or returns v, or def if v is zero.
func or[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// A rate admits n events a second, and n at once after a quiet second.
type rate struct {
	n   float64
	now func() time.Time

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

func newRate(n int, now func() time.Time) *rate {
	return &rate{n: float64(n), now: now, tokens: float64(n), last: now()}
}

// admit takes one event out of the allowance and reports whether there was one.
func (r *rate) admit() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.now()
	if d := t.Sub(r.last); d > 0 {
		r.tokens = min(r.n, r.tokens+d.Seconds()*r.n)
		r.last = t
	}
	if r.tokens < 1 {
		return false
	}
	r.tokens--
	return true
}
