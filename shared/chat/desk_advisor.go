package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
)

// signIn registers an advisor's connection and moves the open conversations to
// it.
func (d *Desk) signIn(ctx context.Context, who Identity, c Connection) error {
	err := d.Store.Commit(ctx, Step{Changes: []Change{SignIn{
		Advisor: AdvisorID(who.ID), Name: who.Name, Topics: who.Topics,
		Connection: c.ID, Epoch: c.Epoch, Lease: d.now().Add(d.Times.AdvisorLease),
	}}})
	if errors.Is(err, Conflict) {
		return Superseded
	}
	if err != nil {
		return err
	}
	me, err := d.Store.Advisor(ctx, AdvisorID(who.ID))
	if err != nil {
		return err
	}
	for _, id := range me.Open {
		a, err := d.apply(ctx, id, who.Actor(c), Connect{})
		if err != nil && !settled(err) {
			return err
		}
		if old := a.before.State.Advisor; a.Append && old.Connection != c.ID {
			_ = d.push(ctx, SideAdvisor, old, TakenOver{})
		}
	}
	return nil
}

// settled reports errors that say: not yours any more, which a concurrent close
// or requeue makes true.
func settled(err error) bool {
	return errors.Is(err, Closed) || errors.Is(err, NotFound) || errors.Is(err, Superseded)
}

// OnDuty is an advisor and the last entries of the open conversations.
type OnDuty struct {
	Advisor Advisor
	Open    []Entry
}

// Duty returns what the advisor has, after (re)connecting over c. It returns
// Superseded if a newer connection took over.
func (d *Desk) Duty(ctx context.Context, who Identity, c Connection) (OnDuty, error) {
	me, err := d.me(ctx, who, c)
	if err != nil {
		return OnDuty{}, err
	}
	duty := OnDuty{Advisor: me}
	for _, id := range me.Open {
		tail, err := d.Store.Tail(ctx, id)
		if err != nil {
			return OnDuty{}, err
		}
		if MayRead(tail, who.Actor(c)) == "" {
			duty.Open = append(duty.Open, tail)
		}
	}
	return duty, nil
}

// me returns the advisor's record if c is the connection signed in with; it
// signs in if c is newer, since $connect may have died before it could.
func (d *Desk) me(ctx context.Context, who Identity, c Connection) (Advisor, error) {
	if who.Side != SideAdvisor {
		return Advisor{}, Forbidden
	}
	me, err := d.Store.Advisor(ctx, AdvisorID(who.ID))
	if errors.Is(err, NotFound) || err == nil && me.Epoch < c.Epoch {
		if err := d.signIn(ctx, who, c); err != nil {
			return Advisor{}, err
		}
		me, err = d.Store.Advisor(ctx, AdvisorID(who.ID))
	}
	if err == nil && me.Epoch > c.Epoch {
		return Advisor{}, Superseded
	}
	return me, err
}

// Open returns one conversation of the advisor with the entries after since.
func (d *Desk) Open(ctx context.Context, who Identity, c Connection, id ConversationID, since int) (View, error) {
	if who.Side != SideAdvisor {
		return View{}, Forbidden
	}
	return d.view(ctx, who, c, id, since)
}

// SetPresence changes whether, and how many, conversations the advisor is given.
func (d *Desk) SetPresence(ctx context.Context, who Identity, c Connection, p Presence, capacity int) (Advisor, error) {
	if p != Available && p != Paused || capacity < 1 || capacity > MaxCapacity {
		return Advisor{}, Invalid
	}
	me, err := d.me(ctx, who, c)
	if err != nil {
		return Advisor{}, err
	}
	err = d.Store.Commit(ctx, Step{Changes: []Change{SetPresence{Advisor: me.ID, Epoch: c.Epoch, Presence: p, Capacity: capacity}}})
	if errors.Is(err, Conflict) {
		return Advisor{}, Superseded
	}
	if err != nil {
		return Advisor{}, err
	}
	me.Presence, me.Capacity = p, capacity
	d.dispatchFor(ctx, me.ID)
	return me, nil
}

// RenewAdvisor extends the lease of the advisor's connection.
func (d *Desk) RenewAdvisor(ctx context.Context, who Identity, c Connection) error {
	if who.Side != SideAdvisor {
		return Forbidden
	}
	err := d.Store.Commit(ctx, Step{Changes: []Change{Renew{Advisor: AdvisorID(who.ID), Epoch: c.Epoch, Lease: d.now().Add(d.Times.AdvisorLease)}}})
	if errors.Is(err, Conflict) {
		_, err = d.me(ctx, who, c) // newer than the record: sign in; older: superseded
	}
	return err
}

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
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Entry{}, err
	}
	if code := MayRead(tail, who.Actor(c)); code != "" {
		return Entry{}, code
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

// Colleagues returns the advisors who are present, other than who, with what
// they can take.
func (d *Desk) Colleagues(ctx context.Context, who Identity) ([]Advisor, error) {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(advisors, func(a Advisor) bool {
		return a.ID == AdvisorID(who.ID) || !a.Lease.After(d.now())
	}), nil
}

// Note keeps a private note. Number tells a resend from a new one.
func (d *Desk) Note(ctx context.Context, who Identity, c Connection, id ConversationID, number int, text Text) (Note, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Note{}, err
	}
	if code := MayRead(tail, who.Actor(c)); code != "" || who.Side != SideAdvisor {
		return Note{}, NotFound
	}
	if number < 1 {
		return Note{}, Invalid
	}
	n := Note{
		ID:           who.ID + "#" + pad(number),
		Conversation: id, Author: AdvisorID(who.ID), Name: who.Name, Text: text, At: d.now(),
	}
	err = d.Store.Commit(ctx, Step{Changes: []Change{AddNote{Note: n}}})
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
// outbox item in one step.
func (d *Desk) Escalate(ctx context.Context, who Identity, c Connection, id ConversationID, number int, about CaseID, text Text) (Sent, error) {
	act := Escalate{Number: number, Escalation: Escalation{ID: EscalationID(d.NewID()), Case: about, Text: text}}
	a, err := d.apply(ctx, id, who.Actor(c), act)
	if err != nil {
		return Sent{}, err
	}
	return d.sent(ctx, a, who, number), nil
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

// Transcript returns all entries of a conversation to one of its parties.
func (d *Desk) Transcript(ctx context.Context, who Identity, id ConversationID) ([]Entry, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return nil, err
	}
	if code := MayRead(tail, who.Actor(Connection{})); code != "" {
		return nil, code
	}
	var all []Entry
	for seq := 0; seq < tail.Seq; seq = all[len(all)-1].Seq {
		page, err := d.Store.Read(ctx, id, seq, Page)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return nil, Internal // numbers have no gaps
		}
		all = append(all, page...)
	}
	return all, nil
}

// Notes returns the private notes of a conversation to its advisor.
func (d *Desk) Notes(ctx context.Context, who Identity, id ConversationID) ([]Note, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return nil, err
	}
	if who.Side != SideAdvisor || MayRead(tail, who.Actor(Connection{})) != "" {
		return nil, NotFound
	}
	return d.Store.Notes(ctx, id)
}

// CasesOf returns the cases of a conversation to its advisor.
func (d *Desk) CasesOf(ctx context.Context, who Identity, id ConversationID) ([]CaseRef, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return nil, err
	}
	if who.Side != SideAdvisor || MayRead(tail, who.Actor(Connection{})) != "" {
		return nil, NotFound
	}
	return tail.State.Cases, nil
}
