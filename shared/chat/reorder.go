package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
		return Entry{}, fmt.Errorf("reason: want one of %s: %w", strings.Join(ReorderReasons, ", "), Invalid)
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
	Since        time.Time      `json:"since"` // joined
	Ahead        int            `json:"ahead"`
	Front        bool           `json:"front"`         // goes before those in line
	Why          Reason         `json:"why,omitempty"` // it does, where nothing has happened since
	Away         bool           `json:"away"`
}

// Waiting returns who waits, in the order in which they will be served in each topic:
// of each topic the first ones, no more than most, and how many more have a ticket.
// Left out is somebody whose ticket was called a moment ago, or far back in a long front.
func (d *Desk) Waiting(ctx context.Context, most int) (places []Place, more int, err error) {
	lines := map[Topic]Line{}
	atFront := map[ConversationID]Topic{} // which a conversation can have changed since it took its ticket
	for _, topic := range Topics {
		if lines[topic], err = d.Line(ctx, topic); err != nil {
			return nil, 0, err
		}
		for _, t := range lines[topic].Returned {
			atFront[t.Conversation()] = topic
		}
	}
	queues := map[Topic][]Place{}
	for from := ""; ; {
		page, next, err := d.Store.AllLive(ctx, from)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range page {
			t, ok := ticketOf(l.Conversation)
			topic, front := atFront[l.Conversation]
			switch {
			case !ok:
				continue
			case !front && lines[t.Topic].wasCalled(t):
				continue
			case !front:
				topic = t.Topic
			}
			queues[topic] = append(queues[topic], Place{
				Conversation: l.Conversation, Topic: topic, Ahead: lines[topic].Ahead(t, front), Front: front,
			})
		}
		if from = next; from == "" {
			break
		}
	}
	for _, topic := range Topics {
		queue := queues[topic]
		slices.SortStableFunc(queue, func(a, b Place) int { return a.Ahead - b.Ahead })
		shown := queue[:min(most, len(queue))]
		more += len(queue) - len(shown)
		if err := d.lookUp(ctx, shown); err != nil {
			return nil, 0, err
		}
		for _, p := range shown {
			if !p.Since.IsZero() { // waits, still
				places = append(places, p)
			}
		}
	}
	return places, more, nil
}

// lookUp adds what the conversations themselves know to those that wait.
func (d *Desk) lookUp(ctx context.Context, places []Place) error {
	return each(d.Parallel, len(places), func(i int) error {
		p := &places[i]
		tail, err := d.Store.Tail(ctx, p.Conversation)
		if errors.Is(err, NotFound) || err == nil && tail.State.Status != Queued { // meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		first, err := d.firstOf(ctx, p.Conversation)
		if err != nil {
			return err
		}
		p.Since, p.Away = first.At, tail.State.Citizen.Connection == ""
		if p.Front && (tail.Kind == KindRequeued || tail.Kind == KindJoined) {
			p.Why = tail.Reason
		}
		return nil
	})
}

// Waiter returns the first entry of a conversation that waits, to a supervisor: who
// asks, and what. The access log says who has looked. It returns NotFound for no
// conversation, and Conflict where it does not wait.
func (d *Desk) Waiter(ctx context.Context, who Identity, id ConversationID) (Entry, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	if tail.State.Status != Queued {
		return Entry{}, Conflict
	}
	if err := d.record(ctx, who, id, ReadConversation, WhySupervising); err != nil {
		return Entry{}, err
	}
	return d.firstOf(ctx, id)
}

func (d *Desk) firstOf(ctx context.Context, id ConversationID) (Entry, error) {
	entries, err := d.Store.Read(ctx, id, 0, 1)
	switch {
	case err != nil:
		return Entry{}, err
	case len(entries) == 0:
		return Entry{}, NotFound
	}
	return entries[0], nil
}
