package desk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// rulesLife is for how long a function uses rules that it has read.
const rulesLife = 10 * time.Second

// rulesPause is how long a function waits before it tries again to read rules that it could
// not read. The pause doubles with each attempt, up to rulesPauseMax. rulesTime is how long an
// attempt may take while older rules are in force.
const (
	rulesPause    = time.Second
	rulesPauseMax = time.Minute
	rulesTime     = 2 * time.Second
)

// A RulesCache has the rules in force. It reads them again every ten seconds. If they cannot
// be read, or make no sense, it goes on with the last ones and tries less and less often. The
// log says so once, with the reason, and once more when they are read again. While one caller
// reads, the other callers get the last rules at once.
type RulesCache struct {
	Log *slog.Logger

	rules store.Rules
	now   func() time.Time

	mu      sync.Mutex
	policy  admission.Policy
	shards  int
	known   bool          // policy and shards are rules that were read
	due     time.Time     // when to read again
	pause   time.Duration // since the last failed attempt; 0 if the last attempt succeeded
	reading bool
}

// CacheRules returns a cache of the rules, which has not read them yet.
func CacheRules(rules store.Rules, now func() time.Time) *RulesCache {
	return &RulesCache{rules: rules, now: now, Log: slog.New(slog.DiscardHandler)}
}

// Policy returns the policy in force. It fails only while no rules were ever read. Its error
// has no code if the rules make no sense.
func (c *RulesCache) Policy(ctx context.Context) (admission.Policy, error) {
	policy, _, err := c.read(ctx)
	return policy, err
}

// Shards returns how many shards each queue has. It fails as Policy does.
func (c *RulesCache) Shards(ctx context.Context) (int, error) {
	_, shards, err := c.read(ctx)
	return shards, err
}

func (c *RulesCache) read(ctx context.Context) (admission.Policy, int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && (c.reading || c.now().Before(c.due)) {
		return c.policy, c.shards, nil
	}
	if !c.known { // without rules nothing can be answered: all callers wait
		err := c.take(ctx, c.fetch(ctx))
		return c.policy, c.shards, err
	}
	c.reading = true
	c.mu.Unlock()
	limited, cancel := context.WithTimeout(ctx, rulesTime)
	fresh := c.fetch(limited)
	cancel()
	c.mu.Lock()
	c.reading = false
	_ = c.take(ctx, fresh) // logged; the last rules stay
	return c.policy, c.shards, nil
}

// fetched is the result of an attempt to read the rules.
type fetched struct {
	policy admission.Policy
	shards int
	err    error
}

func (c *RulesCache) fetch(ctx context.Context) fetched {
	r, err := c.rules.DeskRules(ctx)
	if err != nil {
		return fetched{err: err}
	}
	policy, err := r.Policy()
	if err != nil { // without its code: the caller's request is not invalid
		return fetched{err: fmt.Errorf("the rules that are stored make no sense: %v", err)} //nolint:errorlint // as said
	}
	return fetched{policy: policy, shards: max(1, r.Shards)}
}

// take puts the rules that were read in force, or notes that they could not be read.
func (c *RulesCache) take(ctx context.Context, f fetched) error {
	if f.err == nil {
		if c.pause > 0 {
			c.Log.InfoContext(ctx, "rules are read again")
		}
		c.policy, c.shards, c.known, c.pause, c.due = f.policy, f.shards, true, 0, c.now().Add(rulesLife)
		return nil
	}
	if c.pause == 0 {
		c.Log.ErrorContext(ctx, "rules cannot be read", "err", f.err)
	}
	c.pause = min(max(2*c.pause, rulesPause), rulesPauseMax)
	c.due = c.now().Add(c.pause)
	return f.err
}

// SetRules replaces the operators' rules. r.Rev is the revision that r was made from. SetRules
// returns code.Invalid, with the reason, for rules that make no sense, and code.Conflict if
// the rules have changed since that revision.
func (d *Desk) SetRules(ctx context.Context, r store.DeskRules) (store.DeskRules, error) {
	return d.SetRulesWith(ctx, r)
}

// SetRulesWith is SetRules with other changes that commit in the same step. A change whose
// condition is not met is a Conflict, too.
func (d *Desk) SetRulesWith(ctx context.Context, r store.DeskRules, also ...store.Change) (store.DeskRules, error) {
	r.Closures = slices.Clone(r.Closures)
	for i, c := range r.Closures {
		reason, err := NewReason(c.Reason)
		if err != nil {
			return store.DeskRules{}, err
		}
		r.Closures[i].Reason = reason
	}
	if _, err := r.Policy(); err != nil {
		return store.DeskRules{}, err
	}
	was, err := d.Store.DeskRules(ctx)
	if err != nil {
		return store.DeskRules{}, err
	}
	if least := max(1, was.Shards); max(1, r.Shards) < least || r.Shards > store.MaxShards {
		return store.DeskRules{}, fmt.Errorf("shards: %d is not among %d to %d, and they cannot become fewer: %w", r.Shards, least, store.MaxShards, code.Invalid)
	}
	r.Rev++
	return r, d.Store.Commit(ctx, store.Step{Changes: append([]store.Change{store.SetDeskRules{Rules: r}}, also...)})
}
