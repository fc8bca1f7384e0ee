package socket

import (
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/chat/conversation"
)

// The limits of a connection. docs/design.md, "Limits of one person".
const (
	// The connection is closed after maxStrikes frames in strikeWindow that came before the
	// time that a throttled answer had told. A client that waits as it is told is never cut
	// off.
	maxStrikes   = 5
	strikeWindow = time.Minute
	clockSlack   = 100 * time.Millisecond // between the client's timer and ours

	// Of the frames of a connection that change nothing, one in stayEvery is recorded as a
	// sign of life.
	stayEvery = 15 * time.Second
)

// A memory is what one process of a function remembers of the connections that it has seen
// lately. It guards against abuse and saves writes, and it may be lost.
type memory struct {
	mu      sync.Mutex
	seen    map[conversation.ConnectionID]*remembered
	cleaned time.Time
}

type remembered struct {
	last    time.Time        // instant of the last frame
	busy    map[string]int64 // by action; conversation.Pace.Spend
	until   time.Time        // the instant that the last throttled answer told
	strikes []time.Time
	stayed  time.Time
	context string // of the authorizer; session is decoded from it
	session session
}

// session is sessionOf, but decodes the same context only once for a connection.
func (m *memory) session(rc events.APIGatewayWebsocketProxyRequestContext, now time.Time) (session, error) {
	values, _ := rc.Authorizer.(map[string]any)
	context, _ := values[identityKey].(string)
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(conversation.ConnectionID(rc.ConnectionID), now)
	if context == "" || r.context != context || r.session.who.Connection.Epoch != rc.ConnectedAt {
		s, err := sessionOf(rc)
		if err != nil {
			return s, err
		}
		r.context, r.session = context, s
	}
	return r.session, nil
}

// of returns what is remembered of c. It forgets connections without a frame for strikeWindow.
func (m *memory) of(c conversation.ConnectionID, now time.Time) *remembered {
	if m.seen == nil {
		m.seen = map[conversation.ConnectionID]*remembered{}
	}
	if now.Sub(m.cleaned) >= strikeWindow {
		for id, r := range m.seen {
			if now.Sub(r.last) >= strikeWindow {
				delete(m.seen, id)
			}
		}
		m.cleaned = now
	}
	r := m.seen[c]
	if r == nil {
		r = &remembered{busy: map[string]int64{}}
		m.seen[c] = r
	}
	r.last = now
	return r
}

// spend takes one frame from the pace of an action. It returns 0, or how long to wait.
func (m *memory) spend(c conversation.ConnectionID, action string, pace conversation.Pace, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(c, now)
	busy := r.busy[action]
	after := pace.Spend(&busy, now.UnixMilli())
	r.busy[action] = busy
	return after
}

// strike records a throttled frame, whose sender is told to wait for after. It reports whether
// the connection is to be closed, because maxStrikes frames in strikeWindow came before the
// time that was told.
func (m *memory) strike(c conversation.ConnectionID, now time.Time, after time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(c, now)
	early := now.Add(clockSlack).Before(r.until)
	if until := now.Add(after); until.After(r.until) {
		r.until = until
	}
	if !early {
		return false
	}
	for len(r.strikes) > 0 && now.Sub(r.strikes[0]) >= strikeWindow {
		r.strikes = r.strikes[1:]
	}
	if r.strikes = append(r.strikes, now); len(r.strikes) < maxStrikes {
		return false
	}
	r.strikes = nil
	return true
}

// due reports whether a frame of c that changes nothing is to be recorded, at most once in
// stayEvery.
func (m *memory) due(c conversation.ConnectionID, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(c, now)
	if now.Sub(r.stayed) < stayEvery {
		return false
	}
	r.stayed = now
	return true
}
