package store

import (
	"context"
	"fmt"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Store keeps all data of the chat. Each of its parts promises nothing that DynamoDB cannot
// keep with one conditional put, one atomic counter or one transaction.
//
// These promises are common to all parts. Methods may be called concurrently. A write that has
// returned without error is durable, and every later read sees it unless the method says
// otherwise. A write that returns an error which its comment does not name may have happened
// or not. Package storetest checks the promises for every store.
type Store interface {
	Log
	Committer
	People
	Advisors
	Queue
	Passes
	Outbox
	Notes
	Rules
	Guard
	AccessLog
	Slips
}

// A Log reads the entries of conversations.
type Log interface {
	// Tail returns the last entry. It returns NotFound if there is none.
	Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error)

	// Read returns at most limit entries after number seq, in order. It returns fewer only if
	// the last of them is the tail.
	Read(ctx context.Context, id queue.ConversationID, seq, limit int) ([]conversation.Entry, error)
}

// A Committer writes steps.
type Committer interface {
	// Commit stores the step as a whole or nothing of it.
	//
	// Appends to one conversation are serializable: of several entries with the same number
	// exactly one is stored. Commit returns *Lost, with the stored entry, if the conversation
	// has an entry with the number of the step's entry. It returns *Unmet if the condition of
	// a change is not met, and *Lost if both is the case. A step without entry and changes
	// does nothing.
	Commit(ctx context.Context, s Step) error
}

// Lost says that another entry has the number of the step's entry. It is a Conflict.
type Lost struct{ Entry conversation.Entry }

func (e *Lost) Error() string { return fmt.Sprintf("entry %d is taken", e.Entry.Seq) }

// Unwrap makes *Lost a Conflict.
func (e *Lost) Unwrap() error { return code.Conflict }

// Unmet says which change of a step could not be made. It is a Conflict.
type Unmet struct{ Change Change }

func (e *Unmet) Error() string { return fmt.Sprintf("condition of %T not met", e.Change) }

// Unwrap makes *Unmet a Conflict.
func (e *Unmet) Unwrap() error { return code.Conflict }

// Live is the live conversation of a holder, and the citizen's last sign of life.
type Live struct {
	Holder       queue.HolderID       `json:"person"` // stored under its former name
	Conversation queue.ConversationID `json:"conversation"`
	Company      identity.CompanyID   `json:"company,omitempty"` // the company that the conversation is for; "" for a worker
	Seen         time.Time            `json:"seen"`
}

// People finds the live conversations.
type People interface {
	// Live returns the live conversation of a holder. It returns NotFound if there is none.
	Live(ctx context.Context, id queue.HolderID) (Live, error)

	// AllLive returns a page of the live conversations, and the start of the next page. The
	// first page starts at "", and the last one returns "". A conversation that begins or ends
	// between two pages may be missed.
	AllLive(ctx context.Context, from string) (page []Live, next string, err error)
}

// ReadAll returns the items of all pages of a list, such as AllLive or Escalations.
func ReadAll[T any](ctx context.Context, list func(ctx context.Context, from string) ([]T, string, error)) (all []T, err error) {
	for from := ""; ; {
		page, next, err := list(ctx, from)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if from = next; from == "" {
			return all, nil
		}
	}
}

// Advisors finds the advisors.
type Advisors interface {
	// Advisor returns one advisor. It returns NotFound if the advisor has never signed in.
	Advisor(ctx context.Context, id identity.StaffID) (conversation.Advisor, error)

	// Advisors returns all advisors who have ever signed in and are not forgotten, by id.
	Advisors(ctx context.Context) ([]conversation.Advisor, error)

	// SomeAdvisors returns 16 to 31 of the advisors, or all if they are fewer. Which ones
	// depends on from; no value of from is better than another.
	SomeAdvisors(ctx context.Context, from uint16) ([]conversation.Advisor, error)
}

// A Queue gives numbers to the citizens who wait for a topic, and calls the numbers in order.
type Queue interface {
	// Take returns a new ticket of a shard of topic, without its place, and how many tickets
	// of the shard were called by then. No two tickets are the same. A ticket that is taken
	// after another Take has returned has a larger number.
	Take(ctx context.Context, topic queue.Topic, shard int) (t queue.Ticket, called int, err error)

	// Call calls the next n tickets of a shard, the first of which is number from+1. It
	// returns how many tickets are then taken and not called. It returns Conflict, and calls
	// none, unless exactly from tickets were called before and from+n were taken.
	//
	// Take and Call of a shard are linearizable: a ticket is either among those that a Call
	// reports as left, or its Take reports the tickets that this Call called.
	Call(ctx context.Context, topic queue.Topic, shard, from, n int) (left int, err error)

	// Line returns what is known of the queue of topic, which has that many shards. The shards
	// are read one by one, so they may be of different instants.
	Line(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error)

	// Glance is Line at half the price. It may miss what was written in the last second.
	Glance(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error)
}

// A Pass lets its bearer open one socket as Identity, once, until Expires. On the wire it is
// called a ticket.
type Pass struct {
	ID           string               `json:"id"` // 128 random bits; a secret
	Identity     conversation.Caller  `json:"identity"`
	Conversation queue.ConversationID `json:"conversation,omitempty"` // the live conversation at the time when the pass was made
	Expires      time.Time            `json:"expires"`
}

// Passes keeps the passes.
type Passes interface {
	// PutPass stores p.
	PutPass(ctx context.Context, p Pass) error

	// Redeem removes the pass and returns it. Of several calls exactly one succeeds. The other
	// calls, and all calls after the pass has expired, get NotFound.
	Redeem(ctx context.Context, id string, now time.Time) (Pass, error)
}

// An Outbox keeps escalations until EscalationLife after they have ended.
type Outbox interface {
	// Escalation returns one escalation. It returns NotFound if there is none with that id.
	Escalation(ctx context.Context, id conversation.EscalationID) (conversation.Escalation, error)

	// Escalations returns a page of the escalations, in no particular order, and the start of
	// the next page. The first page starts at "", and the last one returns "". An escalation
	// that is added or forgotten between two pages may be missed.
	Escalations(ctx context.Context, from string) (page []conversation.Escalation, next string, err error)
}

// Notes reads the private notes.
type Notes interface {
	// Notes returns the notes of a conversation in the order of their ids.
	Notes(ctx context.Context, id queue.ConversationID) ([]conversation.Note, error)
}
