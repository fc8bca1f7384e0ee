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
	KindMessage     Kind = "message"     // somebody wrote
	KindConnected   Kind = "connected"   // a side has a new connection
	KindAway        Kind = "away"        // the citizen has no connection
	KindRequeued    Kind = "requeued"    // back to the front of the queue with the old ticket
	KindAsked       Kind = "asked"       // the citizen was asked: whether he is still there, or by the advisor for an answer
	KindAside       Kind = "aside"       // no answer came: he is passed over
	KindHere        Kind = "here"        // an answer came
	KindTransferred Kind = "transferred" // back to the queue for another advisor or topic
	KindEscalated   Kind = "escalated"   // handed to a territorial office
	KindProgressed  Kind = "progressed"  // news of the escalation; also after the end
	KindClosed      Kind = "closed"      // ended, with an outcome
)

// A Status is where a conversation stands. The edges between them are in the
// package comment.
type Status string

// The statuses.
const (
	Queued      Status = "queued"
	Assigned    Status = "assigned"
	CitizenAway Status = "citizen_away"
	StatusEnded Status = "closed"
)

// An Outcome of a conversation, recorded when it is closed.
type Outcome string

// The outcomes.
const (
	Settled   Outcome = "settled"    // the advisor answered
	Escalated Outcome = "escalated"  // handed to the territorial office
	Abandoned Outcome = "abandoned"  // the citizen left
	NoAnswer  Outcome = "no_answer"  // the citizen stopped answering
	NotServed Outcome = "not_served" // the desk closed first
)

// A Reason says why an entry came about when its kind does not tell.
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

// An Entry is one line of the log that a conversation is. Entries of a
// conversation are numbered 1, 2, 3 … without gaps.
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
	Opens        *time.Time           `json:"opens,omitempty"`      // when the desk opens again that closed before somebody was served

	// State is what the conversation is after this entry: the last entry alone
	// answers who may write, from where, and what is a duplicate.
	State State `json:"state"`
}

// State is everything that deciding about a conversation needs. Every entry
// carries one, so it is kept small (about 250 B) and holds no text.
type State struct {
	Status     Status             `json:"status"`
	Topic      queue.Topic        `json:"topic"`
	Ticket     queue.Ticket       `json:"ticket"`
	Returned   bool               `json:"returned,omitempty"` // waits at the front: its ticket was called before, or it was let go first
	Citizen    Party              `json:"citizen"`
	Company    identity.CompanyID `json:"company,omitempty"`     // that the citizen acts for: the conversation is seen for no other, and not as a worker
	Advisor    Party              `json:"advisor"`               // who has it; zero while queued
	Last       identity.StaffID   `json:"last,omitempty"`        // who had it before it was queued again
	Former     []Former           `json:"former,omitempty"`      // who had it before and has written
	OfferUntil *time.Time         `json:"offer_until,omitempty"` // an offer not yet accepted lapses then
	Sign       int64              `json:"sign,omitempty"`        // when the citizen last did something himself, UTC milliseconds
	// AnswerUntil is until when the citizen is to answer, nil if there is nothing to
	// answer: "are you still there?" while queued, the advisor who asks for it while
	// assigned. Aside says that a citizen who is queued has not.
	AnswerUntil *time.Time       `json:"answer_until,omitempty"`
	Aside       bool             `json:"aside,omitempty"`
	Awaited     bool             `json:"awaited,omitempty"` // the citizen was away when the advisor accepted, and has not come since
	For         identity.StaffID `json:"for,omitempty"`     // a transfer's addressee, preferred
	Cases       []cases.Ref      `json:"cases,omitempty"`
	Escalation  EscalationID     `json:"escalation,omitempty"`
	Outcome     Outcome          `json:"outcome,omitempty"`

	Progress EscalationProgress `json:"progress,omitzero"`
}

// A Former is an advisor who had the conversation and has written in it. What they
// send again after they have got it back is known by it.
type Former struct {
	ID     identity.StaffID `json:"id"`
	Number int              `json:"number"` // as in Party
	Seq    int              `json:"seq"`
	Digest uint64           `json:"digest"`
}

// maxFormer is how many are remembered. Whoever gets a conversation back after
// more than as many others have had it could have a message stored twice, if its
// acknowledgement was lost before they lost the conversation.
const maxFormer = 4

// remember keeps what is known of an advisor who loses the conversation.
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

// recall returns an advisor who gets the conversation, for the first time or again.
func (s *State) recall(id identity.StaffID) Party {
	for _, f := range s.Former {
		if f.ID == id {
			return Party{ID: string(id), Number: f.Number, Seq: f.Seq, Digest: f.Digest}
		}
	}
	return Party{ID: string(id)}
}

// EscalationProgress is how far the news of a conversation's escalation are.
type EscalationProgress struct {
	Step  int  `json:"step,omitempty"`  // the last of the office's steps that is recorded
	Late  bool `json:"late,omitempty"`  // it is recorded that the office is late
	Final bool `json:"final,omitempty"` // there will be no more
}

// Accepted reports whether an advisor has answered the offer.
func (s State) Accepted() bool {
	return (s.Status == Assigned || s.Status == CitizenAway) && s.OfferUntil == nil
}

// Open reports whether an advisor holds a slot for the conversation.
func (s State) Open() bool { return s.Status == Assigned || s.Status == CitizenAway }

// Holder returns for whom the conversation's place is kept. A transfer may change the
// topic, but not that of the ticket.
func (s State) Holder() queue.HolderID {
	return queue.HolderOf(identity.PersonID(s.Citizen.ID), s.Ticket.Topic)
}

// InContext reports whether a citizen who speaks for that company, or as a worker, may see
// the conversation. Conversations of employers that are older than this rule name no
// company in their states: they are seen for each of the person's.
func (s State) InContext(company identity.CompanyID) bool {
	if s.Company == "" && s.Ticket.Topic != queue.WorkerCase {
		return company != ""
	}
	return s.Company == company
}

// Present reports whether the citizen can be given to an advisor: is connected, and has
// not stepped aside. A citizen who is not keeps the place, and is passed over.
func (s State) Present() bool { return s.Citizen.Connection != "" && !s.Aside }

// AtFront reports whether it waits at the front of its queue.
func (s State) AtFront() bool { return s.Status == Queued && s.Returned && s.Present() }

// A Party is one side of a conversation: who it is, and from which socket.
type Party struct {
	ID         string       `json:"id,omitempty"`         // identity.PersonID or identity.StaffID
	Connection ConnectionID `json:"connection,omitempty"` // "" while away
	// Epoch grows with every connection; a frame with a smaller one is stale.
	// It is the instant of the connection in milliseconds, as the gateway tells.
	Epoch  int64  `json:"epoch,omitempty"`
	Number int    `json:"number,omitempty"` // the last client number stored
	Seq    int    `json:"seq,omitempty"`    // of the entry with that number
	Digest uint64 `json:"digest,omitempty"` // of its text: the same number with another text is refused
	At     int64  `json:"at,omitempty"`     // when it last wrote or came, UTC milliseconds
	Busy   int64  `json:"busy,omitempty"`   // until when its messages keep it busy at the usual pace; Pace
}

// A Profile is what the advisor sees about the citizen, taken from the token
// and never from what somebody typed.
type Profile struct {
	Person      identity.PersonID  `json:"person"`
	Name        string             `json:"name"`
	Role        string             `json:"role"`
	Province    string             `json:"province"`
	Company     identity.CompanyID `json:"company,omitempty"`
	CompanyName string             `json:"company_name,omitempty"`
	Sealed      []byte             `json:"sealed,omitempty"` // the fiscal code, encrypted; stored here and nowhere else
}
