package desk

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// "Are you still there?" A citizen who is about to be served, while somebody serves,
// and has given no sign for some time is asked. A citizen who does not answer steps
// aside: keeps the conversation and the ticket and is passed over. Who answers later
// waits where the ticket has its place, at the front if it was called meanwhile; who
// never does keeps the place until the desk closes. Only what a person does is a sign,
// never what a page does by itself: a page left open answers pings all afternoon.
//
// An advisor asks for an answer, too: until then it is the advisor's turn, and silence
// ends nothing.

// asked is how many may be ahead of somebody who is asked.
const AskAhead = 2

// DueHere returns what time asks for of a citizen who waits, while somebody serves,
// with that many ahead, or nil.
func (d *Desk) DueHere(s conversation.State, ahead int, t time.Time) conversation.Act {
	switch {
	case !s.Present():
		return nil
	case s.AnswerUntil != nil && !t.Before(*s.AnswerUntil):
		return conversation.StepAside{}
	case s.AnswerUntil == nil && ahead <= AskAhead && t.Sub(time.UnixMilli(s.Sign)) > d.Times.Sign:
		return conversation.Ask{Within: d.Times.Answer}
	}
	return nil
}

// Here notes that the citizen himself is there, and is a Ping besides.
func (d *Desk) Here(ctx context.Context, who conversation.Caller, id queue.ConversationID) (View, error) {
	if _, err := d.Apply(ctx, id, who.Actor(), conversation.Here{}); err != nil && !errors.Is(err, code.Closed) { // Ping tells of the end
		return View{}, err
	}
	return d.Ping(ctx, who, id)
}

// answers is Here for a caller who knows by the last entry whether the citizen
// was asked, and who has something else to do: failing is no failure of that.
func (d *Desk) answers(ctx context.Context, who conversation.Caller, tail conversation.Entry) {
	if who.Side != identity.SideCitizen || tail.State.AnswerUntil == nil {
		return
	}
	if _, err := d.ApplyAt(ctx, tail, who.Actor(), conversation.Here{}); err != nil {
		d.Log.WarnContext(ctx, "cannot note that a citizen is there", "conversation", tail.Conversation, "err", err)
	}
}

// passOver returns the last entry of a conversation whose ticket was called, and none if
// its citizen is not connected or has stepped aside: it will be at the front when the
// citizen is back.
func (d *Desk) passOver(ctx context.Context, tail conversation.Entry) (conversation.Entry, error) {
	if tail.State.Present() {
		return tail, nil
	}
	reason := conversation.Absent
	if tail.State.Aside {
		reason = conversation.Silent
	}
	a, err := d.ApplyAt(ctx, tail, System, conversation.Requeue{Reason: reason})
	if err != nil || !a.Last().State.Present() {
		return conversation.Entry{}, err
	}
	return a.Last(), nil // the citizen has just come back
}
