package httpapi

import (
	"context"
	"sync"
	"time"

	"infocig/shared/chat/queue"
)

// glanceLife is how old a line may be that somebody is told of who does not wait in it.
const glanceLife = time.Second

// glances are the lines as this process saw them last. Anybody may ask whether the chat is
// open, without a token and as often as the gateway lets them; the partition from which
// tickets are taken is read once a second for it by each process.
type glances struct {
	mu  sync.Mutex
	all map[queue.Topic]glance
}

type glance struct {
	at   time.Time
	line queue.Line
}

// glance returns the line of a topic, read in the last second. Callers that find it too old
// at the same time read it each.
func (a *API) glance(ctx context.Context, t queue.Topic) (queue.Line, error) {
	g := &a.glances
	g.mu.Lock()
	last, ok := g.all[t]
	g.mu.Unlock()
	now := a.Desk.Now()
	if age := now.Sub(last.at); ok && age >= 0 && age < glanceLife {
		return last.line, nil
	}
	line, err := a.Desk.Glance(ctx, t)
	if err != nil {
		return line, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil {
		g.all = map[queue.Topic]glance{}
	}
	g.all[t] = glance{at: now, line: line}
	return line, nil
}
