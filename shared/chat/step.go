package chat

import "time"

// A Step is what a use case writes: at most one entry and the changes that
// commit with it, all or nothing. A step that is one entry alone is one
// conditional put; any other is one transaction.
type Step struct {
	Entry   *Entry // nil if the step has none
	Changes []Change
}

// A Change is one conditional write of a step. The set is closed: the types of
// this file. Each says on what condition it can be made.
type Change interface{ change() }

type (
	// SetLive makes Conversation the live one of Person. Condition: the person
	// has none.
	SetLive struct {
		Person       PersonID
		Conversation ConversationID
		Seen         time.Time
	}

	// ClearLive ends that. It has no condition, and leaves another
	// conversation's mark alone.
	ClearLive struct {
		Person       PersonID
		Conversation ConversationID
	}

	// Seen renews the citizen's lease. Condition: Conversation is the live one.
	Seen struct {
		Person       PersonID
		Conversation ConversationID
		At           time.Time
	}

	// TakeSlot gives the conversation to the advisor. Condition: signed in with
	// that epoch, available, lease after At, fewer open than capacity.
	TakeSlot struct {
		Advisor      AdvisorID
		Conversation ConversationID
		Epoch        int64
		At           time.Time
	}

	// GiveSlot takes the conversation from the advisor's open ones, if it is
	// there; Pause also pauses the advisor. It has no condition.
	GiveSlot struct {
		Advisor      AdvisorID
		Conversation ConversationID
		Pause        bool
	}

	// SignIn registers the advisor's connection. An advisor who is new gets
	// DefaultCapacity and is paused. Condition: no connection with a larger
	// epoch.
	SignIn struct {
		Advisor    AdvisorID
		Name       string
		Topics     []Topic
		Connection ConnectionID
		Epoch      int64
		Lease      time.Time
	}

	// Renew extends or shortens the lease of the advisor's connection.
	// Condition: it is the advisor's, by its epoch, and the lease so far is after
	// Unexpired, if that is given.
	Renew struct {
		Advisor   AdvisorID
		Epoch     int64
		Lease     time.Time
		Unexpired time.Time
	}

	// SetPresence changes presence and capacity. Condition: as for Renew.
	SetPresence struct {
		Advisor  AdvisorID
		Epoch    int64
		Presence Presence
		Capacity int
	}

	// Return puts a conversation to the front of topic's queue, in the order of
	// tickets. It has no condition.
	Return struct {
		Topic  Topic
		Ticket Ticket
	}

	// Unreturn takes it from there. It has no condition.
	Unreturn struct {
		Topic  Topic
		Ticket Ticket
	}

	// Gone records that nobody waits with this ticket any more although it was
	// not served, so that positions stay exact. It has no condition.
	Gone struct{ Ticket Ticket }

	// Passed forgets that, once the ticket was called. It has no condition.
	Passed struct{ Ticket Ticket }

	// Out puts an escalation into the outbox. Condition: there is none with its
	// id.
	Out struct{ Escalation Escalation }

	// SetEscalation replaces an escalation in the outbox. Condition: it is there.
	SetEscalation struct{ Escalation Escalation }

	// Sent records that an escalation was sent on, or is to be looked at again
	// later. Condition: it is there with status Was.
	Sent struct {
		Escalation EscalationID
		Was, Is    EscalationStatus
		Next       time.Time
	}

	// Forget takes an escalation that has ended from the outbox. It has no
	// condition.
	Forget struct{ Escalation EscalationID }

	// AddNote keeps a private note of staff beside the conversation. Condition:
	// there is none with its id.
	AddNote struct{ Note Note }

	// AddAccess adds a line to the access log. Condition: there is none with its
	// id.
	AddAccess struct{ Access Access }

	// DropEntry deletes an entry, in an erasure. It has no condition.
	DropEntry struct {
		Conversation ConversationID
		Seq          int
	}

	// DropNote deletes a note, in an erasure. It has no condition.
	DropNote struct {
		Conversation ConversationID
		ID           string
	}

	// SetFigures replaces the figures of a topic. It has no condition.
	SetFigures struct {
		Topic   Topic
		Figures Figures
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
func (SetPresence) change()   {}
func (Return) change()        {}
func (Unreturn) change()      {}
func (Gone) change()          {}
func (Passed) change()        {}
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
func StepFor(tail, next Entry) Step {
	was, is := tail.State, next.State
	id := next.Conversation
	step := Step{Entry: &next}
	add := func(c Change) { step.Changes = append(step.Changes, c) }

	if next.Kind == KindJoined {
		add(SetLive{Person: PersonID(is.Citizen.ID), Conversation: id, Seen: next.At})
	}
	if !was.Open() && is.Open() {
		add(TakeSlot{Advisor: AdvisorID(is.Advisor.ID), Conversation: id, Epoch: is.Advisor.Epoch, At: next.At})
	}
	if was.Open() && !is.Open() {
		add(GiveSlot{Advisor: AdvisorID(was.Advisor.ID), Conversation: id, Pause: next.Reason == OfferMissed})
	}
	if was.Status != StatusEnded && is.Status == StatusEnded {
		add(ClearLive{Person: PersonID(is.Citizen.ID), Conversation: id})
	}
	switch waited, waits := was.atFront(), is.atFront(); {
	case waits && !waited:
		add(Return{Topic: is.Topic, Ticket: is.Ticket})
	case waited && !waits:
		add(Unreturn{Topic: was.Topic, Ticket: was.Ticket})
	}
	inLine := was.Status == Queued && !was.Returned
	if inLine && (is.Status == StatusEnded || next.Reason == Reordered) || next.Kind == KindJoined && is.Returned {
		// Nobody waits in line with the ticket, and it may not be called for long.
		add(Gone{Ticket: is.Ticket})
	}
	switch next.Kind {
	case KindEscalated:
		add(Out{Escalation: *next.Escalation})
	case KindProgressed:
		add(SetEscalation{Escalation: *next.Escalation})
	}
	return step
}
