package store

import (
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A Step is what a use case writes: at most one entry and the changes that
// commit with it, all or nothing. A step that is one entry alone is one
// conditional put; any other is one transaction.
type Step struct {
	Entry   *conversation.Entry // nil if the step has none
	Changes []Change
}

// A Change is one conditional write of a step. The set is closed: the types of
// this file. Each says on what condition it can be made.
type Change interface{ change() }

type (
	// SetLive makes Conversation the live one of Holder. Condition: the holder has
	// none.
	SetLive struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
		Company      identity.CompanyID
		Seen         time.Time
	}

	// ClearLive ends that. It has no condition, and leaves another
	// conversation's mark alone.
	ClearLive struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
	}

	// Seen renews the citizen's lease. Condition: Conversation is the live one.
	Seen struct {
		Holder       queue.HolderID
		Conversation queue.ConversationID
		At           time.Time
	}

	// TakeSlot gives the conversation to the advisor. Condition: signed in with
	// that epoch, connected, available, lease after At, fewer open than capacity.
	TakeSlot struct {
		Advisor      identity.StaffID
		Conversation queue.ConversationID
		Epoch        int64
		At           time.Time
	}

	// GiveSlot takes the conversation from the advisor's open ones, if it is
	// there; Pause also pauses the advisor. It has no condition.
	GiveSlot struct {
		Advisor      identity.StaffID
		Conversation queue.ConversationID
		Pause        bool
	}

	// SignIn registers the advisor's connection. An advisor who is new gets
	// DefaultCapacity and is paused. Condition: no connection with a larger
	// epoch.
	SignIn struct {
		Advisor    identity.StaffID
		Name       string
		Topics     []queue.Topic
		Person     identity.PersonID
		Connection conversation.ConnectionID
		Epoch      int64
		Lease      time.Time
	}

	// Renew sets the lease of the advisor's connection, which is open. Condition:
	// the connection is the advisor's, by its epoch; with a Present instant also:
	// it is known to be open, and the lease so far is after that instant; with
	// Extend also: the lease so far is before Lease.
	Renew struct {
		Advisor    identity.StaffID
		Connection conversation.ConnectionID
		Epoch      int64
		Lease      time.Time
		Present    time.Time
		Extend     bool
	}

	// SignOut records that the advisor's connection is closed: nothing more is
	// offered over it, and what is open is the advisor's until Lease. Pause also
	// pauses the advisor. Condition: the connection is the advisor's, by its epoch.
	SignOut struct {
		Advisor identity.StaffID
		Epoch   int64
		Lease   time.Time
		Pause   bool
	}

	// SetPresence changes presence and capacity. Condition: as for Renew.
	SetPresence struct {
		Advisor  identity.StaffID
		Epoch    int64
		Presence conversation.Presence
		Capacity int
	}

	// DropAdvisor forgets an advisor. Condition: nothing is open, and the lease ended
	// before Before.
	DropAdvisor struct {
		Advisor identity.StaffID
		Before  time.Time
	}

	// Return puts a conversation to the front of topic's queue, in the order of
	// tickets. It has no condition.
	Return struct {
		Topic  queue.Topic
		Ticket queue.Ticket
	}

	// Unreturn takes it from there. It has no condition.
	Unreturn struct {
		Topic  queue.Topic
		Ticket queue.Ticket
	}

	// Gone records that nobody waits with this ticket any more although it was
	// not served, so that positions stay exact. It has no condition.
	Gone struct {
		Ticket queue.Ticket
		At     time.Time
	}

	// Passed deletes what Gone recorded, after the ticket was called. It has no condition.
	Passed struct{ Ticket queue.Ticket }

	// Out puts an escalation into the outbox. Condition: there is none with its
	// id.
	Out struct{ Escalation conversation.Escalation }

	// SetEscalation replaces an escalation in the outbox. Condition: it is there.
	SetEscalation struct{ Escalation conversation.Escalation }

	// Sent records that an escalation was sent on, or is to be looked at again
	// later. Condition: it is there with status Was.
	Sent struct {
		Escalation conversation.EscalationID
		Was, Is    conversation.EscalationStatus
		Next       time.Time
	}

	// Forget takes an escalation that has ended from the outbox. It has no
	// condition.
	Forget struct{ Escalation conversation.EscalationID }

	// AddNote keeps a private note of staff beside the conversation. Condition:
	// there is none with its id.
	AddNote struct{ Note conversation.Note }

	// AddAccess adds a line to the access log. Condition: there is none with its
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

	// Retained records that nothing is left of the tickets of a shard up to Ticket. It
	// has no condition.
	Retained struct{ Ticket queue.Ticket }

	// SetFigures replaces the figures of a topic. It has no condition.
	SetFigures struct {
		Topic   queue.Topic
		Figures queue.Figures
	}

	// SetSlip gives a person a slip. Condition: the person has none, or one of an
	// earlier closing.
	SetSlip struct{ Slip Slip }

	// CountSlip counts a slip more of that closing. Condition: fewer than Most were
	// counted.
	CountSlip struct {
		After time.Time
		Most  int
	}

	// DropSlip takes a slip from its person. Condition: the person has this one.
	DropSlip struct{ Slip Slip }

	// SetDeskRules replaces the operator's rules. Condition: the stored
	// revision is Rules.Rev - 1.
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

// StepFor returns the step that appends next after tail: what else must change
// follows from the two states alone.
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
		// Nobody waits in line with the ticket, and it may not be called for long.
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
