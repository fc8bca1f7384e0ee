package store

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/table"
)

// maxID is how long an id of a conversation can be. Ids in frames are chosen by the client,
// and a key of the table has a limited length.
const maxID = 256

// Tail implements store.Log.
func (s *overTable) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	if len(id) > maxID {
		return conversation.Entry{}, code.NotFound
	}
	rows, _, err := s.table.Query(ctx, table.Query{Partition: logPartition(id), Backwards: true, Limit: 1})
	switch {
	case err != nil:
		return conversation.Entry{}, err
	case len(rows) == 0:
		return conversation.Entry{}, code.NotFound
	}
	return entryOf(id, rows[0])
}

// Read implements store.Log.
func (s *overTable) Read(ctx context.Context, id queue.ConversationID, seq, limit int) ([]conversation.Entry, error) {
	if len(id) > maxID || limit < 1 {
		return nil, nil
	}
	rows, _, err := s.table.Query(ctx, table.Query{Partition: logPartition(id), After: seqKey(max(0, seq)), Limit: limit})
	if err != nil {
		return nil, err
	}
	entries := make([]conversation.Entry, len(rows))
	for i, r := range rows {
		if entries[i], err = entryOf(id, r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
