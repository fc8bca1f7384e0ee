package desk

import (
	"context"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

// Record adds a line to the access log: the caller, who is of the staff, reads something. If
// Record fails, the caller must not be shown it. Record returns no code of its own.
func (d *Desk) Record(ctx context.Context, who conversation.Caller, id queue.ConversationID, what, why string) error {
	return d.Store.Commit(ctx, store.Step{Changes: []store.Change{d.Access(who, id, what, why)}})
}

// Access returns the change that adds the line, to be committed together with other changes.
func (d *Desk) Access(who conversation.Caller, id queue.ConversationID, what, why string) store.Change {
	return store.AddAccess{Access: store.Access{ID: d.NewID(), At: d.Time(), Who: who.ID, What: what, Why: why, Conversation: id}}
}

// Accesses returns the lines of the access log about a conversation, for an auditor. It
// records this access too. It returns no code of its own; a conversation that does not exist
// has no lines but that one.
func (d *Desk) Accesses(ctx context.Context, who conversation.Caller, id queue.ConversationID) ([]store.Access, error) {
	if err := d.Record(ctx, who, id, store.ReadAccesses, store.WhyAudit); err != nil {
		return nil, err
	}
	return d.Store.Accesses(ctx, id)
}
