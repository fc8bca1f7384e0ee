package escalation

import (
	"context"
	"fmt"
	"time"

	"infocig/shared/chat/conversation"
)

// EscalationKind is the name of an escalation's id in messages of a queue.
const EscalationKind = "escalation"

// A Relay is the queue between the desk and Forward.
type Relay interface {
	// Send has Forward called for the escalation soon: once, more often, or,
	// rarely, never. What it carries is the id and nothing else.
	Send(ctx context.Context, id conversation.EscalationID) error
}

// A LineaINPS hands escalations to the territorial offices.
type LineaINPS interface {
	// Ask returns what is known of an escalation; NotFound if it has not taken
	// effect so far.
	Ask(ctx context.Context, id conversation.EscalationID) (OfficeAnswer, error)

	// Deliver hands one over. Of several calls with one id exactly one takes
	// effect, and all get its answer. It returns *Refusal for what the office
	// will never take; after any other error nobody knows: ask.
	Deliver(ctx context.Context, d Delivery) (OfficeAnswer, error)
}

// A Delivery is an escalation as the office gets it.
type Delivery struct {
	Escalation conversation.Escalation
	Profile    conversation.Profile // whom it is about
	Advisor    string               // name
	Text       conversation.Text
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
	Status conversation.EscalationStatus
	At     time.Time
	Text   conversation.Text // what the office says to the person about it; "" for nothing
}

// A Refusal says why an office will never take an escalation.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return fmt.Sprintf("the office refuses: %s", r.Code) }
