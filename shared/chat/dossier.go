package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Dossier is all that is stored about a person.
type Dossier struct {
	Person        identity.PersonID `json:"person"`
	At            time.Time         `json:"at"`
	Conversations []Conversation    `json:"conversations"`
	Slips         []Slip            `json:"slips,omitempty"`
}

// A Conversation is one as a whole, with what is kept beside it.
type Conversation struct {
	ID         ConversationID `json:"id"`
	Entries    []Entry        `json:"entries"`
	Notes      []Note         `json:"notes"`
	Accesses   []Access       `json:"accesses"`             // who of the staff has read it
	Escalation *Escalation    `json:"escalation,omitempty"` // while it is listed
}

// Erased counts what was erased, and what was kept and why.
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
	What         string         `json:"what"`
	Why          string         `json:"why"`
	Conversation ConversationID `json:"conversation,omitempty"`
	Count        int            `json:"count"`
}

// ErrAlive says that a person has a conversation that has not ended: it has to
// end first.
var ErrAlive = fmt.Errorf("%w: a conversation has not ended", code.Conflict)

// Export returns all that is stored about a person.
func (d *Desk) Export(ctx context.Context, id identity.PersonID) (Dossier, error) {
	dossier := Dossier{Person: id, At: d.now(), Conversations: []Conversation{}}
	err := d.conversationsOf(ctx, id, func(tail Entry) error {
		c, err := d.whole(ctx, tail)
		dossier.Conversations = append(dossier.Conversations, c)
		return err
	})
	if err != nil {
		return dossier, err
	}
	for _, holder := range Holders(id) {
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

// Erase deletes all that is stored about a person, but the access log: who has
// read what must stay known. It can be repeated, and goes on where it stopped. It
// first tells note which conversations it is about to delete, and deletes nothing
// if that fails.
func (d *Desk) Erase(ctx context.Context, id identity.PersonID, note func([]ConversationID) error) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	for _, holder := range Holders(id) {
		if _, err := d.Store.Live(ctx, holder); !errors.Is(err, code.NotFound) {
			if err == nil {
				err = ErrAlive
			}
			return r, err
		}
	}
	var tails []Entry
	var ids []ConversationID
	err := d.conversationsOf(ctx, id, func(tail Entry) error {
		if tail.atOffice() {
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
	for _, holder := range Holders(id) {
		if err := d.dropSlip(ctx, holder, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// dropSlip deletes the slip of a holder.
func (d *Desk) dropSlip(ctx context.Context, id HolderID, r *Erased) error {
	slip, err := d.Store.Slip(ctx, id)
	if err == nil {
		err = d.Store.Commit(ctx, Step{Changes: []Change{DropSlip{Slip: slip}}})
	}
	switch {
	case err == nil:
		r.Slips++
	case errors.Is(err, code.NotFound), errors.Is(err, code.Conflict): // none, or used meanwhile
		return nil
	}
	return err
}

// EraseAgain deletes conversations that were erased at that time and that a
// backup has brought back, whatever state they were in then. It passes over those
// that are not there, and over others that have got their names since.
func (d *Desk) EraseAgain(ctx context.Context, ids []ConversationID, at time.Time) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	for _, id := range ids {
		tail, err := d.Store.Tail(ctx, id)
		if errors.Is(err, code.NotFound) || err == nil && tail.At.After(at) {
			continue
		}
		if err != nil {
			return r, err
		}
		for _, c := range marks(tail, d.now()) {
			if err := d.Store.Commit(ctx, Step{Changes: []Change{c}}); err != nil {
				return r, err
			}
		}
		if err := d.drop(ctx, tail, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// marks are the changes that take away what points to a conversation that has
// not ended.
func marks(tail Entry, at time.Time) []Change {
	s := tail.State
	if s.Status == StatusEnded {
		return nil
	}
	changes := []Change{ClearLive{Holder: s.holder(), Conversation: tail.Conversation}}
	switch {
	case s.Open():
		changes = append(changes, GiveSlot{Advisor: identity.StaffID(s.Advisor.ID), Conversation: tail.Conversation})
	case s.Returned:
		changes = append(changes, Unreturn{Topic: s.Topic, Ticket: s.Ticket})
	default:
		changes = append(changes, Gone{Ticket: s.Ticket, At: at})
	}
	return changes
}

// conversationsOf calls do with the last entry of each of a person's.
func (d *Desk) conversationsOf(ctx context.Context, id identity.PersonID, do func(tail Entry) error) error {
	return d.conversations(ctx, func(tail Entry) error {
		if identity.PersonID(tail.State.Citizen.ID) != id {
			return nil
		}
		return do(tail)
	})
}

// conversations calls do with the last entry of every conversation: each has the
// name of its ticket, and tickets are numbered. One read for each that is not too old
// to be kept is a few cents in years, and no join pays for an index (ADR 0013).
func (d *Desk) conversations(ctx context.Context, do func(tail Entry) error) error {
	for _, topic := range Topics {
		line, err := d.Line(ctx, topic)
		if err != nil {
			return err
		}
		for shard, s := range line.Shards {
			for n := s.Erased + 1; n <= s.Taken; n++ {
				tail, err := d.Store.Tail(ctx, Ticket{Topic: topic, Shard: shard, N: n}.Conversation())
				if errors.Is(err, code.NotFound) { // nobody's ticket, or erased
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

func (d *Desk) whole(ctx context.Context, tail Entry) (c Conversation, err error) {
	c.ID = tail.Conversation
	if c.Entries, err = d.entries(ctx, tail); err != nil {
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

// atOffice reports whether a conversation has an escalation that the office has
// not answered: its news have to find it.
func (e Entry) atOffice() bool { return e.State.Escalation != "" && !e.State.Progress.Final }

func (r *Erased) keep(tail Entry) {
	r.Kept = append(r.Kept, Kept{What: "conversation", Why: "the office has not answered its escalation", Conversation: tail.Conversation, Count: 1})
}

// drop deletes a conversation. The last entry goes last: until then it says whose
// it was and that it has ended.
func (d *Desk) drop(ctx context.Context, tail Entry, r *Erased) error {
	id := tail.Conversation
	c, err := d.whole(ctx, tail)
	if err != nil {
		return err
	}
	var drops []Change
	for _, n := range c.Notes {
		drops = append(drops, DropNote{Conversation: id, ID: n.ID})
	}
	if c.Escalation != nil {
		drops = append(drops, Forget{Escalation: c.Escalation.ID})
		r.Escalations++
	}
	for _, e := range c.Entries {
		drops = append(drops, DropEntry{Conversation: id, Seq: e.Seq})
	}
	for _, drop := range drops {
		if err := d.Store.Commit(ctx, Step{Changes: []Change{drop}}); err != nil {
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
