package lineainps

import "time"

// A Delivery is the body of a request that hands an escalation over.
type Delivery struct {
	ID      string    `json:"id"`
	Case    string    `json:"case"`
	Office  string    `json:"office"`
	Person  Person    `json:"person"`
	Company string    `json:"company,omitzero"`
	Advisor string    `json:"advisor"`
	Text    string    `json:"text"`
	SentAt  time.Time `json:"sent_at"`
}

// A Person is whom an escalation is about.
type Person struct {
	FiscalCode string `json:"fiscal_code"`
	Name       string `json:"name"`
}

// An Escalation is what Linea INPS knows of one.
type Escalation struct {
	ID       string    `json:"id"`
	Protocol string    `json:"protocol"`
	Office   string    `json:"office"`
	DueAt    time.Time `json:"due_at"`
	Steps    []Step    `json:"steps"`
}

// A Step is something that the office has done.
type Step struct {
	Number int       `json:"number"`
	Status Status    `json:"status"`
	At     time.Time `json:"at"`
	Text   string    `json:"text,omitzero"`
}

// A Status is what a step leads to.
type Status string

// The statuses.
const (
	Received Status = "received"
	Taken    Status = "taken_in_charge"
	Needs    Status = "needs_document"
	Settled  Status = "settled"
	Rejected Status = "rejected"
)

// An Event says that an office has made a step.
type Event struct {
	Escalation string `json:"escalation"`
	Step       int    `json:"step"`
}

// A Problem is why a request failed.
type Problem struct {
	Type   string `json:"type,omitzero"`
	Title  string `json:"title,omitzero"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

// Headers of the contract.
const (
	KeyHeader       = "Idempotency-Key"
	TimestampHeader = "Linea-Timestamp"
	SignatureHeader = "Linea-Signature"
)
