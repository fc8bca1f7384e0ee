package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// signIn registers an advisor's connection and moves the advisor's open conversations to it.
// It returns code.Superseded if the advisor has a newer connection.
func (d *Desk) signIn(ctx context.Context, who conversation.Caller) error {
	err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.SignIn{
		Advisor: identity.StaffID(who.ID), Name: who.Name, Topics: queue.TopicsOfSkills(who.Skills), Person: who.Person,
		Connection: who.Connection.ID, Epoch: who.Connection.Epoch, Lease: d.leaseOf(who.Connection),
	}}})
	if errors.Is(err, code.Conflict) {
		return code.Superseded
	}
	if err != nil {
		return err
	}
	me, err := d.Store.Advisor(ctx, identity.StaffID(who.ID))
	if err != nil {
		return err
	}
	for _, id := range me.Open {
		if _, err := d.Apply(ctx, id, who.Actor(), conversation.Connect{}); err != nil && !settled(err) {
			return err
		}
	}
	return nil
}

// leaseOf returns until when an advisor counts as there if a frame has just come over c.
func (d *Desk) leaseOf(c conversation.Connection) time.Time {
	if c.AnswersPings {
		return d.Time().Add(d.Times.AdvisorLease)
	}
	return d.Time().Add(d.Times.SlowLease)
}

// signOut records that the advisor's connection with that epoch is closed. The open
// conversations stay with the advisor for at most Times.Offer, so that a page can be loaded
// again.
func (d *Desk) signOut(ctx context.Context, id identity.StaffID, epoch int64) error {
	me, err := d.Store.Advisor(ctx, id)
	if errors.Is(err, code.NotFound) || err == nil && me.Epoch != epoch {
		return nil
	}
	if err != nil {
		return err
	}
	out := store.SignOut{Advisor: id, Epoch: epoch, Lease: d.Time().Add(d.Times.Offer)}
	if me.Lease.Before(out.Lease) {
		out.Lease = me.Lease
	}
	if me.Connection == "" && out.Lease.Equal(me.Lease) { // known already
		return nil
	}
	err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{out}})
	if errors.Is(err, code.Conflict) { // connected again meanwhile
		return nil
	}
	return err
}

// settled reports whether err says that the conversation is not the caller's any more, because
// it was closed or requeued at the same time.
func settled(err error) bool {
	return errors.Is(err, code.Closed) || errors.Is(err, code.NotFound) || errors.Is(err, code.Superseded)
}

// OnDuty is an advisor, with the last entries of the advisor's open conversations.
type OnDuty struct {
	Advisor conversation.Advisor
	Open    []conversation.Entry
}

// Duty returns the caller's state and open conversations, after the caller has connected or
// reconnected. It returns code.Forbidden if the caller is not an advisor, and code.Superseded
// if a newer connection has taken over.
func (d *Desk) Duty(ctx context.Context, who conversation.Caller) (OnDuty, error) {
	me, err := d.me(ctx, who)
	if err != nil {
		return OnDuty{}, err
	}
	duty := OnDuty{Advisor: me}
	for _, id := range me.Open {
		tail, err := d.Store.Tail(ctx, id)
		if err != nil {
			return OnDuty{}, err
		}
		if conversation.MayRead(tail, who.Actor()) == "" {
			duty.Open = append(duty.Open, tail)
		}
	}
	d.dispatchTo(ctx, me) // available since before, and connected again
	return duty, nil
}

// me returns the advisor's record if the caller's connection is the one signed in. A newer
// connection is signed in first, because its $connect may have died before it could do so. me
// returns code.Forbidden if the caller is not an advisor, and code.Superseded if a newer
// connection is signed in.
func (d *Desk) me(ctx context.Context, who conversation.Caller) (conversation.Advisor, error) {
	if who.Side != identity.SideAdvisor {
		return conversation.Advisor{}, code.Forbidden
	}
	me, err := d.Store.Advisor(ctx, identity.StaffID(who.ID))
	if errors.Is(err, code.NotFound) || err == nil && me.Epoch < who.Connection.Epoch {
		if err := d.signIn(ctx, who); err != nil {
			return conversation.Advisor{}, err
		}
		me, err = d.Store.Advisor(ctx, identity.StaffID(who.ID))
	}
	if err == nil && me.Epoch > who.Connection.Epoch {
		return conversation.Advisor{}, code.Superseded
	}
	return me, err
}

// SetPresence sets whether the advisor is given conversations, and how many at once. It
// returns code.Invalid for an unknown presence or a capacity that is not 1 to MaxCapacity,
// code.Forbidden if the caller is not an advisor, and code.Superseded if a newer connection
// has taken over.
func (d *Desk) SetPresence(ctx context.Context, who conversation.Caller, p conversation.Presence, capacity int) (conversation.Advisor, error) {
	if p != conversation.Available && p != conversation.Paused || capacity < 1 || capacity > conversation.MaxCapacity {
		return conversation.Advisor{}, code.Invalid
	}
	if who.Side != identity.SideAdvisor {
		return conversation.Advisor{}, code.Forbidden
	}
	set := store.Step{Changes: []store.Change{store.SetPresence{Advisor: identity.StaffID(who.ID), Epoch: who.Connection.Epoch, Presence: p, Capacity: capacity}}}
	err := d.Store.Commit(ctx, set)
	if errors.Is(err, code.Conflict) { // a newer connection is signed in by me; an older one is superseded
		if _, err = d.me(ctx, who); err == nil {
			err = d.Store.Commit(ctx, set)
		}
	}
	if errors.Is(err, code.Conflict) {
		return conversation.Advisor{}, code.Superseded
	}
	if err != nil {
		return conversation.Advisor{}, err
	}
	me, err := d.Store.Advisor(ctx, identity.StaffID(who.ID))
	if err != nil {
		return conversation.Advisor{}, err
	}
	d.dispatchTo(ctx, me)
	return me, nil
}

// RenewAdvisor sets the lease of the advisor's connection: by AdvisorLease if the client
// answers pings, and by SlowLease if it does not. If the lease had run out, or the connection
// had been taken for closed, the advisor may be free again and is given conversations that
// wait. RenewAdvisor returns code.Forbidden if the caller is not an advisor, and
// code.Superseded if a newer connection has taken over.
func (d *Desk) RenewAdvisor(ctx context.Context, who conversation.Caller) error {
	if who.Side != identity.SideAdvisor {
		return code.Forbidden
	}
	renew := store.Renew{Advisor: identity.StaffID(who.ID), Connection: who.Connection.ID, Epoch: who.Connection.Epoch, Lease: d.leaseOf(who.Connection), Present: d.Time()}
	err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{renew}})
	if !errors.Is(err, code.Conflict) {
		return err
	}
	if _, err := d.me(ctx, who); err != nil { // a newer connection is signed in by me; an older one is superseded
		return err
	}
	renew.Present = time.Time{}
	err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{renew}})
	if errors.Is(err, code.Conflict) {
		return code.Superseded
	}
	if err == nil {
		d.dispatchFor(ctx, renew.Advisor)
	}
	return err
}

// Colleagues returns the advisors who are connected, other than the caller, with their topics,
// presence and slots. It returns no code of its own.
func (d *Desk) Colleagues(ctx context.Context, who conversation.Caller) ([]conversation.Advisor, error) {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(advisors, func(a conversation.Advisor) bool {
		return a.ID == identity.StaffID(who.ID) || !a.There(d.Time())
	}), nil
}
