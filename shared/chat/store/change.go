package store

import (
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A Step is what a use case writes: at most one entry, and the changes that commit with it.
// All is written or nothing. A step with an entry alone is one conditional put; a step with
// several writes is one transaction.
type Step struct {
	Entry   *conversation.Entry // nil if the step has none
	Changes []Change
}

// A Change is one conditional write of a step. The set is closed: the types of this file. The
// comment of each type has the condition on which the change can be made.
type Change interface{ change() }

type (
	// SetLive makes Conversation the live one of Holder. Condition: the holder has none.
	SetLive struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
		Company      identity.CompanyID
		Seen         time.Time
	}

	// ClearLive removes the live mark of Holder if it names Conversation, and does nothing
	// otherwise. It has no condition.
	ClearLive struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
	}

	// Seen renews the citizen's lease. Condition: Conversation is the live one of Holder.
	Seen struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
		At           time.Time
	}

	// TakeSlot gives the conversation to the advisor. Condition: the advisor is signed in with
	// that epoch, connected and available, the lease is after At, and fewer conversations are
	// open than the capacity allows.
	TakeSlot struct {
		Advisor      identity.StaffID
		Conversation queue.ConversationID
		Epoch        int64
		At           time.Time
	}

	// GiveSlot takes the conversation from the advisor's open ones, if it is there. Pause also
	// pauses the advisor. It has no condition.
	GiveSlot struct {
		Advisor      identity.StaffID
		Conversation queue.ConversationID
		Pause        bool
	}

	// SignIn registers the advisor's connection. A new advisor gets DefaultCapacity and is
	// paused. Condition: no connection with a larger epoch is registered.
	SignIn struct {
		Advisor    identity.StaffID
		Name       string
		Topics     []queue.Topic
		Person     identity.PersonID
		Connection conversation.ConnectionID
		Epoch      int64
		Lease      time.Time
	}

	// Renew sets the lease of the advisor's connection, which is open. Condition: the
	// connection is the advisor's, by its epoch. With an instant Present, also: the connection
	// is known to be open and the present lease is after that instant. With Extend, also: the
	// present lease is before Lease.
	Renew struct {
		Advisor    identity.StaffID
		Connection conversation.ConnectionID
		Epoch      int64
		Lease      time.Time
		Present    time.Time
		Extend     bool
	}

	// SignOut records that the advisor's connection is closed. Nothing more is offered over
	// it, and the open conversations stay with the advisor until Lease. Pause also pauses the
	// advisor. Condition: the connection is the advisor's, by its epoch.
	SignOut struct {
		Advisor identity.StaffID
		Epoch   int64
		Lease   time.Time
		Pause   bool
	}

	// SetPresence changes presence and capacity. Condition: the connection is the advisor's,
	// by its epoch.
	SetPresence struct {
		Advisor  identity.StaffID
		Epoch    int64
		Presence conversation.Presence
		Capacity int
	}

	// DropAdvisor forgets an advisor. Condition: no conversation is open, and the lease ended
	// before Before.
	DropAdvisor struct {
		Advisor identity.StaffID
		Before  time.Time
	}

	// Return puts a conversation to the front of topic's queue, in the order of tickets. It
	// has no condition.
	Return struct {
		Topic  queue.Topic
		Ticket queue.Ticket
	}

	// Unreturn takes a conversation from the front of topic's queue. It has no condition.
	Unreturn struct {
		Topic  queue.Topic
		Ticket queue.Ticket
	}

	// Gone records that no citizen waits in line with this ticket any more although it was not
	// called, so that positions stay exact. It has no condition.
	Gone struct {
		Ticket queue.Ticket
		At     time.Time
	}

	// Passed deletes the record of Gone after the ticket was called. It has no condition.
	Passed struct{ Ticket queue.Ticket }

	// Out puts an escalation into the outbox. Condition: there is none with its id.
	Out struct{ Escalation conversation.Escalation }

	// SetEscalation replaces an escalation in the outbox. Condition: it is there.
	SetEscalation struct{ Escalation conversation.Escalation }

	// Sent records that an escalation was handed to the relay, and when to look at it again.
	// Condition: the escalation is there with status Was.
	Sent struct {
		Escalation conversation.EscalationID
		Was, Is    conversation.EscalationStatus
		Next       time.Time
	}

	// Forget takes an escalation that has ended from the outbox. It has no condition.
	Forget struct{ Escalation conversation.EscalationID }

	// AddNote stores a private note of staff beside the conversation. Condition: there is none
	// with its id.
	AddNote struct{ Note conversation.Note }

	// AddAccess adds a line to the access log. Condition: there is none with its instant and
	// id.
	AddAccess struct{ Access Access }

	// DropEntry deletes an entry, in an erasure. It has no condition.
	DropEntry struct {
		Conversation queue.ConversationID
		Seq          int
	}

	// DropNote deletes a note, in an erasure. It has no condition.
	DropNote struct {
		Conversation queue.ConversationID
		ID           string
	}

	// DropAccess deletes a line of the access log, once retention is over. It has no
	// condition.
	DropAccess struct{ Access Access }

	// Retained records that nothing is stored any more of the tickets of a shard up to Ticket.
	// It has no condition.
	Retained struct{ Ticket queue.Ticket }

	// SetFigures replaces the figures of a topic. It has no condition.
	SetFigures struct {
		Topic   queue.Topic
		Figures queue.Figures
	}

	// SetSlip gives a holder a slip. Condition: the holder has none, or one of an earlier
	// closing.
	SetSlip struct{ Slip Slip }

	// CountSlip counts one more slip of the closing After. Condition: fewer than Most were
	// counted.
	CountSlip struct {
		After time.Time
		Most  int
	}

	// DropSlip takes a slip from its holder. Condition: the holder has this slip.
	DropSlip struct{ Slip Slip }

	// SetDeskRules replaces the operators' rules. Condition: the stored revision is Rules.Rev
	// - 1.
	SetDeskRules struct{ Rules DeskRules }
)

func (SetLive) change()       {}
func (ClearLive) change()     {}
func (Seen) change()          {}
func (TakeSlot) change()      {}
func (GiveSlot) change()      {}
func (SignIn) change()        {}
func (Renew) change()         {}
func (SignOut) change()       {}
func (SetPresence) change()   {}
func (DropAdvisor) change()   {}
func (Return) change()        {}
func (Unreturn) change()      {}
func (Gone) change()          {}
func (Passed) change()        {}
func (DropAccess) change()    {}
func (Retained) change()      {}
func (Out) change()           {}
func (SetEscalation) change() {}
func (Sent) change()          {}
func (Forget) change()        {}
func (AddNote) change()       {}
func (AddAccess) change()     {}
func (DropEntry) change()     {}
func (DropNote) change()      {}
func (SetFigures) change()    {}
func (SetSlip) change()       {}
func (CountSlip) change()     {}
func (DropSlip) change()      {}
func (SetDeskRules) change()  {}

// StepFor returns the step that appends next after tail. The changes that go with the entry
// follow from the two states and the kind and reason of next.
func StepFor(tail, next conversation.Entry) Step {
	was, is := tail.State, next.State
	id := next.Conversation
	step := Step{Entry: &next}
	add := func(c Change) { step.Changes = append(step.Changes, c) }

	if next.Kind == conversation.KindJoined {
		add(SetLive{Holder: is.Holder(), Conversation: id, Company: is.Company, Seen: next.At})
	}
	if !was.Open() && is.Open() {
		add(TakeSlot{Advisor: identity.StaffID(is.Advisor.ID), Conversation: id, Epoch: is.Advisor.Epoch, At: next.At})
	}
	if was.Open() && !is.Open() {
		add(GiveSlot{Advisor: identity.StaffID(was.Advisor.ID), Conversation: id, Pause: next.Reason == conversation.OfferMissed})
	}
	if was.Status != conversation.StatusEnded && is.Status == conversation.StatusEnded {
		add(ClearLive{Holder: is.Holder(), Conversation: id})
	}
	switch waited, waits := was.AtFront(), is.AtFront(); {
	case waits && !waited:
		add(Return{Topic: is.Topic, Ticket: is.Ticket})
	case waited && !waits:
		add(Unreturn{Topic: was.Topic, Ticket: was.Ticket})
	}
	inLine := was.Status == conversation.Queued && !was.Returned
	if inLine && (is.Status == conversation.StatusEnded || next.Reason == conversation.Reordered) || next.Kind == conversation.KindJoined && is.Returned {
		// No citizen waits in line with the ticket, and it may take long until it is called.
		add(Gone{Ticket: is.Ticket, At: next.At})
	}
	switch next.Kind {
	case conversation.KindEscalated:
		add(Out{Escalation: *next.Escalation})
	case conversation.KindProgressed:
		add(SetEscalation{Escalation: *next.Escalation})
	}
	return step
}
