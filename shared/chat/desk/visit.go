package desk

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// countPass counts a pass of the caller. It returns *code.TooFast, with the time until the
// next window, if the caller has had too many passes in this window.
func (d *Desk) countPass(ctx context.Context, who conversation.Caller, pass string) error {
	now := d.Time()
	window := now.Truncate(store.PassWindow)
	counted, err := d.Store.CountPass(ctx, who.ID, window, pass, store.MaxPasses)
	if err != nil {
		return err
	}
	if !counted {
		return &code.TooFast{After: window.Add(store.PassWindow).Sub(now)}
	}
	return nil
}

// enter records a socket of the caller. If the caller has too many, it closes the oldest ones
// and tells their pages at once. An advisor may have one socket, and a citizen MaxSockets. A
// failure is only logged.
func (d *Desk) enter(ctx context.Context, who conversation.Caller) {
	all, err := d.Store.Enter(ctx, who.ID, who.Connection)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot count a socket", "connection", who.Connection.ID, "err", err)
		return
	}
	most := store.MaxSockets
	if who.Side == identity.SideAdvisor {
		most = 1
	}
	if n := len(all) - most; n > 0 {
		d.shut(ctx, who, all[:n], TakenOver{})
	}
}

// shut tells sockets of the caller why they are closed, and closes them.
func (d *Desk) shut(ctx context.Context, who conversation.Caller, sockets []conversation.Connection, why Event) {
	for _, c := range sockets {
		_ = d.PushTo(ctx, who.Side, conversation.Party{Connection: c.ID, Epoch: c.Epoch}, why)
		if err := d.Push.Close(ctx, c.ID); err != nil {
			d.Log.WarnContext(ctx, "cannot close a socket", "connection", c.ID, "err", err)
		}
	}
	if err := d.Store.Leave(ctx, who.ID, sockets...); err != nil {
		d.Log.WarnContext(ctx, "cannot forget sockets", "count", len(sockets), "err", err)
	}
}

// Logout closes every socket of the caller, and takes back the passes that are not used yet.
// An advisor's conversations go to colleagues at once. Logout returns no code of its own.
func (d *Desk) Logout(ctx context.Context, who conversation.Caller) error {
	if err := d.dropPasses(ctx, who); err != nil {
		return err
	}
	all, err := d.Store.Sockets(ctx, who.ID)
	if err != nil {
		return err
	}
	d.shut(ctx, who, all, LoggedOut{})
	if who.Side == identity.SideAdvisor {
		return d.handOver(ctx, identity.StaffID(who.ID))
	}
	return nil
}

// dropPasses takes out the caller's passes that are not used yet: those of this window and the
// one before.
func (d *Desk) dropPasses(ctx context.Context, who conversation.Caller) error {
	window := d.Time().Truncate(store.PassWindow)
	for _, w := range []time.Time{window.Add(-store.PassWindow), window} {
		passes, err := d.Store.PassesOf(ctx, who.ID, w)
		if err != nil {
			return err
		}
		for _, id := range passes {
			if _, err := d.Store.Redeem(ctx, id, d.Time()); err != nil && !errors.Is(err, code.NotFound) {
				return err
			}
		}
	}
	return nil
}

// handOver ends an advisor's presence, and puts the advisor's open conversations to the front
// of their queues.
func (d *Desk) handOver(ctx context.Context, id identity.StaffID) error {
	me, err := d.Store.Advisor(ctx, id)
	if errors.Is(err, code.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.SignOut{Advisor: id, Epoch: me.Epoch, Lease: d.Time(), Pause: true}}})
	if errors.Is(err, code.Conflict) { // logged in again meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	if me, err = d.Store.Advisor(ctx, id); err != nil { // nothing more is given from here on
		return err
	}
	for _, open := range me.Open {
		a, err := d.Apply(ctx, open, System, conversation.Requeue{Reason: conversation.AdvisorLeft, Advisor: id, Epoch: me.Epoch})
		if err != nil && !settled(err) {
			return err
		}
		d.SlotFreed(ctx, a)
	}
	return nil
}

// Banish closes the socket of a caller who does not heed the limits.
func (d *Desk) Banish(ctx context.Context, who conversation.Caller) {
	d.shut(ctx, who, []conversation.Connection{who.Connection}, Banished{})
}
