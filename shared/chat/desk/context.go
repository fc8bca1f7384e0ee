package desk

import (
	"context"
	"errors"
	"fmt"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A conversation belongs to a person in a context: as a worker, or for one company. A person who
// acts for several companies waits for one of them at a time, so that several companies are no
// advantage in the queue. The person's own case as a worker is apart. A conversation of another
// context is not found; only *Elsewhere says that there is one, without its number. R-21.

// Elsewhere says that the person has a live conversation for another company. It is a
// Conflict.
type Elsewhere struct {
	Company identity.CompanyID
	Name    string // of the company
}

func (e *Elsewhere) Error() string { return fmt.Sprintf("a conversation is live for %s", e.Name) }

// Unwrap makes *Elsewhere a Conflict.
func (e *Elsewhere) Unwrap() error { return code.Conflict }

// elsewhere returns an *Elsewhere with the company of a live conversation.
func (d *Desk) elsewhere(ctx context.Context, l store.Live) error {
	first, err := d.EntryOf(ctx, l.Conversation, 1)
	if err != nil {
		return err
	}
	if first.Profile == nil {
		return code.Internal // entry 1 has one
	}
	return &Elsewhere{Company: first.Profile.Company, Name: first.Profile.CompanyName}
}

// LeaveElsewhere ends the live conversation that the person has for another company, and tells
// the page of that conversation. It returns code.Forbidden if the caller is not a citizen,
// code.NotFound if there is no such conversation, and code.Conflict if its page has just
// connected again.
func (d *Desk) LeaveElsewhere(ctx context.Context, who conversation.Caller) error {
	if who.Side != identity.SideCitizen {
		return code.Forbidden
	}
	live, err := d.Store.Live(ctx, who.Holder())
	if err != nil {
		return err
	}
	if live.Company == who.Company {
		return code.NotFound
	}
	tail, err := d.Store.Tail(ctx, live.Conversation)
	if err != nil {
		return err
	}
	p := tail.State.Citizen
	by := conversation.Actor{Side: identity.SideCitizen, ID: who.ID, Company: live.Company, Connection: p.Connection, Epoch: p.Epoch}
	a, err := d.ApplyAt(ctx, tail, by, conversation.Leave{})
	if errors.Is(err, code.Superseded) { // that page has just connected again
		err = code.Conflict
	}
	if err != nil {
		return err
	}
	if a.Append {
		d.PushCitizen(ctx, a.Entry, Happened{Entry: a.Entry})
	}
	d.SlotFreed(ctx, a)
	return nil
}
