package chat

import (
	"context"
	"fmt"
	"time"

	"infocig/shared/cases"
	"infocig/shared/identity"
	"infocig/shared/office"
)

// An EscalationStatus is where an escalation stands on its way to the
// territorial office and back:
//
//	pending → queued → delivered → taken_in_charge ⇄ needs_document
//	delivered, taken_in_charge, needs_document → settled | rejected
//	pending, queued → failed
type EscalationStatus string

// The statuses.
const (
	EscalationPending   EscalationStatus = "pending"         // committed with the conversation, not yet sent on
	EscalationQueued    EscalationStatus = "queued"          // on its way to Linea INPS
	EscalationDelivered EscalationStatus = "delivered"       // the office has registered it
	EscalationTaken     EscalationStatus = "taken_in_charge" // an officer works on it
	EscalationNeeds     EscalationStatus = "needs_document"  // the office waits for a document
	EscalationSettled   EscalationStatus = "settled"         // the office has answered
	EscalationRejected  EscalationStatus = "rejected"        // the office will not act on it
	EscalationFailed    EscalationStatus = "failed"          // Linea INPS will never take it: the advisor has to act
)

// Final reports whether nothing comes after s.
func (s EscalationStatus) Final() bool {
	return s == EscalationSettled || s == EscalationRejected || s == EscalationFailed
}

// An Escalation carries data that completes the examination of a case to the
// competent territorial office ("Linea INPS"). INPS message 4497/2022, R-15.
// Its words are the text of its entry; this is what is known about it. It is
// kept for EscalationLife after it has ended; the conversation has it longer.
type Escalation struct {
	ID           EscalationID       `json:"id"`
	Conversation ConversationID     `json:"conversation"`
	Seq          int                `json:"seq"` // of the entry with the words
	Case         cases.ID           `json:"case"`
	Office       office.ID          `json:"office"`
	Advisor      identity.StaffID   `json:"advisor"`           // who sent it
	Person       identity.PersonID  `json:"person"`            // whom it is about
	Company      identity.CompanyID `json:"company,omitempty"` // that the person acted for
	At           time.Time          `json:"at"`
	Status       EscalationStatus   `json:"status"`
	Step         int                `json:"step,omitempty"`     // the last of the office's steps that is known
	Protocol     string             `json:"protocol,omitempty"` // number under which the office registered it
	Due          time.Time          `json:"due,omitzero"`       // until when the office answers
	Overdue      bool               `json:"overdue,omitempty"`  // the office is late
	Said         int                `json:"said,omitempty"`     // number of the entry with what the office said last; 0 if nothing
	Next         time.Time          `json:"next"`               // when to look at it again, at the latest
}

// EscalationLife is for how long an escalation that has ended is still listed.
const EscalationLife = 7 * 24 * time.Hour

// EscalationKind is the name of an escalation's id in messages of a queue.
const EscalationKind = "escalation"

// A Relay is the queue between the desk and Forward.
type Relay interface {
	// Send has Forward called for the escalation soon: once, more often, or,
	// rarely, never. What it carries is the id and nothing else.
	Send(ctx context.Context, id EscalationID) error
}

// A LineaINPS hands escalations to the territorial offices.
type LineaINPS interface {
	// Ask returns what is known of an escalation; NotFound if it has not taken
	// effect so far.
	Ask(ctx context.Context, id EscalationID) (OfficeAnswer, error)

	// Deliver hands one over. Of several calls with one id exactly one takes
	// effect, and all get its answer. It returns *Refusal for what the office
	// will never take; after any other error nobody knows: ask.
	Deliver(ctx context.Context, d Delivery) (OfficeAnswer, error)
}

// A Delivery is an escalation as the office gets it.
type Delivery struct {
	Escalation Escalation
	Profile    Profile // whom it is about
	Advisor    string  // name
	Text       Text
}

// An OfficeAnswer is what an office knows of an escalation.
type OfficeAnswer struct {
	Protocol string
	Due      time.Time
	Steps    []OfficeStep // numbered 1, 2, 3 …; the first is always EscalationDelivered
}

// An OfficeStep is something that an office has done.
type OfficeStep struct {
	Number int
	Status EscalationStatus
	At     time.Time
	Text   Text // what the office says to the person about it; "" for nothing
}

// A Refusal says why an office will never take an escalation.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return fmt.Sprintf("the office refuses: %s", r.Code) }
