package chat

import (
	"context"
	"time"
)

// A Guard counts what people open, so that nobody opens too much. It promises
// less than the rest of the store: what it says may be forgotten after a day.
type Guard interface {
	// CountPass counts one more pass of somebody in the window that begins then,
	// and returns how many there are with it.
	CountPass(ctx context.Context, id string, window time.Time) (int, error)

	// Enter adds a socket of somebody and returns all of theirs, the oldest first.
	Enter(ctx context.Context, id string, c Connection) ([]Connection, error)

	// Leave takes sockets of somebody out, if they are there.
	Leave(ctx context.Context, id string, c ...Connection) error

	// Sockets returns those of somebody, the oldest first. Of some it may not be
	// known that they are closed.
	Sockets(ctx context.Context, id string) ([]Connection, error)
}

// Limits of what one person can open. security.md, "Socket, sessions, tokens".
const (
	MaxSockets = 3
	MaxPasses  = 20               // in each window
	PassWindow = 10 * time.Minute // by the clock: 15:00, 15:10, …
)

// countPass refuses somebody who has taken too many passes.
func (d *Desk) countPass(ctx context.Context, who Identity) error {
	now := d.now()
	window := now.Truncate(PassWindow)
	n, err := d.Store.CountPass(ctx, who.ID, window)
	if err != nil {
		return err
	}
	if n > MaxPasses {
		return &TooFast{After: window.Add(PassWindow).Sub(now)}
	}
	return nil
}

// enter notes a socket of who, and closes the oldest where they are too many.
// Failing refuses nobody.
func (d *Desk) enter(ctx context.Context, who Identity, c Connection) {
	all, err := d.Store.Enter(ctx, who.ID, c)
	if err != nil {
		d.Log.WarnContext(ctx, "cannot count a socket", "connection", c.ID, "err", err)
		return
	}
	if n := len(all) - MaxSockets; n > 0 {
		d.shut(ctx, who, all[:n], TakenOver{})
	}
}

// shut tells sockets of who why, and closes them.
func (d *Desk) shut(ctx context.Context, who Identity, sockets []Connection, why Event) {
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

// Logout closes every socket of who.
func (d *Desk) Logout(ctx context.Context, who Identity) error {
	all, err := d.Store.Sockets(ctx, who.ID)
	if err != nil {
		return err
	}
	d.shut(ctx, who, all, LoggedOut{})
	return nil
}

// Banish closes the socket of somebody who does not heed the limits.
func (d *Desk) Banish(ctx context.Context, who Identity, c Connection) {
	d.shut(ctx, who, []Connection{c}, Banished{})
}
