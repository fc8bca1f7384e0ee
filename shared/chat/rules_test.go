package chat_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// faultyRules answers as it is told, and counts.
type faultyRules struct {
	err   error
	rules store.DeskRules
	asked int
	wait  chan struct{} // if set, an answer comes when it is closed, or the context ends
}

func (f *faultyRules) DeskRules(ctx context.Context) (store.DeskRules, error) {
	f.asked++
	if f.wait != nil {
		select {
		case <-f.wait:
		case <-ctx.Done():
			return store.DeskRules{}, ctx.Err()
		}
	}
	return f.rules, f.err
}

func TestRulesThatCannotBeReadAreLoggedOnceAndAskedForMoreRarely(t *testing.T) {
	for name, test := range map[string]struct {
		fail func(*faultyRules)
		say  string
	}{
		"unreadable": {func(f *faultyRules) { f.err = errors.New("the table is gone") }, "the table is gone"},
		"invalid":    {func(f *faultyRules) { f.rules.Closures = []hours.Closure{{}} }, "make no sense"},
	} {
		var log bytes.Buffer
		at, f := opening, &faultyRules{}
		c := desk.CacheRules(f, func() time.Time { return at })
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		good, err := c.Policy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test.fail(f)
		f.asked = 0
		for range 600 { // ten minutes
			at = at.Add(time.Second)
			if p, err := c.Policy(t.Context()); err != nil || len(p.Plan.Phases) != len(good.Plan.Phases) {
				t.Fatalf("%s: the last rules are not in force: %v", name, err)
			}
		}
		if f.asked > 20 {
			t.Errorf("%s: asked %d times in ten minutes", name, f.asked)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), test.say) {
			t.Errorf("%s: logged %d times: %s", name, n, log.String())
		}
		f.err, f.rules = nil, store.DeskRules{Shards: 3}
		at = at.Add(time.Minute)
		if n, err := c.Shards(t.Context()); n != 3 || err != nil || !strings.Contains(log.String(), "rules are read again") {
			t.Errorf("%s: afterwards: %d, %v, %s", name, n, err, log.String())
		}
	}
}

func TestRulesThatWereNeverReadAreAskedForEachTime(t *testing.T) {
	f := &faultyRules{err: errors.New("down")}
	c := desk.CacheRules(f, func() time.Time { return opening })
	for range 3 {
		if _, err := c.Policy(t.Context()); err == nil {
			t.Fatal("a policy of nothing")
		}
	}
	f.err = nil
	if _, err := c.Policy(t.Context()); err != nil || f.asked != 4 {
		t.Errorf("%v after %d attempts", err, f.asked)
	}
}

// TestRulesOfNoSenseAreNoFaultOfTheCaller checks that a caller is not told that the request is
// invalid if the rules are.
func TestRulesOfNoSenseAreNoFaultOfTheCaller(t *testing.T) {
	f := &faultyRules{rules: store.DeskRules{Closures: []hours.Closure{{}}}}
	_, err := desk.CacheRules(f, func() time.Time { return opening }).Policy(t.Context())
	if _, known := errors.AsType[code.Code](err); err == nil || known {
		t.Errorf("got %v, want an error without a code", err)
	}
}

// TestWhoeverReadsTheRulesHoldsUpNobodyElse: a table that hangs costs one caller two
// seconds, not all of them.
func TestWhoeverReadsTheRulesHoldsUpNobodyElse(t *testing.T) {
	at, f := opening, &faultyRules{}
	c := desk.CacheRules(f, func() time.Time { return at })
	if _, err := c.Policy(t.Context()); err != nil {
		t.Fatal(err)
	}
	at, f.wait = at.Add(time.Hour), make(chan struct{})
	begin, first := time.Now(), make(chan time.Duration)
	go func() {
		_, _ = c.Policy(t.Context())
		first <- time.Since(begin)
	}()
	time.Sleep(50 * time.Millisecond)
	if _, err := c.Policy(t.Context()); err != nil || time.Since(begin) > time.Second {
		t.Errorf("another caller: %v after %s", err, time.Since(begin))
	}
	if took := <-first; took > 4*time.Second {
		t.Errorf("the caller who reads waits %s", took)
	}
}
