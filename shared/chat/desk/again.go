package desk

import (
	"context"
	"errors"

	"infocig/shared/chat/conversation"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Recent is how many of the last entries of a conversation the desk searches for a command
// that a client sends again after something else was stored. It is one read, however long the
// conversation is.
const Recent = Page

// recent returns the latest of the last Recent entries up to tail that the caller has made and
// that matches, with the state of tail. It returns NotFound if there is none.
func (d *Desk) recent(ctx context.Context, tail conversation.Entry, who conversation.Caller, matches func(conversation.Entry) bool) (conversation.Entry, error) {
	entries, err := d.Store.Read(ctx, tail.Conversation, max(0, tail.Seq-Recent), Recent)
	if err != nil {
		return conversation.Entry{}, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if e.By == who.Side && (who.Side != identity.SideAdvisor || e.Author == identity.StaffID(who.ID)) && matches(e) {
			e.State = tail.State
			return e, nil
		}
	}
	return conversation.Entry{}, code.NotFound
}

// lastOf returns the entry with the caller's last number, however old it is, with the state of
// tail. It returns NotFound if there is none, or it does not match.
func (d *Desk) lastOf(ctx context.Context, tail conversation.Entry, who conversation.Caller, matches func(conversation.Entry) bool) (conversation.Entry, error) {
	p := tail.State.Citizen
	if who.Side == identity.SideAdvisor {
		p = tail.State.Advisor
	}
	if p.ID != who.ID || p.Seq == 0 {
		return conversation.Entry{}, code.NotFound
	}
	e, err := d.EntryOf(ctx, tail.Conversation, p.Seq)
	if err == nil && !matches(e) {
		err = code.NotFound
	}
	e.State = tail.State
	return e, err
}

// done returns the entry by which the caller did what a command asks for, now or before. If
// that entry is not among the recent ones, or another party did it, done returns an entry with
// only the conversation and its state.
func (d *Desk) done(ctx context.Context, a Applied, who conversation.Caller, kind conversation.Kind) (conversation.Entry, error) {
	if a.Append {
		return a.Entry, nil
	}
	e, err := d.recent(ctx, a.Before, who, func(e conversation.Entry) bool { return e.Kind == kind })
	if errors.Is(err, code.NotFound) {
		return conversation.Entry{Conversation: a.Before.Conversation, State: a.Before.State}, nil
	}
	return e, err
}

// Again answers a numbered command that was refused with the error met. A code.Conflict or
// code.Closed may mean that the command was stored before, and then other entries or the end
// of the conversation. If the recent entries have the same command, it is acknowledged again;
// otherwise Again returns met.
func (d *Desk) Again(ctx context.Context, a Applied, who conversation.Caller, met error, same func(conversation.Entry) bool) (Acknowledged, error) {
	if !errors.Is(met, code.Conflict) && !errors.Is(met, code.Closed) {
		return Acknowledged{}, met
	}
	e, err := d.recent(ctx, a.Before, who, same)
	if errors.Is(err, code.NotFound) && errors.Is(met, code.Closed) { // only after the end: until then the state recognises the last number
		e, err = d.lastOf(ctx, a.Before, who, same)
	}
	if errors.Is(err, code.NotFound) {
		return Acknowledged{}, met
	}
	return Acknowledged{Entry: e, Again: true}, err
}
