package store

import (
	"context"
	"time"

	"infocig/shared/chat/queue"
)

// An Access is one line of the access log: a member of staff has read something of a person.
// The log only grows, and outlives the conversation. docs/design.md, "Personal data";
// invariant I-16.
type Access struct {
	ID           string               `json:"id"`
	At           time.Time            `json:"at"`
	Who          string               `json:"who"`  // the staff member, as the institute's issuer names them
	What         string               `json:"what"` // a constant of this file
	Why          string               `json:"why"`
	Conversation queue.ConversationID `json:"conversation"`
}

// What staff reads.
const (
	ReadConversation = "conversation"
	ReadCases        = "cases"
	ReadNotes        = "notes"
	ReadEscalations  = "escalations" // an advisor reads the states of the escalations that the advisor has sent
	ReadAccesses     = "accesses"
)

// Reorders is the act of a supervisor who lets a citizen go first. Access.Why is then one of
// upkeep.ReorderReasons.
const Reorders = "reorder"

// What an operator does to the desk itself. The access log has these lines under DeskLog, and
// their Why is the reason of the closure.
const (
	ClosesDesk = "close_desk"
	OpensDesk  = "open_desk"
)

// DeskLog is the Access.Conversation of lines about the desk itself.
const DeskLog queue.ConversationID = "desk"

// Why staff reads.
const (
	WhyAdvising = "advising" // it is the advisor's conversation
	WhyOffered  = "offered"  // it was offered to the advisor
	WhySent     = "sent"     // the advisor has sent the escalation
	WhyAudit    = "audit"

	WhySupervising = "supervising" // a supervisor decides whether a citizen may go first
)

// AccessLog reads the access log.
type AccessLog interface {
	// Accesses returns the lines about a conversation, in the order of their instants.
	Accesses(ctx context.Context, id queue.ConversationID) ([]Access, error)
}
