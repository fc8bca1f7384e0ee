package conversation

import (
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
)

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
