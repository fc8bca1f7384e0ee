package chat

import (
	"context"
	"time"
)

// An Access is one line of the access log: somebody of the staff has read
// something of a person. The log only grows; it outlives the conversation.
// docs/design.md, "Personal data"; invariant I-16.
type Access struct {
	ID           string         `json:"id"`
	At           time.Time      `json:"at"`
	Who          string         `json:"who"`  // as the institute's issuer names them
	What         string         `json:"what"` // Accesses
	Why          string         `json:"why"`
	Conversation ConversationID `json:"conversation"`
}

// What staff reads.
const (
	ReadConversation = "conversation"
	ReadCases        = "cases"
	ReadNotes        = "notes"
	ReadEscalations  = "escalations" // states of the own ones
	ReadAccesses     = "accesses"
)

// What staff does besides: Reorder, whose reasons are ReorderReasons.
const Reorders = "reorder"

// What staff does to the desk itself: the access log has it under DeskLog, with the
// reason of the closure.
const (
	ClosesDesk = "close_desk"
	OpensDesk  = "open_desk"
)

// DeskLog stands in the access log where others have a conversation.
const DeskLog ConversationID = "desk"

// Why staff reads.
const (
	WhyAdvising = "advising" // it is the advisor's conversation
	WhyOffered  = "offered"  // it was offered to the advisor
	WhySent     = "sent"     // the advisor has sent it
	WhyAudit    = "audit"

	WhySupervising = "supervising" // whether somebody is let go first
)

// AccessLog reads the access log.
type AccessLog interface {
	// Accesses returns those to a conversation, in the order in which they were.
	Accesses(ctx context.Context, id ConversationID) ([]Access, error)
}

// record notes that staff reads something. What cannot be noted is not read.
func (d *Desk) record(ctx context.Context, who Caller, id ConversationID, what, why string) error {
	return d.Store.Commit(ctx, Step{Changes: []Change{d.access(who, id, what, why)}})
}

func (d *Desk) access(who Caller, id ConversationID, what, why string) Change {
	return AddAccess{Access: Access{ID: d.NewID(), At: d.now(), Who: who.ID, What: what, Why: why, Conversation: id}}
}

// Accesses returns who of the staff has read a conversation, to an auditor.
func (d *Desk) Accesses(ctx context.Context, who Caller, id ConversationID) ([]Access, error) {
	if err := d.record(ctx, who, id, ReadAccesses, WhyAudit); err != nil {
		return nil, err
	}
	return d.Store.Accesses(ctx, id)
}
