package chat

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"infocig/shared/admission"
	"infocig/shared/hours"
	"infocig/shared/rollout"
)

// DeskRules is what operators change without a release. Requirement R-11.
type DeskRules struct {
	Rev      int             `json:"rev"` // 0 if nothing was ever changed
	Closures []hours.Closure `json:"closures"`
	Phases   []rollout.Phase `json:"phases"` // nil for those that are built in
}

// Rules reads the operators' rules.
type Rules interface {
	// DeskRules returns the present rules; the zero value if none were stored.
	DeskRules(ctx context.Context) (DeskRules, error)
}

// Policy returns the policy that follows from the built-in plan and r. Its
// error, which is Invalid, says what is wrong with r.
func (r DeskRules) Policy() (admission.Policy, error) {
	plan, err := rollout.Default()
	if err != nil {
		return admission.Policy{}, err
	}
	if r.Phases != nil {
		provinces := plan.Provinces()
		plan.Phases = r.Phases
		raw, err := json.Marshal(plan)
		if err != nil {
			return admission.Policy{}, err
		}
		if plan, err = rollout.ParsePlan(raw, provinces); err != nil {
			return admission.Policy{}, errors.Join(Invalid, err)
		}
	}
	h := plan.OpeningHours
	calendar, err := hours.New(h.Days, h.Opens, h.Closes, true, r.Closures...)
	if err != nil {
		return admission.Policy{}, errors.Join(Invalid, err)
	}
	return admission.Policy{Calendar: calendar, Plan: plan}, nil
}

// rulesLife is for how long a function goes on with rules that it has read.
const rulesLife = 10 * time.Second

// CachedPolicy returns a source of the policy in force that reads the rules
// again every ten seconds. If they cannot be read it goes on with the last ones.
func CachedPolicy(rules Rules, now func() time.Time) func(context.Context) (admission.Policy, error) {
	var mu sync.Mutex
	var policy admission.Policy
	var until time.Time
	return func(ctx context.Context) (admission.Policy, error) {
		mu.Lock()
		defer mu.Unlock()
		if now().Before(until) {
			return policy, nil
		}
		r, err := rules.DeskRules(ctx)
		if err == nil {
			var fresh admission.Policy
			if fresh, err = r.Policy(); err == nil {
				policy, until = fresh, now().Add(rulesLife)
				return policy, nil
			}
		}
		if until.IsZero() {
			return admission.Policy{}, err
		}
		return policy, nil
	}
}

// SetRules replaces the operators' rules; r.Rev is the revision that they were
// made from. It returns Invalid, with the reason, for rules that make no sense,
// and Conflict if somebody else has changed them since.
func (d *Desk) SetRules(ctx context.Context, r DeskRules) (DeskRules, error) {
	if _, err := r.Policy(); err != nil {
		return DeskRules{}, err
	}
	r.Rev++
	return r, d.Store.Commit(ctx, Step{Changes: []Change{SetDeskRules{Rules: r}}})
}
