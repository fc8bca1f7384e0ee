package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
)

// Who is there. Any frame is a sign of life. A client from which nothing has come for
// Silence is pinged: a page whose timers its browser has slowed down answers at once,
// since what comes over a socket is not slowed down, and a socket that is closed is
// found out, whether or not its $disconnect came. ADR 0030.

// pingAdvisors pings the advisors from whom nothing has come for some time.
func (s *sweep) pingAdvisors(ctx context.Context) {
	now := s.now()
	var silent []Advisor
	for _, id := range slices.Sorted(maps.Keys(s.advisors)) {
		a := s.advisors[id]
		left := a.Lease.Sub(now)
		given := s.Times.AdvisorLease
		if left > given {
			given = s.Times.SlowLease
		}
		if a.There(now) && given-left >= s.Times.Silence {
			silent = append(silent, a)
		}
	}
	_ = each(s.Parallel, len(silent), func(i int) error {
		a := silent[i]
		s.pushAdvisor(ctx, Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, Pinged{})
		return nil
	})
}

// pingCitizen pings a citizen from whom nothing has come for some time.
func (s *sweep) pingCitizen(ctx context.Context, tail Entry, l Live) {
	sign := max(tail.State.Citizen.At, l.Seen.UnixMilli())
	if tail.State.Citizen.Connection != "" && s.now().Sub(time.UnixMilli(sign)) >= s.Times.Silence {
		s.pushCitizen(ctx, tail, Pinged{})
	}
}

// heard returns an advisor whose lease has run out as known now. Entries that the
// advisor made are signs of life, too, which cost no write of their own.
func (s *sweep) heard(ctx context.Context, id identity.StaffID) (Advisor, error) {
	a, err := s.Store.Advisor(ctx, id)
	if err != nil || a.Connection == "" || a.Lease.After(s.now()) {
		return a, err
	}
	for _, open := range a.Open {
		tail, err := s.Store.Tail(ctx, open)
		if err != nil {
			return a, err
		}
		if p := tail.State.Advisor; p.ID == string(id) && p.Epoch == a.Epoch {
			if until := time.UnixMilli(p.At).Add(s.Times.AdvisorLease); until.After(a.Lease) {
				a.Lease = until
			}
		}
	}
	return a, nil
}

// Stay notes that a frame has come that changed nothing: who sent it is there. It never
// shortens a lease.
func (d *Desk) Stay(ctx context.Context, who Caller, id ConversationID) error {
	change := Change(Seen{Holder: who.Holder(), Conversation: id, At: d.now()})
	if who.Side == identity.SideAdvisor {
		now := d.now()
		change = Renew{Advisor: identity.StaffID(who.ID), Connection: who.Connection.ID, Epoch: who.Connection.Epoch, Lease: now.Add(d.Times.AdvisorLease), Extend: true}
	} else if id == "" {
		return nil
	}
	err := d.Store.Commit(ctx, Step{Changes: []Change{change}})
	if errors.Is(err, code.Conflict) { // ended, replaced, or there for longer anyway
		return nil
	}
	return err
}

// goneTooLong reports whether a conversation ends because its citizen is away: was away
// already when the advisor accepted and has not come for AwayLimit since, or has not come
// back for IdleLimit after the advisor's last words. While it is the advisor's turn it
// does not: who waits for an answer loses nothing by a phone that sleeps.
func (d *Desk) goneTooLong(s State, t time.Time) bool {
	away, advisor := time.UnixMilli(s.Citizen.At), time.UnixMilli(s.Advisor.At)
	switch {
	case s.Status != CitizenAway || !s.Accepted():
		return false
	case s.Awaited:
		return t.Sub(advisor) > d.Times.AwayLimit
	case s.Advisor.Seq > s.Citizen.Seq:
		return t.Sub(away) > d.Times.IdleLimit && t.Sub(advisor) > d.Times.IdleLimit
	}
	return false
}
