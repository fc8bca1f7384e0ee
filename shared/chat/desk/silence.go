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

// Presence. Any frame is a sign of life. A client from which nothing has come for
// Times.Silence is pinged. A page whose timers the browser has slowed down answers at once,
// because frames are not slowed down. A socket that is closed is found out, even if its
// $disconnect has not come. ADR 0030.

// Stay records that a frame has come that changed nothing, so that its sender is there. It
// never shortens a lease. It returns no code of its own.
func (d *Desk) Stay(ctx context.Context, who conversation.Caller, id queue.ConversationID) error {
	change := store.Change(store.Seen{Holder: who.Holder(), Conversation: id, At: d.Time()})
	if who.Side == identity.SideAdvisor {
		now := d.Time()
		change = store.Renew{Advisor: identity.StaffID(who.ID), Connection: who.Connection.ID, Epoch: who.Connection.Epoch, Lease: now.Add(d.Times.AdvisorLease), Extend: true}
	} else if id == "" {
		return nil
	}
	err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{change}})
	if errors.Is(err, code.Conflict) { // ended, replaced, or the lease is longer already
		return nil
	}
	return err
}

// GoneTooLong reports whether a conversation ends at t because its citizen is away. There are
// two cases. The citizen was away when the advisor accepted, and has not come for AwayLimit
// since the advisor last did something. Or the advisor wrote last, and both the citizen's
// departure and the advisor's last act are longer ago than IdleLimit. While it is the
// advisor's turn the conversation does not end: a citizen who waits for an answer loses
// nothing by a phone that sleeps.
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
