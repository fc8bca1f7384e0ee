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

// NewPass makes a pass for who. It returns *TooFast to somebody who asks for too
// many.
func (d *Desk) NewPass(ctx context.Context, who conversation.Caller) (store.Pass, error) {
	id := d.NewID()
	if err := d.countPass(ctx, who, id); err != nil {
		return store.Pass{}, err
	}
	p := store.Pass{ID: id, Identity: who, Expires: d.Time().Add(d.Times.Pass)}
	if who.Side == identity.SideCitizen {
		live, err := d.Store.Live(ctx, who.Holder())
		if err != nil && !errors.Is(err, code.NotFound) {
			return store.Pass{}, err
		}
		if live.Company == who.Company {
			p.Conversation = live.Conversation
		}
		if live.Conversation == "" { // whoever has one has used the slip, or cannot yet
			if p.Identity, err = d.WithSlip(ctx, who); err != nil {
				return store.Pass{}, err
			}
		}
	}
	return p, d.Store.PutPass(ctx, p)
}

// Redeem takes a pass out. It returns NotFound if there is none, it is used up
// or it has expired.
func (d *Desk) Redeem(ctx context.Context, id string) (store.Pass, error) {
	return d.Store.Redeem(ctx, id, d.Time())
}

// Connected makes c the connection of who's side in the conversation, if it is
// a live one of theirs. It is called before the client can be answered.
func (d *Desk) Connected(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	d.enter(ctx, who)
	if who.Side == identity.SideAdvisor {
		return d.signIn(ctx, who)
	}
	if id == "" {
		return nil
	}
	_, err := d.Apply(ctx, id, who.Actor(), conversation.Connect{})
	if errors.Is(err, code.Closed) || errors.Is(err, code.Superseded) {
		return nil // the client's hello gets the answer
	}
	return err
}

// Disconnected notes that a connection is gone. It may come late or never, and
// never harms a newer connection.
func (d *Desk) Disconnected(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	return errors.Join(d.Store.Leave(ctx, who.ID, who.Connection), d.gone(ctx, who, id))
}

func (d *Desk) gone(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
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
	_, err := d.Apply(ctx, id, System, conversation.Away{Connection: who.Connection.ID, Reason: conversation.Disconnected})
	return err
}
