package chat

import (
	"context"
	"errors"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// NewPass makes a pass for who. It returns *TooFast to somebody who asks for too
// many.
func (d *Desk) NewPass(ctx context.Context, who Caller) (Pass, error) {
	id := d.NewID()
	if err := d.countPass(ctx, who, id); err != nil {
		return Pass{}, err
	}
	p := Pass{ID: id, Identity: who, Expires: d.now().Add(d.Times.Pass)}
	if who.Side == identity.SideCitizen {
		live, err := d.Store.Live(ctx, who.Holder())
		if err != nil && !errors.Is(err, code.NotFound) {
			return Pass{}, err
		}
		if live.Company == who.Company {
			p.Conversation = live.Conversation
		}
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
func (d *Desk) Connected(ctx context.Context, who Caller, id ConversationID) error {
	d.enter(ctx, who)
	if who.Side == identity.SideAdvisor {
		return d.signIn(ctx, who)
	}
	if id == "" {
		return nil
	}
	_, err := d.apply(ctx, id, who.Actor(), Connect{})
	if errors.Is(err, code.Closed) || errors.Is(err, code.Superseded) {
		return nil // the client's hello gets the answer
	}
	return err
}

// Disconnected notes that a connection is gone. It may come late or never, and
// never harms a newer connection.
func (d *Desk) Disconnected(ctx context.Context, who Caller, id ConversationID) error {
	return errors.Join(d.Store.Leave(ctx, who.ID, who.Connection), d.gone(ctx, who, id))
}

func (d *Desk) gone(ctx context.Context, who Caller, id ConversationID) error {
	if who.Side == identity.SideAdvisor {
		return d.signOut(ctx, identity.StaffID(who.ID), who.Connection.Epoch)
	}
	if id == "" { // joined over this connection, or not at all
		live, err := d.Store.Live(ctx, who.Holder())
		if errors.Is(err, code.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		id = live.Conversation
	}
	_, err := d.apply(ctx, id, system, Away{Connection: who.Connection.ID, Reason: Disconnected})
	return err
}
