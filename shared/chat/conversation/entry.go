package conversation

import (
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A Kind says what an entry of a conversation records.
type Kind string

// The kinds.
const (
	KindJoined      Kind = "joined"      // the citizen took a ticket; always entry 1
	KindAssigned    Kind = "assigned"    // offered to an advisor
	KindAccepted    Kind = "accepted"    // the advisor answered the offer
	KindMessage     Kind = "message"     // a side wrote
	KindConnected   Kind = "connected"   // a side has a new connection
	KindAway        Kind = "away"        // the citizen has no connection
	KindRequeued    Kind = "requeued"    // back to the front of the queue with the old ticket
	KindAsked       Kind = "asked"       // the citizen was asked: "are you still there?" while queued, or for an answer by the advisor
	KindAside       Kind = "aside"       // no answer came: the citizen is passed over
	KindHere        Kind = "here"        // an answer came
	KindTransferred Kind = "transferred" // back to the queue for another advisor or topic
	KindEscalated   Kind = "escalated"   // handed to a territorial office
	KindProgressed  Kind = "progressed"  // news of the escalation; also after the end
	KindClosed      Kind = "closed"      // ended, with an outcome
)

// A Status says where a conversation stands. The package comment lists the edges between them.
type Status string

// The statuses.
const (
	Queued      Status = "queued"
	Assigned    Status = "assigned"
	CitizenAway Status = "citizen_away"
	StatusEnded Status = "closed"
)

// An Outcome says how a conversation ended. It is recorded when the conversation is closed.
type Outcome string

// The outcomes.
const (
	Settled   Outcome = "settled"    // the advisor answered
	Escalated Outcome = "escalated"  // handed to the territorial office
	Abandoned Outcome = "abandoned"  // the citizen left
	NoAnswer  Outcome = "no_answer"  // the citizen stopped answering
	NotServed Outcome = "not_served" // the desk closed first
)

// A Reason says why an entry was made, if its kind does not say so.
type Reason string

// The reasons.
const (
	OfferMissed   Reason = "offer_missed"   // the advisor did not accept in time
	AdvisorLost   Reason = "advisor_lost"   // the advisor's lease ran out
	AdvisorLeft   Reason = "advisor_left"   // the advisor has logged out
	NobodyFree    Reason = "nobody_free"    // the ticket was called, but the free advisor was taken
	Disconnected  Reason = "disconnected"   // the socket was closed
	LeaseExpired  Reason = "lease_expired"  // no sign of life
	Unreachable   Reason = "unreachable"    // the gateway knew no such socket when something was pushed
	LeftByCitizen Reason = "left"           // the citizen ended it
	ByAdvisor     Reason = "by_advisor"     // the advisor ended it
	IdleTooLong   Reason = "idle"           // the citizen did not answer the advisor
	AwayTooLong   Reason = "away"           // the citizen did not come back
	Silent        Reason = "silent"         // the citizen did not answer "are you still there?"
	Absent        Reason = "absent"         // the ticket was called while the citizen was not connected
	DeskClosed    Reason = "desk_closed"    // closing time came first
	Reordered     Reason = "reordered"      // a supervisor lets the citizen go first
	HasSlip       Reason = "slip"           // the citizen had a slip and goes first
	TicketSkipped Reason = "ticket_skipped" // the ticket was called before the conversation was stored
	OfficeLate    Reason = "office_late"    // the office has not answered in time
	OfficeRefused Reason = "office_refused" // Linea INPS will not take the escalation
)

// An Entry is one line of the log of a conversation. The entries of a conversation are
// numbered 1, 2, 3 … without gaps.
type Entry struct {
	Conversation queue.ConversationID `json:"conversation"`
	Seq          int                  `json:"seq"`
	Kind         Kind                 `json:"kind"`
	At           time.Time            `json:"at"` // UTC, milliseconds; for people to read, never for order
	By           identity.Side        `json:"by"`
	Author       identity.StaffID     `json:"author,omitempty"` // of an entry by an advisor
	Name         string               `json:"name,omitempty"`   // of that advisor; the citizen's is in the profile
	Number       int                  `json:"number,omitempty"` // the client's own number of a message
	Text         Text                 `json:"text,omitempty"`   // what was written: the message, the first question, the escalation, why the desk closed
	Reason       Reason               `json:"reason,omitempty"`
	Profile      *Profile             `json:"profile,omitempty"`    // of the citizen, in entry 1
	Escalation   *Escalation          `json:"escalation,omitempty"` // in entries of kind escalated and progressed
	Promise      *queue.Promise       `json:"promise,omitempty"`    // of the wait, in entry 1
	Opens        *time.Time           `json:"opens,omitempty"`      // in a closing entry: when the desk opens again, if it closed before the citizen was served

	// State is the state of the conversation after this entry. The last entry alone says who
	// may write, from which socket, and what is a duplicate.
	State State `json:"state"`
}

// State is all that is needed to decide about a conversation. Every entry carries one, so it
// is kept small (about 250 B) and holds no text.
type State struct {
	Status     Status             `json:"status"`
	Topic      queue.Topic        `json:"topic"`
	Ticket     queue.Ticket       `json:"ticket"`
	Returned   bool               `json:"returned,omitempty"` // waits at the front: its ticket was called before, or it goes first (reordered, slip)
	Citizen    Party              `json:"citizen"`
	Company    identity.CompanyID `json:"company,omitempty"`     // the company that the citizen acts for; the conversation is seen for no other company, and not as a worker
	Advisor    Party              `json:"advisor"`               // the advisor who has it; zero while queued
	Last       identity.StaffID   `json:"last,omitempty"`        // the advisor who had it before it was queued again
	Former     []Former           `json:"former,omitempty"`      // advisors who had it before and have written
	OfferUntil *time.Time         `json:"offer_until,omitempty"` // an offer not yet accepted lapses then
	Sign       int64              `json:"sign,omitempty"`        // when the citizen last did something in person, UTC milliseconds
	// AnswerUntil is the instant until which the citizen is to answer; nil if there is nothing
	// to answer. While queued the question is "are you still there?", and while assigned it is
	// the advisor's Expect. Aside says that a queued citizen has not answered.
	AnswerUntil *time.Time       `json:"answer_until,omitempty"`
	Aside       bool             `json:"aside,omitempty"`
	Awaited     bool             `json:"awaited,omitempty"` // the citizen was away when the advisor accepted, and has not come since
	For         identity.StaffID `json:"for,omitempty"`     // a transfer's addressee, preferred
	Cases       []cases.Ref      `json:"cases,omitempty"`
	Escalation  EscalationID     `json:"escalation,omitempty"`
	Outcome     Outcome          `json:"outcome,omitempty"`

	Progress EscalationProgress `json:"progress,omitzero"`
}

// A Former is an advisor who had the conversation and has written in it. If the conversation
// comes back to the advisor, a resend of the last message is recognised by it.
type Former struct {
	ID     identity.StaffID `json:"id"`
	Number int              `json:"number"` // as in Party
	Seq    int              `json:"seq"`
	Digest uint64           `json:"digest"`
}

// maxFormer is how many former advisors a State remembers. Suppose that an advisor loses a
// conversation before an acknowledgement arrives, that more than maxFormer others write in it,
// and that the advisor then gets it back: the resent message could be stored twice.
const maxFormer = 4

// remember keeps the numbers of an advisor who loses the conversation, if the advisor has
// written.
func (s *State) remember(p Party) {
	if p.Number == 0 {
		return
	}
	var former []Former // a new list: tail has the old one
	for _, f := range s.Former {
		if string(f.ID) != p.ID {
			former = append(former, f)
		}
	}
	former = append(former, Former{ID: identity.StaffID(p.ID), Number: p.Number, Seq: p.Seq, Digest: p.Digest})
	s.Former = former[max(0, len(former)-maxFormer):]
}

// recall returns the party for an advisor who gets the conversation, with the remembered
// numbers if the advisor had it before.
func (s *State) recall(id identity.StaffID) Party {
	for _, f := range s.Former {
		if f.ID == id {
			return Party{ID: string(id), Number: f.Number, Seq: f.Seq, Digest: f.Digest}
		}
	}
	return Party{ID: string(id)}
}

// EscalationProgress says how much news of the escalation the conversation has recorded.
type EscalationProgress struct {
	Step  int  `json:"step,omitempty"`  // the last of the office's steps that is recorded
	Late  bool `json:"late,omitempty"`  // it is recorded that the office is late
	Final bool `json:"final,omitempty"` // no more news will come
}

// Accepted reports whether an advisor has the conversation and has answered the offer.
func (s State) Accepted() bool {
	return (s.Status == Assigned || s.Status == CitizenAway) && s.OfferUntil == nil
}

// Open reports whether an advisor holds a slot for the conversation.
func (s State) Open() bool { return s.Status == Assigned || s.Status == CitizenAway }

// Holder returns the holder of the conversation's place. The topic of the ticket decides: a
// transfer may change the conversation's topic, but never its ticket.
func (s State) Holder() queue.HolderID {
	return queue.HolderOf(identity.PersonID(s.Citizen.ID), s.Ticket.Topic)
}

// InContext reports whether a citizen who acts for company, or as a worker if company is "",
// may see the conversation. The states of employers' conversations that are older than this
// rule name no company: each of the person's companies sees them.
func (s State) InContext(company identity.CompanyID) bool {
	if s.Company == "" && s.Ticket.Topic != queue.WorkerCase {
		return company != ""
	}
	return s.Company == company
}

// Present reports whether the citizen can be given to an advisor: the citizen is connected,
// and has not stepped aside. A citizen who is not present keeps the place and is passed over.
func (s State) Present() bool { return s.Citizen.Connection != "" && !s.Aside }

// AtFront reports whether the conversation waits at the front of its queue and its citizen is
// present.
func (s State) AtFront() bool { return s.Status == Queued && s.Returned && s.Present() }

// A Party is one side of a conversation, with its socket.
type Party struct {
	ID         string       `json:"id,omitempty"`         // identity.PersonID or identity.StaffID
	Connection ConnectionID `json:"connection,omitempty"` // "" while there is none
	// Epoch grows with every connection; a frame with a smaller one is stale. It is the
	// instant of the connection in UTC milliseconds, as the gateway tells it.
	Epoch  int64  `json:"epoch,omitempty"`
	Number int    `json:"number,omitempty"` // the last client number stored
	Seq    int    `json:"seq,omitempty"`    // of the entry with that number
	Digest uint64 `json:"digest,omitempty"` // of that entry's text: the same number with another text is refused
	At     int64  `json:"at,omitempty"`     // when it last wrote or came, UTC milliseconds
	Busy   int64  `json:"busy,omitempty"`   // until when its messages keep it busy at the usual pace, UTC milliseconds; Pace.Spend
}

// A Profile is what the advisor sees about the citizen. It is taken from the token, never from
// what was typed.
type Profile struct {
	Person      identity.PersonID  `json:"person"`
	Name        string             `json:"name"`
	Role        string             `json:"role"`
	Province    string             `json:"province"`
	Company     identity.CompanyID `json:"company,omitempty"`
	CompanyName string             `json:"company_name,omitempty"`
	Sealed      []byte             `json:"sealed,omitempty"` // the fiscal code, encrypted; stored here and nowhere else
}
