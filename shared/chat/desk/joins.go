package desk

import (
	"sync"
	"time"

	"infocig/shared/chat/conversation"
)

// maxJoiners is of how many people one process remembers that they have joined.
const maxJoiners = 10_000

// joins limits how often one person joins, as one process sees it: who joins and leaves
// in a loop would have others told of a queue that is not there until the sweep counts
// again. Nothing rests on it.
type joins struct {
	mu   sync.Mutex
	busy map[string]int64
}

// spend takes one join of somebody from the pace. It returns 0, or how long to wait.
func (j *joins) spend(id string, pace conversation.Pace, now time.Time) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.busy == nil || len(j.busy) >= maxJoiners {
		j.busy = map[string]int64{}
	}
	busy := j.busy[id]
	after := pace.Spend(&busy, now.UnixMilli())
	j.busy[id] = busy
	return after
}
