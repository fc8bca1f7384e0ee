package escalation

import (
	"sync"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
)

// lists remembers in one process which accesses to escalations it has recorded today. It saves
// writes, and it may be lost.
type lists struct {
	mu   sync.Mutex
	day  time.Time
	seen map[seenList]bool
}

type seenList struct {
	who          string
	conversation queue.ConversationID
}

// fresh returns the escalations of all whose access is not known to be recorded.
func (l *lists) fresh(day time.Time, who string, all []conversation.Escalation) (fresh []conversation.Escalation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range all {
		if !l.day.Equal(day) || !l.seen[seenList{who, e.Conversation}] {
			fresh = append(fresh, e)
		}
	}
	return fresh
}

func (l *lists) noted(day time.Time, who string, all []conversation.Escalation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.day.Equal(day) {
		l.day, l.seen = day, map[seenList]bool{}
	}
	for _, e := range all {
		l.seen[seenList{who, e.Conversation}] = true
	}
}
