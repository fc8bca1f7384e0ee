package desk

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
)

// EntryOf returns an entry of a conversation by its number. It returns code.NotFound if there
// is none.
func (d *Desk) EntryOf(ctx context.Context, id queue.ConversationID, seq int) (conversation.Entry, error) {
	entries, err := d.Store.Read(ctx, id, seq-1, 1)
	if err == nil && (len(entries) == 0 || entries[0].Seq != seq) {
		err = code.NotFound
	}
	if err != nil {
		return conversation.Entry{}, err
	}
	return entries[0], nil
}
