package conversation

import (
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
	"infocig/shared/office"
)

// AtOffice reports whether the conversation has an escalation that the office has not answered
// finally. Such a conversation is not erased, because news of the escalation may still come.
func (e Entry) AtOffice() bool { return e.State.Escalation != "" && !e.State.Progress.Final }

// An EscalationStatus says where an escalation stands on its way to the territorial office and
// back:
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

// Final reports whether no other status follows s.
func (s EscalationStatus) Final() bool {
	return s == EscalationSettled || s == EscalationRejected || s == EscalationFailed
}

// An Escalation carries data that completes the examination of a case to the competent
// territorial office ("Linea INPS"). INPS message 4497/2022, R-15. The advisor's words are the
// text of the entry with number Seq; an Escalation is everything else that is known about it.
// The outbox keeps it for EscalationLife after it has ended, and the entries of the
// conversation keep it longer.
type Escalation struct {
	ID           EscalationID         `json:"id"`
	Conversation queue.ConversationID `json:"conversation"`
	Seq          int                  `json:"seq"` // number of the entry with the advisor's words
	Case         cases.ID             `json:"case"`
	Office       office.ID            `json:"office"`
	Advisor      identity.StaffID     `json:"advisor"`           // the advisor who sent it
	Person       identity.PersonID    `json:"person"`            // the citizen whom it is about
	Company      identity.CompanyID   `json:"company,omitempty"` // the company that the person acted for
	At           time.Time            `json:"at"`
	Status       EscalationStatus     `json:"status"`
	Step         int                  `json:"step,omitempty"`     // the last of the office's steps that is known
	Protocol     string               `json:"protocol,omitempty"` // number under which the office registered it
	Due          time.Time            `json:"due,omitzero"`       // until when the office answers
	Overdue      bool                 `json:"overdue,omitempty"`  // the office is late
	Said         int                  `json:"said,omitempty"`     // number of the entry with the office's last words; 0 if there are none
	Next         time.Time            `json:"next"`               // when to look at it again
}

// EscalationLife is for how long an escalation that has ended is still listed.
const EscalationLife = 7 * 24 * time.Hour

// EscalationPause returns the time until the next look at an escalation of that age: half the
// age, at least one minute and at most 15 minutes.
func EscalationPause(age time.Duration) time.Duration {
	return min(max(age/2, time.Minute), 15*time.Minute)
}

// NextLook returns when to look at the escalation again. If it has ended, it is forgotten
// then.
func (e Escalation) NextLook(now time.Time) time.Time {
	if e.Status.Final() {
		return now.Add(EscalationLife)
	}
	return now.Add(EscalationPause(now.Sub(e.At)))
}

// An EscalationID names an escalation. It is also the idempotency key of its delivery.
type EscalationID string
