package httpapi

import (
	"context"
	"sync"
	"time"

	"infocig/shared/chat/queue"
)

// glanceLife is how old a line may be that is shown to a client that does not wait in it.
const glanceLife = time.Second

// glances are the lines as this process has read them last. Any client may ask whether the
// chat is open, without a token and as often as the gateway allows. For that, each process
// reads the partition from which tickets are taken about once a second.
type glances struct {
	mu  sync.Mutex
	all map[queue.Topic]glance
}

type glance struct {
	at   time.Time
	line queue.Line
}

// glance returns the line of a topic, read within glanceLife. If several callers find the line
// too old at the same time, each of them reads it.
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
