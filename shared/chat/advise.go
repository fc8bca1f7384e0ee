package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"infocig/shared/cases"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Accept answers an offer.
func (d *Desk) Accept(ctx context.Context, who Caller, id ConversationID) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(), Accept{})
	if err != nil {
		return Entry{}, err
	}
	return d.done(ctx, a, who, KindAccepted)
}

// Transfer hands a conversation to a colleague, or to any who is free for a topic. It
// changes nothing and returns Unavailable if none is free, Invalid for a transfer to
// oneself, NotFound for an advisor who has never signed in, and Conflict for what waiting
// does not help: the colleague does not serve the topic, or the service day is over.
func (d *Desk) Transfer(ctx context.Context, who Caller, id ConversationID, t Transfer) (Entry, error) {
	if t.Topic != "" && !slices.Contains(Topics, t.Topic) {
		return Entry{}, code.Invalid
	}
	if t.To == identity.StaffID(who.ID) {
		return Entry{}, code.Invalid
	}
	tail, err := d.tailFor(ctx, who, id)
	if err != nil {
		return Entry{}, err
	}
	if _, v := Decide(tail, Command{At: d.now(), By: who.Actor(), Act: t}); v.Err != "" {
		return Entry{}, v.Err
	}
	if day, err := d.phase(ctx); err != nil {
		return Entry{}, err
	} else if !day.serving { // after the grace nobody would get it
		return Entry{}, code.Conflict
	}
	topic := t.Topic
	if topic == "" {
		topic = tail.State.Topic
	}
	if err := d.taker(ctx, who, t.To, topic, tail.State); err != nil {
		return Entry{}, err
	}
	a, err := d.applyAt(ctx, tail, who.Actor(), t)
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return a.last(), nil
}

// taker returns nil if an advisor other than who can take the conversation with state s
// for topic now: to, or any if to is "".
func (d *Desk) taker(ctx context.Context, who Caller, to identity.StaffID, topic Topic, s State) error {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return err
	}
	if to != "" {
		i := slices.IndexFunc(advisors, func(a Advisor) bool { return a.ID == to })
		if i < 0 {
			return code.NotFound
		}
		if !slices.Contains(advisors[i].Topics, topic) || !advisors[i].MayHave(s) {
			return code.Conflict
		}
	}
	if !slices.ContainsFunc(advisors, func(a Advisor) bool {
		return a.ID != identity.StaffID(who.ID) && (to == "" || to == a.ID) && a.Free(topic, d.now()) > 0 && a.MayHave(s)
	}) {
		return code.Unavailable
	}
	return nil
}

// Note keeps a private note. Number tells a resend from a new one, as for messages: the
// same number with the same text is the same note; with another it is a Conflict, as is
// an older one that is not there; one too far ahead is Invalid.
func (d *Desk) Note(ctx context.Context, who Caller, id ConversationID, number int, text Text) (Note, error) {
	if _, err := d.tailForAdvisor(ctx, who, id); err != nil {
		return Note{}, err
	}
	for {
		notes, err := d.Store.Notes(ctx, id)
		if err != nil {
			return Note{}, err
		}
		last := lastNote(notes, identity.StaffID(who.ID))
		if number < 1 || number > last+MaxGap {
			return Note{}, code.Invalid
		}
		n := Note{
			ID:           noteID(identity.StaffID(who.ID), number),
			Conversation: id, Author: identity.StaffID(who.ID), Name: who.Name, Text: text, At: d.now(),
		}
		if number <= last {
			i := slices.IndexFunc(notes, func(o Note) bool { return o.ID == n.ID && o.Text == text })
			if i < 0 {
				return Note{}, code.Conflict
			}
			return notes[i], nil
		}
		err = d.Store.Commit(ctx, Step{Changes: []Change{AddNote{Note: n}}})
		if errors.Is(err, code.Conflict) { // the same one, a moment ago: look again
			continue
		}
		return n, err
	}
}

// noteID returns the id of a note: those of one author are in the order of their numbers.
func noteID(author identity.StaffID, number int) string {
	return fmt.Sprintf("%s#%06d", author, number)
}

// lastNote returns the number of an author's last note, 0 if there is none.
func lastNote(notes []Note, author identity.StaffID) (last int) {
	for _, n := range notes {
		if text, ok := strings.CutPrefix(n.ID, string(author)+"#"); ok {
			if number, err := strconv.Atoi(text); err == nil {
				last = max(last, number)
			}
		}
	}
	return last
}

// Escalate hands a case of the conversation to its office: the entry and the
// outbox item in one step; then it is sent on.
func (d *Desk) Escalate(ctx context.Context, who Caller, id ConversationID, number int, about cases.ID, text Text) (Acknowledged, error) {
	a, err := d.apply(ctx, id, who.Actor(), Escalate{Number: number, ID: EscalationID(d.NewID()), Case: about, Text: text})
	if err != nil {
		return d.again(ctx, a, who, err, func(e Entry) bool {
			return e.Kind == KindEscalated && e.Number == number && e.Escalation.Case == about && e.Text == text
		})
	}
	if a.Append {
		d.relay(ctx, *a.entry.Escalation)
	}
	return d.acknowledged(ctx, a, who, number), nil
}

// Expect asks the citizen for an answer within Times.IdleLimit; without one the
// conversation ends. It does nothing if the citizen was asked already.
func (d *Desk) Expect(ctx context.Context, who Caller, id ConversationID) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(), Expect{Within: d.Times.IdleLimit})
	if err != nil {
		return Entry{}, err
	}
	return d.done(ctx, a, who, KindAsked)
}

// Close ends a conversation by its advisor.
func (d *Desk) Close(ctx context.Context, who Caller, id ConversationID, o Outcome) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(), Close{Outcome: o})
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return d.done(ctx, a, who, KindClosed)
}
