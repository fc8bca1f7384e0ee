package store

import (
	"context"
	"time"

	"infocig/shared/chat/queue"
)

// An Access is one line of the access log: somebody of the staff has read
// something of a person. The log only grows; it outlives the conversation.
// docs/design.md, "Personal data"; invariant I-16.
type Access struct {
	ID           string               `json:"id"`
	At           time.Time            `json:"at"`
	Who          string               `json:"who"`  // as the institute's issuer names them
	What         string               `json:"what"` // Accesses
	Why          string               `json:"why"`
	Conversation queue.ConversationID `json:"conversation"`
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
const DeskLog queue.ConversationID = "desk"

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
	Accesses(ctx context.Context, id queue.ConversationID) ([]Access, error)
}
