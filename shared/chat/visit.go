package chat

import (
	"context"
	"errors"
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Guard counts what people open, so that nobody opens too much. It promises
// less than the rest of the store: what it says may be forgotten after a day.
type Guard interface {
	// CountPass counts a pass of somebody in the window that begins then, if fewer than
	// most were counted, and reports whether it did.
	CountPass(ctx context.Context, id string, window time.Time, pass string, most int) (bool, error)

	// PassesOf returns the passes that were counted in a window.
	PassesOf(ctx context.Context, id string, window time.Time) ([]string, error)

	// Enter adds a socket of somebody and returns all of theirs, the oldest first.
	Enter(ctx context.Context, id string, c Connection) ([]Connection, error)

	// Leave takes sockets of somebody out, if they are there.
	Leave(ctx context.Context, id string, c ...Connection) error

	// Sockets returns those of somebody, the oldest first. Of some it may not be
	// known that they are closed.
	Sockets(ctx context.Context, id string) ([]Connection, error)
}

// Limits of what one person can open. docs/design.md, "Limits of one person".
const (
	MaxSockets = 3                // of a citizen: pages for several companies. An advisor has one.
	MaxPasses  = 20               // in each window
	PassWindow = 10 * time.Minute // by the clock: 15:00, 15:10, …
)

// countPass refuses somebody who has taken too many passes.
func (d *Desk) countPass(ctx context.Context, who Caller, pass string) error {
	now := d.now()
	window := now.Truncate(PassWindow)
	counted, err := d.Store.CountPass(ctx, who.ID, window, pass, MaxPasses)
	if err != nil {
		return err
	}
	if !counted {
		return &code.TooFast{After: window.Add(PassWindow).Sub(now)}
	}
	return nil
}

// enter notes a socket of who, and closes the oldest where they are too many: an advisor
// has one desk, and the older page is told at once.
// Failing refuses nobody.
func (d *Desk) enter(ctx context.Context, who Caller) {
	all, err := d.Store.Enter(ctx, who.ID, who.Connection)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot count a socket", "connection", who.Connection.ID, "err", err)
		return
	}
	most := MaxSockets
	if who.Side == identity.SideAdvisor {
		most = 1
	}
	if n := len(all) - most; n > 0 {
		d.shut(ctx, who, all[:n], TakenOver{})
	}
}

// shut tells sockets of who why, and closes them.
func (d *Desk) shut(ctx context.Context, who Caller, sockets []Connection, why Event) {
	for _, c := range sockets {
		_ = d.push(ctx, who.Side, Party{Connection: c.ID, Epoch: c.Epoch}, why)
		if err := d.Push.Close(ctx, c.ID); err != nil {
			d.Log.WarnContext(ctx, "cannot close a socket", "connection", c.ID, "err", err)
		}
	}
	if err := d.Store.Leave(ctx, who.ID, sockets...); err != nil {
		d.Log.WarnContext(ctx, "cannot forget sockets", "count", len(sockets), "err", err)
	}
}

// Logout closes every socket of who, and takes back the tickets for sockets that were
// not used yet. An advisor's conversations go to colleagues at once.
func (d *Desk) Logout(ctx context.Context, who Caller) error {
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

// dropPasses takes out what passes who has that are not used.
func (d *Desk) dropPasses(ctx context.Context, who Caller) error {
	window := d.now().Truncate(PassWindow)
	for _, w := range []time.Time{window.Add(-PassWindow), window} {
		passes, err := d.Store.PassesOf(ctx, who.ID, w)
		if err != nil {
			return err
		}
		for _, id := range passes {
			if _, err := d.Store.Redeem(ctx, id, d.now()); err != nil && !errors.Is(err, code.NotFound) {
				return err
			}
		}
	}
	return nil
}

// handOver ends an advisor's presence, and puts what the advisor has to the front of
// the queues.
func (d *Desk) handOver(ctx context.Context, id identity.StaffID) error {
	me, err := d.Store.Advisor(ctx, id)
	if errors.Is(err, code.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = d.Store.Commit(ctx, Step{Changes: []Change{SignOut{Advisor: id, Epoch: me.Epoch, Lease: d.now(), Pause: true}}})
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
		a, err := d.apply(ctx, open, system, Requeue{Reason: AdvisorLeft, Advisor: id, Epoch: me.Epoch})
		if err != nil && !settled(err) {
			return err
		}
		d.slotFreed(ctx, a)
	}
	return nil
}

// Banish closes the socket of somebody who does not heed the limits.
func (d *Desk) Banish(ctx context.Context, who Caller) {
	d.shut(ctx, who, []Connection{who.Connection}, Banished{})
}
