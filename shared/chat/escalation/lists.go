package escalation

import (
	"sync"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
)

// lists is what one process of a function remembers of the accesses that it has noted
// today for lists of escalations. It saves writes; nothing rests on it.
type lists struct {
	mu   sync.Mutex
	day  time.Time
	seen map[seenList]bool
}

type seenList struct {
	who          string
	conversation queue.ConversationID
}

// fresh returns those of all that are not known to be noted.
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
