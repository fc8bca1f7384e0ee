package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Accept answers an offer. It does nothing if the advisor has accepted before. It returns
// code.Forbidden if the caller is not an advisor, code.NotFound if the conversation is not
// offered to the caller, code.Closed if it has ended, and code.Superseded if a newer
// connection has taken over.
func (d *Desk) Accept(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Accept{})
	if err != nil {
		return conversation.Entry{}, err
	}
	return d.done(ctx, a, who, conversation.KindAccepted)
}

// Transfer hands a conversation to a colleague, or to any advisor who is free for a topic. The
// conversation waits at the front of the queue with its old ticket. If Transfer returns one of
// these codes it has changed nothing:
//
//   - code.Invalid for an unknown topic, or a transfer to the caller;
//   - code.NotFound if the conversation is not the caller's, or the colleague has never signed in;
//   - code.Forbidden if the caller is not an advisor;
//   - code.Closed if the conversation has ended;
//   - code.Superseded if a newer connection has taken over;
//   - code.Conflict if the caller has not accepted the offer, the citizen is away, the colleague
//     does not serve the topic or may not have the conversation, or the service day is over;
//   - code.Unavailable if no advisor, or not the colleague, is free for it now.
func (d *Desk) Transfer(ctx context.Context, who conversation.Caller, id queue.ConversationID, t conversation.Transfer) (conversation.Entry, error) {
	if t.Topic != "" && !slices.Contains(queue.Topics, t.Topic) {
		return conversation.Entry{}, code.Invalid
	}
	if t.To == identity.StaffID(who.ID) {
		return conversation.Entry{}, code.Invalid
	}
	tail, err := d.tailFor(ctx, who, id)
	if err != nil {
		return conversation.Entry{}, err
	}
	if _, v := conversation.Decide(tail, conversation.Command{At: d.Time(), By: who.Actor(), Act: t}); v.Err != "" {
		return conversation.Entry{}, v.Err
	}
	if day, err := d.Phase(ctx); err != nil {
		return conversation.Entry{}, err
	} else if !day.Serving { // after the grace no advisor would get it
		return conversation.Entry{}, code.Conflict
	}
	topic := t.Topic
	if topic == "" {
		topic = tail.State.Topic
	}
	if err := d.taker(ctx, who, t.To, topic, tail.State); err != nil {
		return conversation.Entry{}, err
	}
	a, err := d.ApplyAt(ctx, tail, who.Actor(), t)
	if err != nil {
		return conversation.Entry{}, err
	}
	d.SlotFreed(ctx, a)
	return a.Last(), nil
}

// taker returns nil if an advisor other than the caller can take the conversation with state s
// for topic now: the advisor to, or any advisor if to is "". Otherwise it returns
// code.NotFound, code.Conflict or code.Unavailable, as Transfer does.
func (d *Desk) taker(ctx context.Context, who conversation.Caller, to identity.StaffID, topic queue.Topic, s conversation.State) error {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return err
	}
	if to != "" {
		i := slices.IndexFunc(advisors, func(a conversation.Advisor) bool { return a.ID == to })
		if i < 0 {
			return code.NotFound
		}
		if !slices.Contains(advisors[i].Topics, topic) || !advisors[i].MayHave(s) {
			return code.Conflict
		}
	}
	if !slices.ContainsFunc(advisors, func(a conversation.Advisor) bool {
		return a.ID != identity.StaffID(who.ID) && (to == "" || to == a.ID) && a.Free(topic, d.Time()) > 0 && a.MayHave(s)
	}) {
		return code.Unavailable
	}
	return nil
}

// Note stores a private note. The number tells a resend from a new note, as it does for
// messages: the same number with the same text is the same note. Note returns code.NotFound if
// the caller is not the conversation's advisor. It returns code.Conflict for a number that the
// caller has used with another text, or has passed without using it. It returns code.Invalid
// for a number that is less than 1 or too far ahead.
func (d *Desk) Note(ctx context.Context, who conversation.Caller, id queue.ConversationID, number int, text conversation.Text) (conversation.Note, error) {
	if _, err := d.tailForAdvisor(ctx, who, id); err != nil {
		return conversation.Note{}, err
	}
	for {
		notes, err := d.Store.Notes(ctx, id)
		if err != nil {
			return conversation.Note{}, err
		}
		last := lastNote(notes, identity.StaffID(who.ID))
		if number < 1 || number > last+conversation.MaxGap {
			return conversation.Note{}, code.Invalid
		}
		n := conversation.Note{
			ID:           noteID(identity.StaffID(who.ID), number),
			Conversation: id, Author: identity.StaffID(who.ID), Name: who.Name, Text: text, At: d.Time(),
		}
		if number <= last {
			i := slices.IndexFunc(notes, func(o conversation.Note) bool { return o.ID == n.ID && o.Text == text })
			if i < 0 {
				return conversation.Note{}, code.Conflict
			}
			return notes[i], nil
		}
		err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.AddNote{Note: n}}})
		if errors.Is(err, code.Conflict) { // stored a moment ago by the same command: look again
			continue
		}
		return n, err
	}
}

// noteID returns the id of a note. The ids of one author sort by number.
func noteID(author identity.StaffID, number int) string {
	return fmt.Sprintf("%s#%06d", author, number)
}

// lastNote returns the number of an author's last note, and 0 if there is none.
func lastNote(notes []conversation.Note, author identity.StaffID) (last int) {
	for _, n := range notes {
		if text, ok := strings.CutPrefix(n.ID, string(author)+"#"); ok {
			if number, err := strconv.Atoi(text); err == nil {
				last = max(last, number)
			}
		}
	}
	return last
}

// Expect asks the citizen for an answer within Times.IdleLimit. If none comes, the
// conversation ends. Expect does nothing if the citizen was asked already. It returns
// code.Forbidden if the caller is not an advisor, code.NotFound if the conversation is not the
// caller's, code.Closed, code.Superseded, and code.Conflict if the caller has not accepted the
// offer.
func (d *Desk) Expect(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Expect{Within: d.Times.IdleLimit})
	if err != nil {
		return conversation.Entry{}, err
	}
	return d.done(ctx, a, who, conversation.KindAsked)
}

// Close ends a conversation by its advisor. It does nothing if the conversation has ended with
// this outcome. It returns code.Forbidden if the caller is not an advisor, code.NotFound if
// the conversation is not the caller's, code.Closed if it has ended otherwise,
// code.Superseded, code.Invalid for an outcome that no advisor can choose, and code.Conflict
// if the caller has not accepted the offer, or the outcome does not fit: it is Escalated if
// and only if there is an escalation, or NoAnswer.
func (d *Desk) Close(ctx context.Context, who conversation.Caller, id queue.ConversationID, o conversation.Outcome) (conversation.Entry, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Close{Outcome: o})
	if err != nil {
		return conversation.Entry{}, err
	}
	d.SlotFreed(ctx, a)
	return d.done(ctx, a, who, conversation.KindClosed)
}
