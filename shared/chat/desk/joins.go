package desk

import (
	"sync"
	"time"

	"infocig/shared/chat/conversation"
)

// maxJoiners is of how many people one process remembers that they have joined.
const maxJoiners = 10_000

// joins limits how often one person joins, as far as one process knows. Without it, a person
// who joins and leaves in a loop would make the queue look longer to other citizens, until the
// sweep counts again. The limit need not be exact.
type joins struct {
	mu   sync.Mutex
	busy map[string]int64
}

// spend takes one join of person id from the pace. It returns 0, or how long the person has to
// wait.
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
