package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	// Shards is how many counters the queue of each topic has; 0 is 1, which gives
	// exact positions and takes some hundred joins a second. It never shrinks: who
	// waits in a shard, and what retention deletes, is found by it. ADR 0024.
	Shards int `json:"shards"`
}

// MaxShards is how many counters a queue has at most: whoever is served next is
// looked for in all of them.
const MaxShards = 16

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

// A RulesCache has the rules in force. It reads them again every ten seconds; if
// they cannot be read it goes on with the last ones.
type RulesCache struct {
	rules Rules
	now   func() time.Time

	mu     sync.Mutex
	policy admission.Policy
	shards int
	until  time.Time
}

// CacheRules returns the rules in force, at first unread.
func CacheRules(rules Rules, now func() time.Time) *RulesCache {
	return &RulesCache{rules: rules, now: now}
}

// Policy returns the policy in force.
func (c *RulesCache) Policy(ctx context.Context) (admission.Policy, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.refresh(ctx)
	return c.policy, err
}

// Shards returns how many shards each queue has.
func (c *RulesCache) Shards(ctx context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.refresh(ctx)
	return c.shards, err
}

func (c *RulesCache) refresh(ctx context.Context) error {
	if c.now().Before(c.until) {
		return nil
	}
	r, err := c.rules.DeskRules(ctx)
	if err == nil {
		var fresh admission.Policy
		if fresh, err = r.Policy(); err == nil {
			c.policy, c.shards, c.until = fresh, max(1, r.Shards), c.now().Add(rulesLife)
			return nil
		}
	}
	if c.until.IsZero() {
		return err
	}
	return nil
}

// SetRules replaces the operators' rules; r.Rev is the revision that they were
// made from. It returns Invalid, with the reason, for rules that make no sense,
// and Conflict if somebody else has changed them since.
func (d *Desk) SetRules(ctx context.Context, r DeskRules) (DeskRules, error) {
	if _, err := r.Policy(); err != nil {
		return DeskRules{}, err
	}
	was, err := d.Store.DeskRules(ctx)
	if err != nil {
		return DeskRules{}, err
	}
	if least := max(1, was.Shards); max(1, r.Shards) < least || r.Shards > MaxShards {
		return DeskRules{}, fmt.Errorf("shards: %d is not among %d to %d, and they cannot become fewer: %w", r.Shards, least, MaxShards, Invalid)
	}
	r.Rev++
	return r, d.Store.Commit(ctx, Step{Changes: []Change{SetDeskRules{Rules: r}}})
}
