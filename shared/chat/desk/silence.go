package desk

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Who is there. Any frame is a sign of life. A client from which nothing has come for
// Silence is pinged: a page whose timers its browser has slowed down answers at once,
// since what comes over a socket is not slowed down, and a socket that is closed is
// found out, whether or not its $disconnect came. ADR 0030.

// Stay notes that a frame has come that changed nothing: who sent it is there. It never
// shortens a lease.
func (d *Desk) Stay(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	change := store.Change(store.Seen{Holder: who.Holder(), Conversation: id, At: d.Time()})
	if who.Side == identity.SideAdvisor {
		now := d.Time()
		change = store.Renew{Advisor: identity.StaffID(who.ID), Connection: who.Connection.ID, Epoch: who.Connection.Epoch, Lease: now.Add(d.Times.AdvisorLease), Extend: true}
	} else if id == "" {
		return nil
	}
	err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{change}})
	if errors.Is(err, code.Conflict) { // ended, replaced, or there for longer anyway
		return nil
	}
	return err
}

// GoneTooLong reports whether a conversation ends because its citizen is away: was away
// already when the advisor accepted and has not come for AwayLimit since, or has not come
// back for IdleLimit after the advisor's last words. While it is the advisor's turn it
// does not: who waits for an answer loses nothing by a phone that sleeps.
func (d *Desk) GoneTooLong(s conversation.State, t time.Time) bool {
	away, advisor := time.UnixMilli(s.Citizen.At), time.UnixMilli(s.Advisor.At)
	switch {
	case s.Status != conversation.CitizenAway || !s.Accepted():
		return false
	case s.Awaited:
		return t.Sub(advisor) > d.Times.AwayLimit
	case s.Advisor.Seq > s.Citizen.Seq:
		return t.Sub(away) > d.Times.IdleLimit && t.Sub(advisor) > d.Times.IdleLimit
	}
	return false
}
