package conversation

import (
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Verdict is the answer to a command. The zero Verdict means that nothing is to be stored:
// the command has been carried out before, or has nothing to do.
type Verdict struct {
	Append bool          // the entry is to be stored
	Seq    int           // number of the entry that was stored before: acknowledge it again
	Err    code.Code     // refused
	After  time.Duration // with Throttled: when to try again
}

var commit = Verdict{Append: true}

func refuse(c code.Code) Verdict { return Verdict{Err: c} }

// Decide applies cmd to the conversation whose last entry is tail. It returns the entry to
// append, or a verdict that needs none: a duplicate to be acknowledged again, nothing to do,
// or a refusal. It reads no clock and no store.
//
// An actor who is not a party gets NotFound, exactly as for a conversation that does not
// exist.
func Decide(tail Entry, cmd Command) (Entry, Verdict) {
	next := Entry{
		Conversation: tail.Conversation,
		Seq:          tail.Seq + 1,
		At:           cmd.At,
		By:           cmd.By.Side,
		State:        tail.State,
	}
	if cmd.By.Side == identity.SideAdvisor {
		next.Author, next.Name = identity.StaffID(cmd.By.ID), cmd.By.Name
	}
	v := cmd.Act.decide(tail, cmd.By, &next)
	if !v.Append {
		return Entry{}, v
	}
	return next, v
}

// Join returns the first entry of the conversation of ticket t.
func Join(cmd Command, t queue.Ticket, p Profile, question Text, cases []cases.Ref) Entry {
	return Entry{
		Conversation: t.Conversation(),
		Seq:          1,
		Kind:         KindJoined,
		At:           cmd.At,
		By:           identity.SideCitizen,
		Text:         question,
		Profile:      &p,
		State: State{
			Status:  Queued,
			Topic:   t.Topic,
			Ticket:  t,
			Sign:    cmd.At.UnixMilli(),
			Cases:   cases,
			Company: p.Company,
			Citizen: Party{
				ID:         cmd.By.ID,
				Connection: cmd.By.Connection,
				Epoch:      cmd.By.Epoch,
				At:         cmd.At.UnixMilli(),
			},
		},
	}
}

// party returns the party of s on by's side. It returns NotFound if by is not that party: a
// former advisor is not a party, and a citizen in another context is not either.
func (s *State) party(by Actor) (*Party, code.Code) {
	var p *Party
	switch by.Side {
	case identity.SideCitizen:
		p = &s.Citizen
	case identity.SideAdvisor:
		p = &s.Advisor
	case identity.SideSystem:
		return nil, code.NotFound
	}
	if by.ID == "" || p == nil || p.ID != by.ID {
		return nil, code.NotFound
	}
	if by.Side == identity.SideCitizen && !s.InContext(by.Company) {
		return nil, code.NotFound
	}
	return p, ""
}

// enter lets by act in the conversation as its party, from by's connection at the instant at.
// A connection that is newer than the party's replaces it, and an older one is refused with
// Superseded. An ended conversation is Closed. A citizen who was away is back.
func (s *State) enter(by Actor, at int64) (*Party, code.Code) {
	p, refused := s.party(by)
	switch {
	case refused != "":
		return nil, refused
	case s.Status == StatusEnded:
		return nil, code.Closed
	case by.Epoch < p.Epoch:
		return nil, code.Superseded
	}
	p.Connection, p.Epoch, p.At = by.Connection, by.Epoch, at
	if by.Side == identity.SideCitizen && s.Status == CitizenAway {
		s.Status, s.Awaited = Assigned, false
	}
	return p, ""
}

// enterAccepted is enter for acts of the advisor who has accepted the conversation. Another
// side gets Forbidden, and an advisor who has not accepted the offer yet gets Conflict.
func (s *State) enterAccepted(by Actor, at int64) (*Party, code.Code) {
	if by.Side != identity.SideAdvisor {
		return nil, code.Forbidden
	}
	p, refused := s.enter(by, at)
	if refused == "" && !s.Accepted() {
		return nil, code.Conflict
	}
	return p, refused
}

// Peer returns the connection of the side opposite to by, "" if that side has none. It is used
// for events that are pushed and never stored: typing and read marks.
func Peer(tail Entry, by Actor) (ConnectionID, code.Code) {
	s := tail.State
	if _, refused := s.enter(by, 0); refused != "" {
		return "", refused
	}
	switch {
	case !s.Accepted(): // the citizen does not know of an advisor who has not answered the offer yet
		return "", ""
	case by.Side == identity.SideCitizen:
		return s.Advisor.Connection, ""
	}
	return s.Citizen.Connection, ""
}

// MayRead returns "" if by is a party of the conversation, and NotFound otherwise. The
// conversation may have ended.
func MayRead(tail Entry, by Actor) code.Code {
	s := tail.State
	_, refused := s.party(by)
	return refused
}
