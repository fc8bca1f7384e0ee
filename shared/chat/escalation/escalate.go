package escalation

import (
	"context"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// Escalate hands a case of the conversation to its office. It commits the entry and the outbox
// item in one step, and then sends the escalation on. A resend is acknowledged again. Escalate
// returns:
//
//   - code.Forbidden if the caller is not an advisor;
//   - code.NotFound if the conversation is not the caller's;
//   - code.Closed if it has ended, and code.Superseded if a newer connection has taken over;
//   - code.Invalid for a case that the conversation is not about, an empty text, or a number that
//     is less than 1 or too far ahead;
//   - code.Conflict if the caller has not accepted the offer, the conversation has an escalation
//     already, or the number was used for something else.
func (d *Service) Escalate(ctx context.Context, who conversation.Caller, id queue.ConversationID, number int, about cases.ID, text conversation.Text) (desk.Acknowledged, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Escalate{Number: number, ID: conversation.EscalationID(d.NewID()), Case: about, Text: text})
	if err != nil {
		return d.Again(ctx, a, who, err, func(e conversation.Entry) bool {
			return e.Kind == conversation.KindEscalated && e.Number == number && e.Escalation.Case == about && e.Text == text
		})
	}
	if a.Append {
		d.relay(ctx, *a.Entry.Escalation)
	}
	return d.Acknowledge(ctx, a, who, number), nil
}
