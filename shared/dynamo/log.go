package dynamo

import (
	"context"

	"infocig/shared/chat"
)

// maxID is how long an id can be that somebody may have: ids in frames are
// whatever a client sends, and a key has its limits.
const maxID = 256

// Tail implements chat.Log.
func (s *Store) Tail(ctx context.Context, id chat.ConversationID) (chat.Entry, error) {
	if len(id) > maxID {
		return chat.Entry{}, chat.NotFound
	}
	items, _, err := s.query(ctx, query{pk: logPartition(id), backwards: true, limit: 1})
	switch {
	case err != nil:
		return chat.Entry{}, err
	case len(items) == 0:
		return chat.Entry{}, chat.NotFound
	}
	return entryOf(items[0])
}

// Read implements chat.Log.
func (s *Store) Read(ctx context.Context, id chat.ConversationID, seq, limit int) ([]chat.Entry, error) {
	if len(id) > maxID || limit < 1 {
		return nil, nil
	}
	items, _, err := s.query(ctx, query{pk: logPartition(id), after: seqKey(max(0, seq)), limit: limit})
	if err != nil {
		return nil, err
	}
	entries := make([]chat.Entry, len(items))
	for i, it := range items {
		if entries[i], err = entryOf(it); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
