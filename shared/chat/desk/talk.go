package desk

import (
	"context"
	"errors"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Acknowledged is the result of a message or of another numbered command.
type Acknowledged struct {
	Entry conversation.Entry // as stored, with the present state; for a duplicate perhaps only Seq, Number and State
	Again bool               // it was stored before
}

// Send adds a message of either side. A resend is acknowledged again. Send returns:
//
//   - code.NotFound if the caller is not a party of the conversation;
//   - code.Closed if it has ended, and code.Superseded if a newer connection has taken over;
//   - code.Invalid for a number that is less than 1 or too far ahead;
//   - code.Conflict for a number that was used with another text, or an advisor who has not
//     accepted the offer;
//   - *code.TooFast for a caller who writes faster than the side's pace.
func (d *Desk) Send(ctx context.Context, who conversation.Caller, id queue.ConversationID, m conversation.Send) (Acknowledged, error) {
	m.Pace = d.Times.CitizenPace
	if who.Side == identity.SideAdvisor {
		m.Pace = d.Times.AdvisorPace
	}
	a, err := d.Apply(ctx, id, who.Actor(), m)
	if err != nil {
		return d.Again(ctx, a, who, err, func(e conversation.Entry) bool {
			return e.Kind == conversation.KindMessage && e.Number == m.Number && e.Text == m.Text
		})
	}
	return d.Acknowledge(ctx, a, who, m.Number), nil
}

// Acknowledge answers a numbered command. If a duplicate's entry is the last one, it is pushed
// to the peer again, since the first push may have been lost.
func (d *Desk) Acknowledge(ctx context.Context, a Applied, who conversation.Caller, number int) Acknowledged {
	if a.Append {
		return Acknowledged{Entry: a.Entry}
	}
	if a.Before.Seq != a.Seq {
		return Acknowledged{Entry: conversation.Entry{Conversation: a.Before.Conversation, Seq: a.Seq, Number: number, State: a.Before.State}, Again: true}
	}
	peer := a.Before.State.Citizen
	if who.Side == identity.SideCitizen {
		peer = a.Before.State.Advisor
	}
	_ = d.PushTo(ctx, who.Side.Other(), peer, Happened{Entry: a.Before})
	return Acknowledged{Entry: a.Before, Again: true}
}

// Typing tells the other side that the caller is writing. It returns code.NotFound if the
// caller is not a party, code.Closed, and code.Superseded.
func (d *Desk) Typing(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	return d.signal(ctx, who, id, Typing{Conversation: id})
}

// Read tells the other side that the caller has seen everything up to seq. It returns the
// codes of Typing, and code.Invalid if the conversation has no entry seq yet.
func (d *Desk) Read(ctx context.Context, who conversation.Caller, id queue.ConversationID, seq int) error {
	return d.signal(ctx, who, id, ReadMark{Conversation: id, Seq: seq})
}

func (d *Desk) signal(ctx context.Context, who conversation.Caller, id queue.ConversationID, e Event) error {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return err
	}
	peer, refused := conversation.Peer(tail, who.Actor())
	if refused != "" {
		return refused
	}
	if mark, ok := e.(ReadMark); ok && mark.Seq > tail.Seq {
		return code.Invalid
	}
	_ = d.PushTo(ctx, who.Side.Other(), conversation.Party{Connection: peer}, e)
	if _, typing := e.(Typing); typing { // the page sends a read mark by itself
		d.answers(ctx, who, tail)
	}
	return nil
}

// Leave ends the conversation by its citizen, who waits or talks. It does nothing if the
// conversation has ended. It returns code.Forbidden if the caller is not a citizen,
// code.NotFound if the conversation is not the citizen's, and code.Superseded if a newer
// connection has taken over.
func (d *Desk) Leave(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Leave{})
	if err != nil {
		return conversation.Entry{}, err
	}
	d.SlotFreed(ctx, a)
	return d.done(ctx, a, who, conversation.KindClosed)
}

// SlotFreed gives the slot of a conversation that was closed or requeued to a conversation
// that waits. It does nothing if a did not free a slot.
func (d *Desk) SlotFreed(ctx context.Context, a Applied) {
	if a.Append && a.Before.State.Open() && !a.Entry.State.Open() {
		if a.Entry.State.Status == conversation.Queued {
			d.Dispatch(ctx, a.Entry.State.Topic, conversation.Entry{})
		}
		d.dispatchFor(ctx, identity.StaffID(a.Before.State.Advisor.ID))
	}
}

// Ping renews the lease of a citizen with a live conversation. It returns where the
// conversation stands, so that a client which misses entries sees it by the number. It returns
// code.NotFound if the caller is not a party, and code.Superseded if a newer connection has
// taken over. An ended conversation is no error.
func (d *Desk) Ping(ctx context.Context, who conversation.Caller, id queue.ConversationID) (View, error) {
	a, err := d.Apply(ctx, id, who.Actor(), conversation.Connect{})
	if err != nil && !errors.Is(err, code.Closed) {
		return View{}, err
	}
	v := View{Last: a.Last()}
	if err != nil { // ended
		return v, nil
	}
	err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Seen{Holder: who.Holder(), Conversation: id, At: d.Time()}}})
	if err != nil && !errors.Is(err, code.Conflict) { // ended in between
		return View{}, err
	}
	if v.Last.State.Status == conversation.Queued {
		topic := v.Last.State.Topic
		line, err := d.Glance(ctx, topic)
		if err != nil {
			return v, err
		}
		if v.Position, err = d.PositionIn(ctx, line, v.Last); err == nil && v.Ahead == 0 && line.Figures.Free > 0 {
			d.Dispatch(ctx, topic, conversation.Entry{}) // the first of a line at the opening may be the first to look
		}
		return v, err
	}
	return v, nil
}
