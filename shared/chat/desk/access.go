package desk

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

// Record notes that staff reads something. What cannot be noted is not read.
func (d *Desk) Record(ctx context.Context, who conversation.Caller, id queue.ConversationID, what, why string) error {
	return d.Store.Commit(ctx, store.Step{Changes: []store.Change{d.Access(who, id, what, why)}})
}

// Access returns the line that notes it, to commit with something else.
func (d *Desk) Access(who conversation.Caller, id queue.ConversationID, what, why string) store.Change {
	return store.AddAccess{Access: store.Access{ID: d.NewID(), At: d.Time(), Who: who.ID, What: what, Why: why, Conversation: id}}
}

// Accesses returns who of the staff has read a conversation, to an auditor.
func (d *Desk) Accesses(ctx context.Context, who conversation.Caller, id queue.ConversationID) ([]store.Access, error) {
	if err := d.Record(ctx, who, id, store.ReadAccesses, store.WhyAudit); err != nil {
		return nil, err
	}
	return d.Store.Accesses(ctx, id)
}
