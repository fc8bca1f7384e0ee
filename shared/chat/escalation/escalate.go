package escalation

import (
	"context"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// Escalate hands a case of the conversation to its office: the entry and the
// outbox item in one step; then it is sent on.
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
