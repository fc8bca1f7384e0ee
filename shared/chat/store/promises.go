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

// A Store keeps everything. Each of its parts promises nothing that DynamoDB
// cannot keep with one conditional put, one atomic counter or one transaction.
//
// Common to all parts: methods may be called concurrently; what a write has
// returned for is durable and is seen by every later read, except where a
// method says otherwise; a write that returns an error other than those named
// may or may not have happened. Package storetest checks these promises for
// every store.
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

	// Read returns at most limit entries after seq, in order; fewer only if the
	// last of them is the tail.
	Read(ctx context.Context, id queue.ConversationID, seq, limit int) ([]conversation.Entry, error)
}

// A Committer writes steps.
type Committer interface {
	// Commit stores the step as a whole or nothing of it.
	//
	// Appends to one conversation are serializable: of several entries that
	// carry the same number exactly one is stored. If the conversation has an
	// entry with the step's number, Commit returns *Lost with it. If the
	// condition of a change is not met it returns *Unmet. Where both hold it
	// returns *Lost. A step without entry and changes does nothing.
	Commit(ctx context.Context, s Step) error
}

// Lost says that another entry has the number of the step's entry.
type Lost struct{ Entry conversation.Entry }

func (e *Lost) Error() string { return fmt.Sprintf("entry %d is taken", e.Entry.Seq) }

// Unwrap makes *Lost a Conflict.
func (e *Lost) Unwrap() error { return code.Conflict }

// Unmet says which change of a step could not be made.
type Unmet struct{ Change Change }

func (e *Unmet) Error() string { return fmt.Sprintf("condition of %T not met", e.Change) }

// Unwrap makes *Unmet a Conflict.
func (e *Unmet) Unwrap() error { return code.Conflict }

// Live is the conversation that a holder has, and the last sign of life.
type Live struct {
	Holder       queue.HolderID       `json:"person"` // as it was called first
	Conversation queue.ConversationID `json:"conversation"`
	Company      identity.CompanyID   `json:"company,omitempty"` // that the conversation is for
	Seen         time.Time            `json:"seen"`
}

// People finds the live conversations.
type People interface {
	// Live returns the live conversation of a holder, or NotFound.
	Live(ctx context.Context, id queue.HolderID) (Live, error)

	// AllLive returns a page of the live conversations and where the next
	// begins; start and end are "". What is added or ended between two pages
	// may be missed.
	AllLive(ctx context.Context, from string) (page []Live, next string, err error)
}

// ReadAll returns what a list, as AllLive or Escalations, has on all its pages.
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
	// Advisor returns one, or NotFound if he never signed in.
	Advisor(ctx context.Context, id identity.StaffID) (conversation.Advisor, error)

	// Advisors returns all who ever signed in, by id.
	Advisors(ctx context.Context) ([]conversation.Advisor, error)

	// SomeAdvisors returns some dozens of them, or all who are fewer. Whose turn it is
	// depends on from, of which every value is as good as another.
	SomeAdvisors(ctx context.Context, from uint16) ([]conversation.Advisor, error)
}

// A Queue numbers those who wait for a topic, and calls the numbers in order.
type Queue interface {
	// Take returns a new ticket of a shard of topic, without its place, and how
	// many of the shard were called by then. No two tickets are the same, and one
	// that is taken after another was returned has a larger number.
	Take(ctx context.Context, topic queue.Topic, shard int) (t queue.Ticket, called int, err error)

	// Call calls the n tickets of a shard after the one numbered from, and returns
	// how many were taken and are not called then. It returns Conflict, and calls
	// none, unless from were called so far and as many were taken.
	//
	// Take and Call of a shard are linearizable: a ticket is either among those
	// that a Call leaves, or its Take counts what that Call called.
	Call(ctx context.Context, topic queue.Topic, shard, from, n int) (left int, err error)

	// Line returns what is known about who waits for topic in so many shards. The
	// shards are read one by one.
	Line(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error)

	// Glance is Line at half the price: it may miss what was written in the last
	// second.
	Glance(ctx context.Context, topic queue.Topic, shards int) (queue.Line, error)
}

// A Pass lets its bearer open one socket as Identity, once, until Expires. On
// the wire it is called ticket.
type Pass struct {
	ID           string               `json:"id"` // 128 random bits; a secret
	Identity     conversation.Caller  `json:"identity"`
	Conversation queue.ConversationID `json:"conversation,omitempty"` // the live one when the pass was made
	Expires      time.Time            `json:"expires"`
}

// Passes keeps the passes.
type Passes interface {
	// PutPass stores p.
	PutPass(ctx context.Context, p Pass) error

	// Redeem takes the pass out and returns it. Of several calls exactly one
	// succeeds; the others, and all after its expiry, get NotFound.
	Redeem(ctx context.Context, id string, now time.Time) (Pass, error)
}

// An Outbox keeps escalations until EscalationLife after their end.
type Outbox interface {
	// Escalation returns one, or NotFound.
	Escalation(ctx context.Context, id conversation.EscalationID) (conversation.Escalation, error)

	// Escalations returns a page of all of them, in no particular order, and
	// where the next page begins; start and end are "". What is added or
	// forgotten between two pages may be missed.
	Escalations(ctx context.Context, from string) (page []conversation.Escalation, next string, err error)
}

// Notes reads the private notes.
type Notes interface {
	// Notes returns the notes of a conversation in the order of their ids.
	Notes(ctx context.Context, id queue.ConversationID) ([]conversation.Note, error)
}
