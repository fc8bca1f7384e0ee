package store

import (
	"context"
	"encoding/json"
	"errors"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/rollout"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// DeskRules are the rules that operators change without a release. Requirement R-11.
type DeskRules struct {
	Rev      int             `json:"rev"` // 0 if the rules were never changed
	Closures []hours.Closure `json:"closures"`
	Phases   []rollout.Phase `json:"phases"` // nil for the built-in phases
	// Shards is how many counters the queue of each topic has. 0 means 1, which gives exact
	// positions and takes some hundred joins a second. The number never shrinks, because a
	// ticket that waits and a conversation that retention deletes are found by their shard.
	// ADR 0024.
	Shards int `json:"shards"`
}

// MaxShards is how many counters a queue has at most. The next ticket is looked for in all of
// them.
const MaxShards = 16

// Rules reads the operators' rules.
type Rules interface {
	// DeskRules returns the present rules, and the zero value if none were stored.
	DeskRules(ctx context.Context) (DeskRules, error)
}

// Policy returns the policy that follows from the built-in plan and r. If r is at fault the
// error is an Invalid that says what is wrong with r.
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
			return admission.Policy{}, errors.Join(code.Invalid, err)
		}
	}
	h := plan.OpeningHours
	calendar, err := hours.New(h.Days, h.Opens, h.Closes, true, r.Closures...)
	if err != nil {
		return admission.Policy{}, errors.Join(code.Invalid, err)
	}
	return admission.Policy{Calendar: calendar, Plan: plan}, nil
}
