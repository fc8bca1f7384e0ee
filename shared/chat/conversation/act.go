package conversation

import (
	"hash/fnv"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/office"
)

// An Actor sends a command from a connection. The authorizer vouches for it: nothing in it is
// taken from a frame.
type Actor struct {
	Side       identity.Side
	ID         string             // identity.PersonID or identity.StaffID
	Company    identity.CompanyID // the company that a citizen acts for; "" for a worker
	Name       string             // as the other side sees it
	Connection ConnectionID
	Epoch      int64 // when the connection was made, UTC milliseconds
}

// A Command asks a conversation for an act, by an actor, at an instant.
type Command struct {
	At  time.Time
	By  Actor
	Act Act
}

// An Act is what a command asks for. The set is closed: the types of this package with a
// method decide.
type Act interface {
	// decide changes next, which is prepared as the entry after tail, into the entry to store.
	// The verdict says whether it is to be stored, and why not otherwise.
	decide(tail Entry, by Actor, next *Entry) Verdict
}

// Send adds a message. Number counts the sender's messages in this conversation, so that a
// resend is known from a new message. A sender who is faster than Pace is refused with
// Throttled; a resend of the last message is never refused for its pace. An advisor who has
// not accepted the offer gets Conflict.
type Send struct {
	Number int
	Text   Text
	Pace   Pace
}

func (a Send) decide(_ Entry, by Actor, next *Entry) Verdict {
	p, refused := next.State.enter(by, next.At.UnixMilli())
	switch {
	case refused != "":
		return refuse(refused)
	case by.Side == identity.SideAdvisor && !next.State.Accepted():
		return refuse(code.Conflict)
	}
	if v := p.count(a.Number, string(a.Text), next); !v.Append {
		return v
	}
	if after := a.Pace.Spend(&p.Busy, next.At.UnixMilli()); after > 0 {
		return Verdict{Err: code.Throttled, After: after}
	}
	if by.Side == identity.SideCitizen {
		next.State.sign(next.At)
	}
	next.Kind, next.Number, next.Text = KindMessage, a.Number, a.Text
	return commit
}

// MaxGap is how far a client's number may be ahead of the last number that was stored. There
// are gaps because a client does not use the number of a refused command again.
const MaxGap = 1000

// count checks a client's number. It notes a new number, and returns commit. For the last
// number with the same text it returns the number of its entry, to be acknowledged again. It
// refuses an older number, or the last one with another text, with Conflict, and a number that
// is out of range with Invalid.
func (p *Party) count(number int, text string, next *Entry) Verdict {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	digest := h.Sum64()
	switch {
	case number < 1, number > p.Number+MaxGap:
		return refuse(code.Invalid)
	case number == p.Number && digest == p.Digest:
		return Verdict{Seq: p.Seq}
	case number <= p.Number:
		return refuse(code.Conflict)
	}
	p.Number, p.Seq, p.Digest = number, next.Seq, digest
	return commit
}

// Connect makes the actor's connection the connection of the actor's side. It does nothing if
// it is already.
type Connect struct{}

func (Connect) decide(tail Entry, by Actor, next *Entry) Verdict {
	p, refused := next.State.enter(by, next.At.UnixMilli())
	if refused != "" {
		return refuse(refused)
	}
	was := tail.State.Citizen
	if by.Side == identity.SideAdvisor {
		was = tail.State.Advisor
	}
	if was.Connection == p.Connection && was.Epoch == p.Epoch {
		return Verdict{}
	}
	next.Kind = KindConnected
	return commit
}

// Away records that the citizen's connection is gone. It does nothing if the citizen has
// another connection, so a late notice about an old connection is harmless.
type Away struct {
	Connection ConnectionID
	Reason     Reason // Disconnected, LeaseExpired or Unreachable
}

func (a Away) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	if s.Status == StatusEnded || a.Connection == "" || s.Citizen.Connection != a.Connection {
		return Verdict{}
	}
	s.Citizen.Connection = ""
	s.Citizen.At = next.At.UnixMilli()
	if a.Reason == Disconnected {
		s.Citizen.Epoch++ // a frame of that socket that is handled late is stale
	}
	if s.Status == Assigned {
		s.Status = CitizenAway
	}
	next.Kind, next.Reason = KindAway, a.Reason
	return commit
}

// Assign offers a queued conversation to an advisor until the instant Until. It is refused
// with Conflict if the conversation is not queued, or its citizen is not present.
type Assign struct {
	Advisor    identity.StaffID
	Name       string
	Connection ConnectionID
	Epoch      int64
	Until      time.Time
}

func (a Assign) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	switch {
	case s.Status == StatusEnded:
		return refuse(code.Closed)
	case s.Status != Queued, !s.Present():
		return refuse(code.Conflict)
	}
	s.Status, s.Returned, s.For = Assigned, false, ""
	s.unask()
	s.Advisor = s.recall(a.Advisor)
	s.Advisor.Connection, s.Advisor.Epoch = a.Connection, a.Epoch
	until := a.Until
	s.OfferUntil = &until
	next.Kind, next.Author, next.Name = KindAssigned, a.Advisor, a.Name
	return commit
}

// Accept answers an offer. An offer that has lapsed can still be accepted as long as it has not
// been taken back. Accept does nothing if the offer was accepted before.
type Accept struct{}

func (Accept) decide(tail Entry, by Actor, next *Entry) Verdict {
	if by.Side != identity.SideAdvisor {
		return refuse(code.Forbidden)
	}
	if _, refused := next.State.enter(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	if tail.State.OfferUntil == nil {
		return Verdict{}
	}
	next.State.OfferUntil = nil
	if next.State.Citizen.Connection == "" {
		next.State.Status, next.State.Awaited = CitizenAway, true
	}
	next.Kind = KindAccepted
	return commit
}

// Requeue puts a conversation to the front of its queue with its old ticket. It does nothing
// if its reason does not hold, or does not hold any longer.
type Requeue struct {
	Reason  Reason           // OfferMissed, AdvisorLost, AdvisorLeft, NobodyFree, TicketSkipped, Reordered, Silent or Absent
	Advisor identity.StaffID // the advisor who missed the offer, was lost or left
	Epoch   int64            // of the connection that was lost: an advisor with a newer connection is back
}

func (a Requeue) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	var holds bool
	switch a.Reason {
	case OfferMissed:
		holds = s.Open() && s.OfferUntil != nil && !next.At.Before(*s.OfferUntil) && s.Advisor.ID == string(a.Advisor)
	case AdvisorLost, AdvisorLeft:
		holds = s.Open() && s.Advisor.ID == string(a.Advisor) && s.Advisor.Epoch <= a.Epoch
	case NobodyFree, TicketSkipped, Reordered:
		holds = s.Status == Queued && !s.Returned
	case Silent, Absent: // the ticket was called, and its owner cannot be given to an advisor now
		holds = s.Status == Queued && !s.Returned && !s.Present()
	}
	if !holds {
		return Verdict{}
	}
	s.requeue()
	next.Kind, next.Reason = KindRequeued, a.Reason
	return commit
}

func (s *State) requeue() {
	s.Status, s.Returned = Queued, true
	if s.Advisor.ID != "" {
		s.Last = identity.StaffID(s.Advisor.ID)
		s.remember(s.Advisor)
	}
	s.Advisor, s.OfferUntil, s.Awaited = Party{}, nil, false
	if !s.Aside {
		s.AnswerUntil = nil // the advisor who asked for the answer has lost the conversation
	}
}

// Transfer hands the conversation to another advisor, who is preferred, or to another topic.
// The conversation waits at the front of the queue with its old ticket. Transfer is refused
// with Conflict while the citizen is away, and with Invalid if To is the advisor who asks.
type Transfer struct {
	To    identity.StaffID // "" for any advisor
	Topic queue.Topic      // "" for the same topic
}

func (a Transfer) decide(_ Entry, by Actor, next *Entry) Verdict {
	s := &next.State
	if _, refused := s.enterAccepted(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	switch {
	case s.Status != Assigned:
		return refuse(code.Conflict)
	case string(a.To) == by.ID:
		return refuse(code.Invalid)
	}
	s.requeue()
	s.For = a.To
	if a.Topic != "" {
		s.Topic = a.Topic
	}
	next.Kind = KindTransferred
	return commit
}

// Escalate hands a case of the conversation to the case's territorial office. A conversation
// has at most one escalation: a second one is refused with Conflict. A case that the
// conversation is not about, or an empty text, is Invalid. Requirement R-15.
type Escalate struct {
	Number int // from the numbers of the advisor's messages
	ID     EscalationID
	Case   cases.ID
	Text   Text
}

func (a Escalate) decide(_ Entry, by Actor, next *Entry) Verdict {
	s := &next.State
	p, refused := s.enterAccepted(by, next.At.UnixMilli())
	if refused != "" {
		return refuse(refused)
	}
	office, ok := s.office(a.Case)
	if !ok || a.Text == "" {
		return refuse(code.Invalid)
	}
	if v := p.count(a.Number, string(a.Case)+"\x00"+string(a.Text), next); !v.Append {
		return v
	}
	if s.Escalation != "" {
		return refuse(code.Conflict)
	}
	s.Escalation = a.ID
	next.Kind, next.Number, next.Text = KindEscalated, a.Number, a.Text
	next.Escalation = &Escalation{
		ID: a.ID, Conversation: next.Conversation, Company: s.Company, Seq: next.Seq, Case: a.Case, Office: office, Advisor: identity.StaffID(by.ID), Person: identity.PersonID(s.Citizen.ID),
		At: next.At, Status: EscalationPending, Next: next.At.Add(EscalationPause(0)),
	}
	return commit
}

func (s *State) office(id cases.ID) (office.ID, bool) {
	for _, c := range s.Cases {
		if c.ID == id {
			return c.Office, true
		}
	}
	return "", false
}

// Progress records news of the conversation's escalation. The conversation may have ended.
// Progress does nothing if the news is recorded already.
type Progress struct {
	Escalation Escalation // as it is after the news
	Text       Text       // what the office says about it
	Reason     Reason     // OfficeLate, OfficeRefused, or "" for a step of the office
}

func (a Progress) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s, e := &next.State, a.Escalation
	known := s.Escalation != e.ID || s.Progress.Final
	switch a.Reason {
	case OfficeLate:
		known = known || s.Progress.Late || e.Step != s.Progress.Step
	case OfficeRefused:
		known = known || s.Progress.Step > 0
	default:
		known = known || e.Step <= s.Progress.Step
	}
	if known {
		return Verdict{}
	}
	e.Overdue = e.Overdue || s.Progress.Late
	if a.Text != "" {
		e.Said = next.Seq
	}
	s.Progress = EscalationProgress{Step: e.Step, Late: e.Overdue, Final: e.Status.Final()}
	next.Kind, next.Reason, next.Text, next.Escalation = KindProgressed, a.Reason, a.Text, &e
	return commit
}

// Close ends the conversation by its advisor. The outcome is Settled, Escalated or NoAnswer. A
// conversation with an escalation cannot be Settled, and one without an escalation cannot be
// Escalated: both are refused with Conflict.
type Close struct{ Outcome Outcome }

func (a Close) decide(_ Entry, by Actor, next *Entry) Verdict {
	s := &next.State
	if s.Status == StatusEnded && s.Outcome == a.Outcome && MayRead(*next, by) == "" {
		return Verdict{} // a resend after a lost reply
	}
	if _, refused := s.enterAccepted(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	switch a.Outcome {
	case Settled, Escalated:
		if (a.Outcome == Escalated) != (s.Escalation != "") {
			return refuse(code.Conflict)
		}
	case NoAnswer:
	default:
		return refuse(code.Invalid)
	}
	return next.end(a.Outcome, ByAdvisor)
}

// Leave ends the conversation by its citizen. It does nothing if the conversation has ended.
type Leave struct{}

func (Leave) decide(_ Entry, by Actor, next *Entry) Verdict {
	s := &next.State
	if by.Side != identity.SideCitizen {
		return refuse(code.Forbidden)
	}
	if s.Status == StatusEnded && MayRead(*next, by) == "" {
		return Verdict{}
	}
	if _, refused := s.enter(by, next.At.UnixMilli()); refused != "" {
		return refuse(refused)
	}
	return next.end(s.ended(Abandoned), LeftByCitizen)
}

// Expire ends a conversation because of time. It does nothing if its reason does not hold, or
// does not hold any longer.
type Expire struct {
	Reason Reason    // AwayTooLong, IdleTooLong, DeskClosed or Silent
	Words  Text      // the reason of the closure, if an operator closed the desk
	Opens  time.Time // with DeskClosed: when the desk opens again; zero if that is not known
}

func (a Expire) decide(_ Entry, _ Actor, next *Entry) Verdict {
	s := &next.State
	waits := s.Status == Queued
	switch {
	case a.Reason == AwayTooLong && waits && s.Citizen.Connection == "",
		a.Reason == Silent && waits && s.Aside:
		return next.end(Abandoned, a.Reason)
	case a.Reason == AwayTooLong && s.Status == CitizenAway && s.Accepted():
		return next.end(s.ended(NoAnswer), a.Reason)
	case a.Reason == AwayTooLong && s.Status == CitizenAway:
		return next.end(Abandoned, a.Reason)
	case a.Reason == IdleTooLong && s.Accepted() && s.AnswerUntil != nil && !next.At.Before(*s.AnswerUntil):
		return next.end(s.ended(NoAnswer), a.Reason)
	case a.Reason == DeskClosed && waits:
		next.Text = a.Words
		if !a.Opens.IsZero() {
			next.Opens = &a.Opens
		}
		return next.end(NotServed, a.Reason)
	}
	return Verdict{}
}

// ended returns the outcome of a conversation that ends without its advisor: Escalated if it
// has an escalation, o otherwise.
func (s *State) ended(o Outcome) Outcome {
	if s.Escalation != "" {
		return Escalated
	}
	return o
}

func (e *Entry) end(o Outcome, r Reason) Verdict {
	e.State.Status, e.State.Outcome = StatusEnded, o
	e.State.OfferUntil = nil
	e.State.unask()
	e.Kind, e.Reason = KindClosed, r
	return commit
}
