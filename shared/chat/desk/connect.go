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

// NewPass makes a pass for the caller: a ticket for one socket. It returns *code.TooFast if
// the caller has had too many passes in this window.
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
		if live.Conversation == "" { // a citizen with a live conversation has used the slip, or cannot use it yet
			if p.Identity, err = d.WithSlip(ctx, who); err != nil {
				return store.Pass{}, err
			}
		}
	}
	return p, d.Store.PutPass(ctx, p)
}

// Redeem takes a pass out of the store and returns it. It returns code.NotFound if there is
// none, or it is used up or expired.
func (d *Desk) Redeem(ctx context.Context, id string) (store.Pass, error) {
	return d.Store.Redeem(ctx, id, d.Time())
}

// Connected records the caller's new connection: it signs an advisor in, and makes the
// connection the citizen's one in conversation id, if there is one. It is called before the
// client can be answered. It returns code.Superseded if the advisor has a newer connection,
// and code.NotFound if the conversation is not the citizen's. An ended conversation and a
// citizen's newer connection are no errors.
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
		return nil // the answer to the client's hello says so
	}
	return err
}

// Disconnected records that the caller's connection is gone. It may be called late or never,
// and never harms a newer connection. It returns code.NotFound if conversation id does not
// exist.
func (d *Desk) Disconnected(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	return errors.Join(d.Store.Leave(ctx, who.ID, who.Connection), d.gone(ctx, who, id))
}

func (d *Desk) gone(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	if who.Side == identity.SideAdvisor {
		return d.signOut(ctx, identity.StaffID(who.ID), who.Connection.Epoch)
	}
	if id == "" { // the citizen joined over this connection, or has not joined
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
