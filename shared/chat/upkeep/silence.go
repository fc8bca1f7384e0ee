package upkeep

import (
	"context"
	"maps"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
)

// pingAdvisors pings the advisors from whom nothing has come for Times.Silence.
func (s *sweep) pingAdvisors(ctx context.Context) {
	now := s.Time()
	var silent []conversation.Advisor
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
	_ = desk.Each(s.Parallel, len(silent), func(i int) error {
		a := silent[i]
		s.PushAdvisor(ctx, conversation.Party{ID: string(a.ID), Connection: a.Connection, Epoch: a.Epoch}, desk.Pinged{})
		return nil
	})
}

// pingCitizen pings a citizen from whom nothing has come for Times.Silence.
func (s *sweep) pingCitizen(ctx context.Context, tail conversation.Entry, l store.Live) {
	sign := max(tail.State.Citizen.At, l.Seen.UnixMilli())
	if tail.State.Citizen.Connection != "" && s.Time().Sub(time.UnixMilli(sign)) >= s.Times.Silence {
		s.PushCitizen(ctx, tail, desk.Pinged{})
	}
}

// heard returns the present record of an advisor whose lease has run out. Entries that the
// advisor made are signs of life, too, for which the lease is not written: they extend the
// lease in the returned record.
func (s *sweep) heard(ctx context.Context, id identity.StaffID) (conversation.Advisor, error) {
	a, err := s.Store.Advisor(ctx, id)
	if err != nil || a.Connection == "" || a.Lease.After(s.Time()) {
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
