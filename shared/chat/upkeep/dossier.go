package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Dossier is all that is stored about a person.
type Dossier struct {
	Person        identity.PersonID `json:"person"`
	At            time.Time         `json:"at"`
	Conversations []Conversation    `json:"conversations"`
	Slips         []store.Slip      `json:"slips,omitempty"`
}

// A Conversation is a whole conversation, with what is kept beside it.
type Conversation struct {
	ID         queue.ConversationID     `json:"id"`
	Entries    []conversation.Entry     `json:"entries"`
	Notes      []conversation.Note      `json:"notes"`
	Accesses   []store.Access           `json:"accesses"`             // lines of the access log about it
	Escalation *conversation.Escalation `json:"escalation,omitempty"` // while it is listed
}

// Erased counts what was erased, and says what was kept and why.
type Erased struct {
	Conversations int    `json:"conversations"`
	Entries       int    `json:"entries"`
	Notes         int    `json:"notes"`
	Escalations   int    `json:"escalations"`
	Slips         int    `json:"slips"`
	Advisors      int    `json:"advisors"`
	Accesses      int    `json:"accesses"` // lines of the access log
	Kept          []Kept `json:"kept"`
}

// Kept says what was not erased.
type Kept struct {
	What         string               `json:"what"`
	Why          string               `json:"why"`
	Conversation queue.ConversationID `json:"conversation,omitempty"`
	Count        int                  `json:"count"`
}

// ErrAlive says that a person has a conversation that has not ended. It has to end before the
// person's data can be erased.
var ErrAlive = fmt.Errorf("%w: a conversation has not ended", code.Conflict)

// Export returns all that is stored about a person. It returns no code of its own.
func (d *Service) Export(ctx context.Context, id identity.PersonID) (Dossier, error) {
	dossier := Dossier{Person: id, At: d.Time(), Conversations: []Conversation{}}
	err := d.conversationsOf(ctx, id, func(tail conversation.Entry) error {
		c, err := d.whole(ctx, tail)
		dossier.Conversations = append(dossier.Conversations, c)
		return err
	})
	if err != nil {
		return dossier, err
	}
	for _, holder := range queue.Holders(id) {
		slip, err := d.Store.Slip(ctx, holder)
		if errors.Is(err, code.NotFound) {
			continue
		}
		if err != nil {
			return dossier, err
		}
		dossier.Slips = append(dossier.Slips, slip)
	}
	return dossier, nil
}

// Erase deletes all that is stored about a person, except the access log, which must keep
// which staff has read what. A conversation whose escalation the office has not answered is
// kept, too. Erase can be repeated, and goes on where it stopped. Before it deletes anything
// it calls note with the conversations to delete, and deletes nothing if note fails. It
// returns ErrAlive, which is a Conflict, if the person has a live conversation.
func (d *Service) Erase(ctx context.Context, id identity.PersonID, note func([]queue.ConversationID) error) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	for _, holder := range queue.Holders(id) {
		if _, err := d.Store.Live(ctx, holder); !errors.Is(err, code.NotFound) {
			if err == nil {
				err = ErrAlive
			}
			return r, err
		}
	}
	var tails []conversation.Entry
	var ids []queue.ConversationID
	err := d.conversationsOf(ctx, id, func(tail conversation.Entry) error {
		if tail.AtOffice() {
			r.keep(tail)
			return nil
		}
		tails, ids = append(tails, tail), append(ids, tail.Conversation)
		return nil
	})
	if err == nil && len(ids) > 0 {
		err = note(ids)
	}
	if err != nil {
		return r, err
	}
	for _, tail := range tails {
		if err := d.drop(ctx, tail, &r); err != nil {
			return r, err
		}
	}
	for _, holder := range queue.Holders(id) {
		if err := d.dropSlip(ctx, holder, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// dropSlip deletes the slip of a holder.
func (d *Service) dropSlip(ctx context.Context, id queue.HolderID, r *Erased) error {
	slip, err := d.Store.Slip(ctx, id)
	if err == nil {
		err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.DropSlip{Slip: slip}}})
	}
	switch {
	case err == nil:
		r.Slips++
	case errors.Is(err, code.NotFound), errors.Is(err, code.Conflict): // none, or used meanwhile
		return nil
	}
	return err
}

// EraseAgain deletes conversations that were erased at that instant and that a restored backup
// has brought back, in whatever state. It passes over ids without a conversation, and over
// conversations that got the same id later. It returns no code of its own.
func (d *Service) EraseAgain(ctx context.Context, ids []queue.ConversationID, at time.Time) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	for _, id := range ids {
		tail, err := d.Store.Tail(ctx, id)
		if errors.Is(err, code.NotFound) || err == nil && tail.At.After(at) {
			continue
		}
		if err != nil {
			return r, err
		}
		for _, c := range marks(tail, d.Time()) {
			if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{c}}); err != nil {
				return r, err
			}
		}
		if err := d.drop(ctx, tail, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// marks returns the changes that remove what points to a conversation that has not ended: the
// live mark, and the advisor's slot or the place in the queue.
func marks(tail conversation.Entry, at time.Time) []store.Change {
	s := tail.State
	if s.Status == conversation.StatusEnded {
		return nil
	}
	changes := []store.Change{store.ClearLive{Holder: s.Holder(), Conversation: tail.Conversation}}
	switch {
	case s.Open():
		changes = append(changes, store.GiveSlot{Advisor: identity.StaffID(s.Advisor.ID), Conversation: tail.Conversation})
	case s.Returned:
		changes = append(changes, store.Unreturn{Topic: s.Topic, Ticket: s.Ticket})
	default:
		changes = append(changes, store.Gone{Ticket: s.Ticket, At: at})
	}
	return changes
}

// conversationsOf calls do with the last entry of each conversation of a person.
func (d *Service) conversationsOf(ctx context.Context, id identity.PersonID, do func(tail conversation.Entry) error) error {
	return d.conversations(ctx, func(tail conversation.Entry) error {
		if identity.PersonID(tail.State.Citizen.ID) != id {
			return nil
		}
		return do(tail)
	})
}

// conversations calls do with the last entry of every conversation. It finds them by the
// numbers of the tickets, since a conversation is named after its ticket. That is one read for
// each ticket that retention has not passed: a few cents in years. So no join pays for an
// index (ADR 0013).
func (d *Service) conversations(ctx context.Context, do func(tail conversation.Entry) error) error {
	for _, topic := range queue.Topics {
		line, err := d.Line(ctx, topic)
		if err != nil {
			return err
		}
		for shard, s := range line.Shards {
			for n := s.Erased + 1; n <= s.Taken; n++ {
				tail, err := d.Store.Tail(ctx, queue.Ticket{Topic: topic, Shard: shard, N: n}.Conversation())
				if errors.Is(err, code.NotFound) { // no citizen has the ticket, or it was erased
					continue
				}
				if err == nil {
					err = do(tail)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d *Service) whole(ctx context.Context, tail conversation.Entry) (c Conversation, err error) {
	c.ID = tail.Conversation
	if c.Entries, err = d.Entries(ctx, tail); err != nil {
		return c, err
	}
	if c.Notes, err = d.Store.Notes(ctx, c.ID); err != nil {
		return c, err
	}
	if c.Accesses, err = d.Store.Accesses(ctx, c.ID); err != nil {
		return c, err
	}
	if id := tail.State.Escalation; id != "" {
		e, err := d.Store.Escalation(ctx, id)
		if err == nil {
			c.Escalation = &e
		}
		if err != nil && !errors.Is(err, code.NotFound) {
			return c, err
		}
	}
	return c, nil
}

func (r *Erased) keep(tail conversation.Entry) {
	r.Kept = append(r.Kept, Kept{What: "conversation", Why: "the office has not answered its escalation", Conversation: tail.Conversation, Count: 1})
}

// drop deletes a conversation. The last entry is deleted last, because it says whose
// conversation it is and that it has ended.
func (d *Service) drop(ctx context.Context, tail conversation.Entry, r *Erased) error {
	id := tail.Conversation
	c, err := d.whole(ctx, tail)
	if err != nil {
		return err
	}
	var drops []store.Change
	for _, n := range c.Notes {
		drops = append(drops, store.DropNote{Conversation: id, ID: n.ID})
	}
	if c.Escalation != nil {
		drops = append(drops, store.Forget{Escalation: c.Escalation.ID})
		r.Escalations++
	}
	for _, e := range c.Entries {
		drops = append(drops, store.DropEntry{Conversation: id, Seq: e.Seq})
	}
	for _, drop := range drops {
		if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{drop}}); err != nil {
			return err
		}
	}
	r.Conversations++
	r.Entries += len(c.Entries)
	r.Notes += len(c.Notes)
	if n := len(c.Accesses); n > 0 {
		r.Kept = append(r.Kept, Kept{What: "accesses", Why: "who of the staff has read it must stay known; they hold nothing that was written", Conversation: id, Count: n})
	}
	return nil
}
