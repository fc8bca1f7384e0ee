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

// The question "are you still there?" is put to a citizen who is about to be served and has given
// no sign for some time, while an advisor serves the topic. A citizen who does not answer steps
// aside: the citizen keeps the conversation and the ticket, and is passed over. A citizen who
// answers later waits at the ticket's place, or at the front if the ticket was called meanwhile.
// A citizen who never answers keeps the place until the desk closes. A sign is only what the
// person does, never what the page does by itself: a page that is left open answers pings all
// afternoon.
//
// An advisor can ask for an answer, too (Expect). Until an advisor does so it is the advisor's
// turn, and silence ends nothing.

// AskAhead is how many people may be ahead of a citizen who is asked.
const AskAhead = 2

// DueHere returns the act that is due for a citizen who waits with that many people ahead,
// while an advisor serves the topic: StepAside, Ask, or nil.
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

// Here records that the citizen in person is there, and is a Ping besides. It returns
// code.Forbidden if the caller is not a citizen, code.NotFound if the conversation is not the
// citizen's, and code.Superseded if a newer connection has taken over. A conversation that has
// ended is no error: the View says so.
func (d *Desk) Here(ctx context.Context, who conversation.Caller, id queue.ConversationID) (View, error) {
	if _, err := d.Apply(ctx, id, who.Actor(), conversation.Here{}); err != nil && !errors.Is(err, code.Closed) { // Ping says that it has ended
		return View{}, err
	}
	return d.Ping(ctx, who, id)
}

// answers is Here for a caller who has read the last entry and is doing something else. It
// does nothing unless the citizen was asked. Its failure is only logged.
func (d *Desk) answers(ctx context.Context, who conversation.Caller, tail conversation.Entry) {
	if who.Side != identity.SideCitizen || tail.State.AnswerUntil == nil {
		return
	}
	if _, err := d.ApplyAt(ctx, tail, who.Actor(), conversation.Here{}); err != nil {
		d.Log.WarnContext(ctx, "cannot note that a citizen is there", "conversation", tail.Conversation, "err", err)
	}
}

// passOver returns the last entry of a conversation whose ticket was called. If its citizen is
// not connected or has stepped aside, passOver returns a zero entry and marks the
// conversation, which then waits at the front once the citizen is back.
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
