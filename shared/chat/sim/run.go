package sim

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/store"
)

// A Report says what came of a run.
type Report struct {
	Seed       uint64
	Steps      int
	Hash       uint64 // of the trace: the same seed has the same
	Violations []Violation
	Trace      []string // if it was kept
	Messages   int      // acknowledged
	Ended      int      // conversations
	Escalated  int
}

// policy is that of every run; reading it once is most of a short one.
var policy = sync.OnceValues(func() (admission.Policy, error) { return store.DeskRules{}.Policy() })

// Run has a run. It must be called in a bubble of testing/synctest.
func Run(c Config) (Report, error) {
	rules, err := policy()
	if err != nil {
		return Report{}, err
	}
	w := newWorld(c, rules)
	defer w.stop()
	w.settle()
	w.load(rules)
	w.heal(rules)
	w.finish(rules)
	w.retain()
	return Report{
		Seed: c.Seed, Steps: w.steps, Hash: w.hash, Violations: w.broken, Trace: w.trace,
		Messages: len(w.ledger.messages), Ended: len(w.ledger.owners), Escalated: len(w.office.order),
	}, nil
}

// checks is how often what is stored is looked at under load.
const checks = 4

// load is the phase in which everything goes wrong.
func (w *world) load(rules admission.Policy) {
	w.planOutage()
	cutAt := w.rng.IntN(4 * w.config.Steps) // in every fourth run
	for n := 1; n <= checks; n++ {
		for w.steps < w.config.Steps*n/checks && len(w.broken) == 0 {
			if w.chance(0.01) {
				w.office.work()
			}
			if w.steps >= cutAt {
				w.cutAll()
				cutAt = math.MaxInt // once
			}
			if w.steps >= w.closure.atStep {
				w.closeDesk()
				w.closure.atStep = math.MaxInt
			}
			w.step()
		}
		w.checkStored(w.conversations(), rules)
	}
}

// pass lets things happen for some time.
func (w *world) pass(d time.Duration) {
	for end := w.now().Add(d); w.now().Before(end) && len(w.broken) == 0; {
		w.step()
		w.watch()
	}
}

// heal stops the faults and brings everybody back. Within five minutes nobody
// waits while somebody is free, and everybody sees what is stored.
func (w *world) heal(rules admission.Policy) {
	w.note("the faults stop")
	w.healed, w.faults, w.outage = true, 0, outage{}
	for _, p := range w.everybody() {
		if !p.frozen.IsZero() {
			p.frozen, p.hidden = w.now(), time.Time{}
			p.think(0)
		}
	}
	for _, a := range w.advisors {
		a.capacity, a.duty = max(a.capacity, 2), false
		if !a.busy {
			a.think(0)
		}
	}
	for _, c := range w.citizens {
		if !c.busy && c.talk != nil {
			c.hailed = false
			c.think(0)
		}
	}
	w.pass(80 * time.Second)
	w.kept = w.now()
	for _, a := range w.advisors { // some work in another tab, with what they have
		if len(a.order) > 0 && w.rng.IntN(2) == 0 {
			a.hide(w.between(70*time.Second, 150*time.Second))
			if !a.busy {
				a.think(0)
			}
		}
	}
	w.pass(160 * time.Second)
	w.watching = true
	w.fair = w.now()
	w.pass(time.Minute)
	w.checkStored(w.conversations(), rules)
}

// finish has the advisors end what they have and the office answer, until nothing
// is open any more.
func (w *world) finish(rules admission.Policy) {
	w.closing = true
	for _, p := range w.everybody() {
		p.hidden = time.Time{}
	}
	for range 30 {
		w.office.settle()
		w.pass(time.Minute)
		if w.over() || len(w.broken) > 0 {
			break
		}
	}
	if !w.over() && len(w.broken) == 0 {
		w.violate("I-8", "something is still open half an hour after the faults have stopped: %s", w.open())
	}
	w.office.settle()
	for range 20 {
		w.pass(time.Minute)
		if w.answered() {
			break
		}
	}
	all := w.conversations()
	w.checkStored(all, rules)
	w.checkClients(all)
	w.checkFair(all)
	w.checkSlips(all)
	for _, entries := range all {
		w.checkSilence(entries)
		w.checkKept(entries)
	}
	w.checkHistory(all)
	if len(w.broken) == 0 {
		w.checkEscalations(all)
	}
}

// answered reports whether the end of every escalation is known.
func (w *world) answered() bool {
	for _, e := range w.tails() {
		if e.State.Escalation != "" && !e.State.Progress.Final {
			return false
		}
	}
	return true
}

func (w *world) over() bool { return w.open() == "" }

// open names a conversation that has not ended.
func (w *world) open() string {
	for _, e := range w.tails() {
		if s := e.State; s.Status != conversation.StatusEnded {
			return fmt.Sprint(e.Conversation, " is ", s.Status, " ", s.Advisor.ID)
		}
	}
	return ""
}

// retain is weeks later: the sweep forgets what has ended, retention deletes it.
func (w *world) retain() {
	if len(w.broken) > 0 {
		return
	}
	w.note("weeks later")
	w.offset += 31 * 24 * time.Hour
	ctx := context.Background()
	if _, err := w.chat.Upkeep.Sweep(ctx); err != nil {
		w.violate("I-12", "the sweep fails: %v", err)
	}
	if w.config.Seed%8 == 2 {
		w.retainWithFaults()
	} else if _, err := w.chat.Upkeep.Retain(ctx, w.now().Add(-24*time.Hour)); err != nil {
		w.violate("I-12", "retention fails: %v", err)
	}
	w.checkErased()
}

// retainWithFaults gives the command until it says that all is done.
func (w *world) retainWithFaults() {
	w.faults = 0.02
	defer func() { w.faults = 0 }()
	for range 100 {
		over, done := false, false
		w.invoke("retain", func(ctx context.Context) (string, error) {
			_, err := w.chat.Upkeep.Retain(ctx, w.now().Add(-24*time.Hour))
			return "", err
		}, func(r result) { over, done = true, r.err == nil && !r.died })
		for !over {
			w.step()
		}
		if done {
			return
		}
	}
	w.violate("I-12", "retention fails a hundred times")
}
