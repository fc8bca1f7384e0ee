package chat

import "time"

// An EscalationStatus is where an escalation stands on its way to the
// territorial office and back.
type EscalationStatus string

// EscalationPending: committed with the conversation, not yet sent on.
const EscalationPending EscalationStatus = "pending"

// An Escalation carries data that completes the examination of a case to the
// competent territorial office ("Linea INPS"). INPS message 4497/2022, R-15.
type Escalation struct {
	ID           EscalationID     `json:"id"`
	Conversation ConversationID   `json:"conversation"`
	Case         CaseID           `json:"case"`
	Office       OfficeID         `json:"office"`
	Text         Text             `json:"text"` // what the office needs to know
	Status       EscalationStatus `json:"status"`
	At           time.Time        `json:"at"`
}
