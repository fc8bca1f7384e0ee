package conversation

import (
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// Ask asks a citizen who waits "are you still there?" The answer is due Within that time. Ask
// does nothing if the conversation is not queued, or the citizen was asked already.
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

// Expect is the advisor's request for an answer. If the citizen does not answer Within that
// time, the conversation ends. Expect does nothing if the citizen was asked already. Until an
// advisor asks for an answer it is the advisor's turn, whichever side wrote last: "I will
// look" needs no answer.
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

// StepAside records that a queued citizen has not answered in time. From now on the citizen is
// passed over. StepAside does nothing if the citizen has answered.
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

// Here is the citizen's answer. It does nothing if the citizen was not asked.
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

// sign records that the citizen did something in person at t.
func (s *State) sign(t time.Time) {
	s.Sign = t.UnixMilli()
	s.unask()
}

// unask removes the question, and the mark that it was not answered.
func (s *State) unask() { s.AnswerUntil, s.Aside = nil, false }
