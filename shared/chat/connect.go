package chat

import (
	"context"
	"errors"
)

// NewPass makes a pass for who. It returns *TooFast to somebody who asks for too
// many.
func (d *Desk) NewPass(ctx context.Context, who Identity) (Pass, error) {
	if err := d.countPass(ctx, who); err != nil {
		return Pass{}, err
	}
	p := Pass{ID: d.NewID(), Identity: who, Expires: d.now().Add(d.Times.Pass)}
	if who.Side == SideCitizen {
		live, err := d.Store.Live(ctx, PersonID(who.ID))
		if err != nil && !errors.Is(err, NotFound) {
			return Pass{}, err
		}
		p.Conversation = live.Conversation
		if live.Conversation == "" { // whoever has one has used the slip, or cannot yet
			if p.Identity, err = d.WithSlip(ctx, who); err != nil {
				return Pass{}, err
			}
		}
	}
	return p, d.Store.PutPass(ctx, p)
}

// Redeem takes a pass out. It returns NotFound if there is none, it is used up
// or it has expired.
func (d *Desk) Redeem(ctx context.Context, id string) (Pass, error) {
	return d.Store.Redeem(ctx, id, d.now())
}

// Connected makes c the connection of who's side in the conversation, if it is
// a live one of theirs. It is called before the client can be answered.
func (d *Desk) Connected(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	d.enter(ctx, who, c)
	if who.Side == SideAdvisor {
		return d.signIn(ctx, who, c)
	}
	if id == "" {
		return nil
	}
	_, err := d.apply(ctx, id, who.Actor(c), Connect{})
	if errors.Is(err, Closed) || errors.Is(err, Superseded) {
		return nil // the client's hello gets the answer
	}
	return err
}

// Disconnected notes that a connection is gone. It may come late or never, and
// never harms a newer connection.
func (d *Desk) Disconnected(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	return errors.Join(d.Store.Leave(ctx, who.ID, c), d.gone(ctx, who, c, id))
}

func (d *Desk) gone(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	if who.Side == SideAdvisor {
		err := d.Store.Commit(ctx, Step{Changes: []Change{Renew{Advisor: AdvisorID(who.ID), Epoch: c.Epoch, Lease: d.now().Add(d.Times.Offer)}}})
		if errors.Is(err, Conflict) {
			return nil
		}
		return err
	}
	if id == "" { // joined over this connection, or not at all
		live, err := d.Store.Live(ctx, PersonID(who.ID))
		if errors.Is(err, NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		id = live.Conversation
	}
	_, err := d.apply(ctx, id, system, Away{Connection: c.ID, Reason: Disconnected})
	return err
}
