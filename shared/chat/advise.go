package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
)

// Accept answers an offer.
func (d *Desk) Accept(ctx context.Context, who Identity, c Connection, id ConversationID) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Accept{})
	return a.last(), err
}

// Transfer hands a conversation to a colleague, or to whoever is free for a
// topic. It returns Unavailable, and changes nothing, if nobody else is free.
func (d *Desk) Transfer(ctx context.Context, who Identity, c Connection, id ConversationID, t Transfer) (Entry, error) {
	if t.Topic != "" && !slices.Contains(Topics, t.Topic) {
		return Entry{}, Invalid
	}
	tail, err := d.tailFor(ctx, who, id)
	if err != nil {
		return Entry{}, err
	}
	if day, err := d.phase(ctx); err != nil {
		return Entry{}, err
	} else if !day.serving { // after the grace nobody would get it
		return Entry{}, Unavailable
	}
	topic := t.Topic
	if topic == "" {
		topic = tail.State.Topic
	}
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return Entry{}, err
	}
	if !slices.ContainsFunc(advisors, func(a Advisor) bool {
		return a.ID != AdvisorID(who.ID) && (t.To == "" || t.To == a.ID) && a.Free(topic, d.now()) > 0
	}) {
		return Entry{}, Unavailable
	}
	a, err := d.applyAt(ctx, tail, who.Actor(c), t)
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return a.last(), nil
}

// Note keeps a private note. Number tells a resend from a new one.
func (d *Desk) Note(ctx context.Context, who Identity, id ConversationID, number int, text Text) (Note, error) {
	if _, err := d.tailForAdvisor(ctx, who, id); err != nil {
		return Note{}, err
	}
	if number < 1 {
		return Note{}, Invalid
	}
	n := Note{
		ID:           who.ID + "#" + pad(number),
		Conversation: id, Author: AdvisorID(who.ID), Name: who.Name, Text: text, At: d.now(),
	}
	err := d.Store.Commit(ctx, Step{Changes: []Change{AddNote{Note: n}}})
	if errors.Is(err, Conflict) { // a resend
		err = nil
	}
	return n, err
}

func pad(n int) string {
	s := strconv.Itoa(n)
	return "000000"[:max(0, 6-len(s))] + s
}

// Escalate hands a case of the conversation to its office: the entry and the
// outbox item in one step; then it is sent on.
func (d *Desk) Escalate(ctx context.Context, who Identity, c Connection, id ConversationID, number int, about CaseID, text Text) (Acknowledged, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Escalate{Number: number, ID: EscalationID(d.NewID()), Case: about, Text: text})
	if err != nil {
		return Acknowledged{}, err
	}
	if a.Append {
		d.relay(ctx, *a.entry.Escalation)
	}
	return d.acknowledged(ctx, a, who, number), nil
}

// Close ends a conversation by its advisor.
func (d *Desk) Close(ctx context.Context, who Identity, c Connection, id ConversationID, o Outcome) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Close{Outcome: o})
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return a.last(), nil
}
