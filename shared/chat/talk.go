package chat

import (
	"context"
	"errors"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// Acknowledged is what became of a message or another numbered command.
type Acknowledged struct {
	Entry Entry // as stored, with the state of now; of a duplicate only Seq, Number and state may be known
	Again bool  // it was stored before
}

// Send adds a message by either side.
func (d *Desk) Send(ctx context.Context, who Caller, id ConversationID, m Send) (Acknowledged, error) {
	m.Pace = d.Times.CitizenPace
	if who.Side == identity.SideAdvisor {
		m.Pace = d.Times.AdvisorPace
	}
	a, err := d.apply(ctx, id, who.Actor(), m)
	if err != nil {
		return d.again(ctx, a, who, err, func(e Entry) bool {
			return e.Kind == KindMessage && e.Number == m.Number && e.Text == m.Text
		})
	}
	return d.acknowledged(ctx, a, who, m.Number), nil
}

// acknowledged answers a numbered command. A duplicate is pushed to the peer again where
// its entry is the last, since the first push may be what was lost.
func (d *Desk) acknowledged(ctx context.Context, a applied, who Caller, number int) Acknowledged {
	if a.Append {
		return Acknowledged{Entry: a.entry}
	}
	if a.before.Seq != a.Seq {
		return Acknowledged{Entry: Entry{Conversation: a.before.Conversation, Seq: a.Seq, Number: number, State: a.before.State}, Again: true}
	}
	peer := a.before.State.Citizen
	if who.Side == identity.SideCitizen {
		peer = a.before.State.Advisor
	}
	_ = d.push(ctx, who.Side.Other(), peer, Happened{Entry: a.before})
	return Acknowledged{Entry: a.before, Again: true}
}

// Typing tells the other side that who is writing.
func (d *Desk) Typing(ctx context.Context, who Caller, id ConversationID) error {
	return d.signal(ctx, who, id, Typing{Conversation: id})
}

// Read tells the other side that who has seen everything up to seq. It returns
// Invalid for an entry that there is not.
func (d *Desk) Read(ctx context.Context, who Caller, id ConversationID, seq int) error {
	return d.signal(ctx, who, id, ReadMark{Conversation: id, Seq: seq})
}

func (d *Desk) signal(ctx context.Context, who Caller, id ConversationID, e Event) error {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return err
	}
	peer, refused := Peer(tail, who.Actor())
	if refused != "" {
		return refused
	}
	if mark, ok := e.(ReadMark); ok && mark.Seq > tail.Seq {
		return code.Invalid
	}
	_ = d.push(ctx, who.Side.Other(), Party{Connection: peer}, e)
	if _, typing := e.(Typing); typing { // a read mark is the page's doing
		d.answers(ctx, who, tail)
	}
	return nil
}

// Leave ends the conversation by its citizen, waiting or talking.
func (d *Desk) Leave(ctx context.Context, who Caller, id ConversationID) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(), Leave{})
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return d.done(ctx, a, who, KindClosed)
}

// slotFreed gives the slot that a closed or requeued conversation had to
// whoever waits.
func (d *Desk) slotFreed(ctx context.Context, a applied) {
	if a.Append && a.before.State.Open() && !a.entry.State.Open() {
		if a.entry.State.Status == Queued {
			d.dispatch(ctx, a.entry.State.Topic, Entry{})
		}
		d.dispatchFor(ctx, identity.StaffID(a.before.State.Advisor.ID))
	}
}

// Ping renews the lease of a citizen with a live conversation and returns where
// it stands: a client that misses entries sees it by the number.
func (d *Desk) Ping(ctx context.Context, who Caller, id ConversationID) (View, error) {
	a, err := d.apply(ctx, id, who.Actor(), Connect{})
	if err != nil && !errors.Is(err, code.Closed) {
		return View{}, err
	}
	v := View{Last: a.last()}
	if err != nil { // ended
		return v, nil
	}
	err = d.Store.Commit(ctx, Step{Changes: []Change{Seen{Holder: who.Holder(), Conversation: id, At: d.now()}}})
	if err != nil && !errors.Is(err, code.Conflict) { // ended in between
		return View{}, err
	}
	if v.Last.State.Status == Queued {
		topic := v.Last.State.Topic
		line, err := d.Glance(ctx, topic)
		if err != nil {
			return v, err
		}
		if v.Position, err = d.positionIn(ctx, line, v.Last); err == nil && v.Ahead == 0 && line.Figures.Free > 0 {
			d.dispatch(ctx, topic, Entry{}) // the first of a line at the opening may be the first to look
		}
		return v, err
	}
	return v, nil
}
