package socket

import (
	"sync"
	"time"

	"infocig/shared/chat"
)

// After so many throttled frames within the window a connection is closed.
// security.md, "Access and logic".
const (
	maxStrikes   = 5
	strikeWindow = time.Minute
)

// strikes counts the throttled frames of connections. Each process of a function
// counts what it sees itself: it guards against abuse, nothing rests on it.
type strikes struct {
	mu   sync.Mutex
	seen map[chat.ConnectionID][]time.Time
}

// add counts one more and reports whether it is one too many.
func (s *strikes) add(c chat.ConnectionID, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[chat.ConnectionID][]time.Time{}
	}
	for id, all := range s.seen { // few: only who was throttled within a minute
		for len(all) > 0 && now.Sub(all[0]) >= strikeWindow {
			all = all[1:]
		}
		if s.seen[id] = all; len(all) == 0 {
			delete(s.seen, id)
		}
	}
	s.seen[c] = append(s.seen[c], now)
	if len(s.seen[c]) < maxStrikes {
		return false
	}
	delete(s.seen, c)
	return true
}
