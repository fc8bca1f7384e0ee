package chat

import (
	"context"
	"errors"
	"time"

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
const asked = 2

// Ask asks a citizen who waits whether he is still there, to be answered within
// that time. It does nothing if he was asked already.
type Ask struct{ Within time.Duration }

func (a Ask) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	if s.Status != Queued || s.AnswerUntil != nil {
		return Verdict{}
	}
	until := next.At.Add(a.Within)
	s.AnswerUntil = &until
	next.Kind = KindAsked
	return commit
}

// Expect asks the citizen for an answer within that time, by the advisor: without one
// the conversation ends. It does nothing if the citizen was asked already. Until an
// advisor asks it is the advisor's turn, whoever wrote last: "I will look" needs no answer.
type Expect struct{ Within time.Duration }

func (a Expect) decide(_ Entry, by Actor, next *Entry) Verdict {
	s := &next.State
	if _, refused := s.enterAccepted(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	if s.AnswerUntil != nil {
		return Verdict{}
	}
	until := next.At.Add(a.Within)
	s.AnswerUntil = &until
	next.Kind = KindAsked
	return commit
}

// StepAside passes over, from now on, a citizen who has not answered in time. It
// does nothing if he has.
type StepAside struct{}

func (StepAside) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	if s.Status != Queued || s.Aside || s.AnswerUntil == nil || next.At.Before(*s.AnswerUntil) {
		return Verdict{}
	}
	s.Aside = true
	next.Kind, next.Reason = KindAside, Silent
	return commit
}

// Here is the citizen's answer. It does nothing if he was not asked.
type Here struct{}

func (Here) decide(tail Entry, by Actor, next *Entry) Verdict {
	if by.Side != identity.SideCitizen {
		return refuse(code.Forbidden)
	}
	if _, refused := next.State.enter(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	if tail.State.AnswerUntil == nil {
		return Verdict{}
	}
	next.State.sign(next.At)
	next.Kind = KindHere
	return commit
}

// sign notes that the citizen himself did something at t.
func (s *State) sign(t time.Time) {
	s.Sign = t.UnixMilli()
	s.unask()
}

// unask forgets the question and what came of it.
func (s *State) unask() { s.AnswerUntil, s.Aside = nil, false }

// dueHere returns what time asks for of a citizen who waits, while somebody serves,
// with that many ahead, or nil.
func (d *Desk) dueHere(s State, ahead int, t time.Time) Act {
	switch {
	case !s.present():
		return nil
	case s.AnswerUntil != nil && !t.Before(*s.AnswerUntil):
		return StepAside{}
	case s.AnswerUntil == nil && ahead <= asked && t.Sub(time.UnixMilli(s.Sign)) > d.Times.Sign:
		return Ask{Within: d.Times.Answer}
	}
	return nil
}

// Here notes that the citizen himself is there, and is a Ping besides.
func (d *Desk) Here(ctx context.Context, who Caller, id ConversationID) (View, error) {
	if _, err := d.apply(ctx, id, who.Actor(), Here{}); err != nil && !errors.Is(err, code.Closed) { // Ping tells of the end
		return View{}, err
	}
	return d.Ping(ctx, who, id)
}

// answers is Here for a caller who knows by the last entry whether the citizen
// was asked, and who has something else to do: failing is no failure of that.
func (d *Desk) answers(ctx context.Context, who Caller, tail Entry) {
	if who.Side != identity.SideCitizen || tail.State.AnswerUntil == nil {
		return
	}
	if _, err := d.applyAt(ctx, tail, who.Actor(), Here{}); err != nil {
		d.Log.WarnContext(ctx, "cannot note that a citizen is there", "conversation", tail.Conversation, "err", err)
	}
}

// passOver returns the last entry of a conversation whose ticket was called, and none if
// its citizen is not connected or has stepped aside: it will be at the front when the
// citizen is back.
func (d *Desk) passOver(ctx context.Context, tail Entry) (Entry, error) {
	if tail.State.present() {
		return tail, nil
	}
	reason := Absent
	if tail.State.Aside {
		reason = Silent
	}
	a, err := d.applyAt(ctx, tail, system, Requeue{Reason: reason})
	if err != nil || !a.last().State.present() {
		return Entry{}, err
	}
	return a.last(), nil // the citizen has just come back
}
