package escalation

import (
	"context"
	"fmt"
	"time"

	"infocig/shared/chat/conversation"
)

// EscalationKind is the name of an escalation's id in messages of a queue.
const EscalationKind = "escalation"

// A Relay is the queue between Escalate and Forward.
type Relay interface {
	// Send has Forward called for the escalation soon: once, more often or, rarely, never. It
	// carries only the id.
	Send(ctx context.Context, id conversation.EscalationID) error
}

// A LineaINPS hands escalations to the territorial offices.
type LineaINPS interface {
	// Ask returns what is known of an escalation. It returns code.NotFound if the escalation
	// has not been delivered so far.
	Ask(ctx context.Context, id conversation.EscalationID) (OfficeAnswer, error)

	// Deliver delivers an escalation. Of several calls with the same id exactly one takes
	// effect, and all return its answer. Deliver returns *Refusal for an escalation that the
	// office will never take. After any other error it is unknown whether the call took
	// effect: the caller is to Ask.
	Deliver(ctx context.Context, d Delivery) (OfficeAnswer, error)
}

// A Delivery is an escalation in the form in which the office gets it.
type Delivery struct {
	Escalation conversation.Escalation
	Profile    conversation.Profile // the citizen whom it is about
	Advisor    string               // the advisor's name
	Text       conversation.Text
}

// An OfficeAnswer is what an office knows of an escalation.
type OfficeAnswer struct {
	Protocol string
	Due      time.Time
	Steps    []OfficeStep // numbered 1, 2, 3 …; the first is always EscalationDelivered
}

// An OfficeStep is one step that an office has taken.
type OfficeStep struct {
	Number int
	Status conversation.EscalationStatus
	At     time.Time
	Text   conversation.Text // what the office says about it to the citizen; "" for nothing
}

// A Refusal says why an office will never take an escalation.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return fmt.Sprintf("the office refuses: %s", r.Code) }
