package chat

import (
	"context"
	"slices"
	"time"
)

// ReorderReasons are why a supervisor lets somebody go first. Never rename one: they
// are in the access log.
var ReorderReasons = []string{
	"deadline", // something runs out today
	"frailty",  // waiting is a hardship
	"amends",   // a fault of ours cost the place
}

// Reorder puts a conversation that waits in line to the front, for one of
// ReorderReasons; the access log says who and why. It returns Invalid for another
// reason, NotFound for no conversation, and Conflict where it does not wait in line.
func (d *Desk) Reorder(ctx context.Context, who Identity, id ConversationID, why string) (Entry, error) {
	if !slices.Contains(ReorderReasons, why) {
		return Entry{}, Invalid
	}
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	if tail.State.Status != Queued || tail.State.Returned {
		return Entry{}, Conflict
	}
	if err := d.record(ctx, who, id, Reorders, why); err != nil {
		return Entry{}, err
	}
	a, err := d.applyAt(ctx, tail, system, Requeue{Reason: Reordered})
	if err == nil && !a.Append {
		err = Conflict // served meanwhile
	}
	return a.last(), err
}

// A Place is somebody who waits, without who it is.
type Place struct {
	Conversation ConversationID `json:"conversation"`
	Topic        Topic          `json:"topic"`
	Since        time.Time      `json:"since"`
	Ahead        int            `json:"ahead"`
	Front        bool           `json:"front"` // goes before those in line
	Why          Reason         `json:"why,omitempty"`
	Away         bool           `json:"away"`
}

// Waiting returns who waits, in the order in which they will be served in each topic.
func (d *Desk) Waiting(ctx context.Context) (all []Place, err error) {
	lines := map[Topic]Line{}
	for _, topic := range Topics {
		if lines[topic], err = d.Line(ctx, topic); err != nil {
			return nil, err
		}
	}
	for from := ""; ; {
		page, next, err := d.Store.AllLive(ctx, from)
		if err != nil {
			return nil, err
		}
		for _, l := range page {
			tail, err := d.Store.Tail(ctx, l.Conversation)
			if err != nil {
				return nil, err
			}
			s := tail.State
			if s.Status != Queued {
				continue
			}
			p := Place{
				Conversation: l.Conversation, Topic: s.Topic, Since: tail.At, Front: s.Returned, Away: s.Citizen.Connection == "",
				Ahead: lines[s.Topic].Ahead(s.Ticket, s.Returned),
			}
			if s.Returned {
				p.Why = tail.Reason
			}
			all = append(all, p)
		}
		if from = next; from == "" {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b Place) int {
		if i, j := slices.Index(Topics, a.Topic), slices.Index(Topics, b.Topic); i != j {
			return i - j
		}
		return a.Ahead - b.Ahead
	})
	return all, nil
}
