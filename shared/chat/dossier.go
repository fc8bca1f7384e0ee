package chat

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Dossier is all that is stored about a person.
type Dossier struct {
	Person        PersonID       `json:"person"`
	At            time.Time      `json:"at"`
	Conversations []Conversation `json:"conversations"`
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
var ErrAlive = fmt.Errorf("%w: a conversation has not ended", Conflict)

// Export returns all that is stored about a person.
func (d *Desk) Export(ctx context.Context, id PersonID) (Dossier, error) {
	dossier := Dossier{Person: id, At: d.now(), Conversations: []Conversation{}}
	err := d.conversationsOf(ctx, id, func(tail Entry) error {
		c, err := d.whole(ctx, tail)
		dossier.Conversations = append(dossier.Conversations, c)
		return err
	})
	return dossier, err
}

// Erase deletes all that is stored about a person, but the access log: who has
// read what must stay known. It can be repeated, and goes on where it stopped.
func (d *Desk) Erase(ctx context.Context, id PersonID) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	if _, err := d.Store.Live(ctx, id); !errors.Is(err, NotFound) {
		if err == nil {
			err = ErrAlive
		}
		return r, err
	}
	err := d.conversationsOf(ctx, id, func(tail Entry) error { return d.erase(ctx, tail, &r) })
	return r, err
}

// Retain deletes the conversations that ended before then. It can be repeated,
// and goes on where it stopped.
func (d *Desk) Retain(ctx context.Context, before time.Time) (Erased, error) {
	r := Erased{Kept: []Kept{}}
	err := d.conversations(ctx, func(tail Entry) error {
		if tail.State.Status != StatusEnded || !tail.At.Before(before) {
			return nil
		}
		return d.erase(ctx, tail, &r)
	})
	return r, err
}

// conversationsOf calls do with the last entry of each of a person's.
func (d *Desk) conversationsOf(ctx context.Context, id PersonID, do func(tail Entry) error) error {
	return d.conversations(ctx, func(tail Entry) error {
		if PersonID(tail.State.Citizen.ID) != id {
			return nil
		}
		return do(tail)
	})
}

// conversations calls do with the last entry of every conversation: each has the
// name of its ticket, and tickets are numbered. One read for each that there ever
// was is a few cents in years, and no join pays for an index (ADR 0013).
func (d *Desk) conversations(ctx context.Context, do func(tail Entry) error) error {
	for _, topic := range Topics {
		line, err := d.Store.Line(ctx, topic)
		if err != nil {
			return err
		}
		for n := 1; n <= line.Taken; n++ {
			tail, err := d.Store.Tail(ctx, Ticket{Topic: topic, N: n}.Conversation())
			if errors.Is(err, NotFound) { // nobody's ticket, or erased
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
		if err != nil && !errors.Is(err, NotFound) {
			return c, err
		}
	}
	return c, nil
}

// erase deletes a conversation. The last entry goes last: until then it says
// whose it was and that it has ended.
func (d *Desk) erase(ctx context.Context, tail Entry, r *Erased) error {
	id := tail.Conversation
	if e := tail.State.Escalation; e != "" && !tail.State.Progress.Final {
		r.Kept = append(r.Kept, Kept{What: "conversation", Why: "the office has not answered its escalation", Conversation: id, Count: 1})
		return nil
	}
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
