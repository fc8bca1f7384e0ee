package chat

import (
	"context"
	"errors"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// Recent is among how many of the last entries of a conversation the desk looks for what
// a client sends again after something else was stored: one read, however long the
// conversation is.
const Recent = Page

// recent returns the latest of the last Recent entries up to tail that is by who and
// matches, with the state of tail. It returns NotFound if there is none.
func (d *Desk) recent(ctx context.Context, tail Entry, who Caller, matches func(Entry) bool) (Entry, error) {
	entries, err := d.Store.Read(ctx, tail.Conversation, max(0, tail.Seq-Recent), Recent)
	if err != nil {
		return Entry{}, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if e.By == who.Side && (who.Side != identity.SideAdvisor || e.Author == identity.StaffID(who.ID)) && matches(e) {
			e.State = tail.State
			return e, nil
		}
	}
	return Entry{}, code.NotFound
}

// lastOf returns the entry with the last number of who, however long ago, if it matches,
// with the state of tail. It returns NotFound if it does not.
func (d *Desk) lastOf(ctx context.Context, tail Entry, who Caller, matches func(Entry) bool) (Entry, error) {
	p := tail.State.Citizen
	if who.Side == identity.SideAdvisor {
		p = tail.State.Advisor
	}
	if p.ID != who.ID || p.Seq == 0 {
		return Entry{}, code.NotFound
	}
	e, err := d.entry(ctx, tail.Conversation, p.Seq)
	if err == nil && !matches(e) {
		err = code.NotFound
	}
	e.State = tail.State
	return e, err
}

// done returns the entry by which who did what a command asks for, now or before. Of one
// that is too old, or that somebody else has done, it returns the conversation and its
// state only.
func (d *Desk) done(ctx context.Context, a applied, who Caller, kind Kind) (Entry, error) {
	if a.Append {
		return a.entry, nil
	}
	e, err := d.recent(ctx, a.before, who, func(e Entry) bool { return e.Kind == kind })
	if errors.Is(err, code.NotFound) {
		return Entry{Conversation: a.before.Conversation, State: a.before.State}, nil
	}
	return e, err
}

// again answers a numbered command that was refused with met: where the same was stored
// before, and others after it or the end of the conversation, it is acknowledged again.
func (d *Desk) again(ctx context.Context, a applied, who Caller, met error, same func(Entry) bool) (Acknowledged, error) {
	if !errors.Is(met, code.Conflict) && !errors.Is(met, code.Closed) {
		return Acknowledged{}, met
	}
	e, err := d.recent(ctx, a.before, who, same)
	if errors.Is(err, code.NotFound) && errors.Is(met, code.Closed) { // before the end the state knows the last
		e, err = d.lastOf(ctx, a.before, who, same)
	}
	if errors.Is(err, code.NotFound) {
		return Acknowledged{}, met
	}
	return Acknowledged{Entry: e, Again: true}, err
}
