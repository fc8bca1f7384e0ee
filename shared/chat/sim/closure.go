package sim

import (
	"context"
	"errors"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

// An operator closes the desk at once, in every fifth run: until the end of the day,
// or for a while. Each process hears of it within ten seconds.

// A closure is what comes of that.
type closure struct {
	hours.Closure
	atStep int
	until  time.Time                // as the operator says it; zero for the end of the day
	known  time.Time                // since when it is stored; zero if it is not
	hears  [processes]time.Duration // after that
	policy admission.Policy         // with it
}

const (
	processes     = 3
	closureReason = "guasto degli impianti"

	// By older rules than those that are stored go: who has begun before a process
	// has heard, and a sweep for the minute that it stays.
	rulesLife = 10 * time.Second
	heardOf   = rulesLife + functionTime
	sweepKnow = rulesLife + sweepTime
)

// planClosure says when the operator closes the desk, and for how long.
func (w *world) planClosure() {
	w.closure.atStep = w.rng.IntN(w.config.Steps)
	if w.rng.IntN(2) == 0 {
		w.closure.until = w.now().Add(w.between(2*time.Minute, 5*time.Minute))
	}
	for i := range w.closure.hears {
		w.closure.hears[i] = w.between(0, rulesLife)
	}
}

// closeDesk is the operator, who says it again until it is done or in vain.
func (w *world) closeDesk() {
	var did upkeep.EmergencyClosure
	w.invoke("close the desk", func(ctx context.Context) (_ string, err error) {
		did, err = w.chat.Upkeep.CloseDesk(ctx, conversation.Caller{Identity: identity.Identity{ID: "operator"}}, closureReason, w.closure.until)
		return "", err
	}, func(r result) {
		switch {
		case errors.Is(r.err, code.Invalid): // over already
		case r.err != nil || r.died:
			w.after(5*time.Second, w.closeDesk)
		case did.Left == 0:
			w.checkToldAtOnce()
		}
	})
}

// closed takes note of the rules that were stored.
func (w *world) closed(r store.DeskRules) {
	if !w.closure.known.IsZero() { // said again
		return
	}
	policy, err := r.Policy()
	if err != nil {
		panic(err) // was looked through
	}
	w.closure.Closure, w.closure.known, w.closure.policy = r.Closures[0], w.now(), policy
}

// rulesOf returns the rules that a process goes by.
func (w *world) rulesOf(ctx context.Context, usual admission.Policy) admission.Policy {
	c := &w.closure
	if c.known.IsZero() {
		return usual
	}
	if inv, ok := ctx.Value(invocationKey{}).(*invocation); ok && w.now().Before(c.known.Add(c.hears[inv.id%processes])) {
		return usual
	}
	return c.policy
}

// may reports whether f holds with rules by which somebody may go at t, to whom a
// closure is news for that long.
func (w *world) may(t time.Time, late time.Duration, usual admission.Policy, f func(admission.Policy) bool) bool {
	c := &w.closure
	if c.known.IsZero() {
		return f(usual)
	}
	return t.Before(c.known.Add(late)) && f(usual) || !t.Before(c.From) && f(c.policy)
}

// shut reports whether the operator has closed the desk, and everybody knows it.
func (w *world) shut(t time.Time) bool {
	c := &w.closure
	return !c.known.IsZero() && t.After(c.known.Add(sweepKnow)) && t.Before(c.Until)
}

// admits reports whether people are let in at t, or get a number for the opening.
func admits(t time.Time) func(admission.Policy) bool {
	return func(p admission.Policy) bool {
		_, early := p.OpensSoon(t)
		return early || p.Calendar.Is(t).Open
	}
}

// serves reports whether conversations are given to advisors at t, or were when it
// was begun.
func serves(t time.Time) func(admission.Policy) bool {
	return func(p admission.Policy) bool {
		at := func(t time.Time) bool {
			is := p.Calendar.Is(t)
			return is.Open || is.Reason == hours.OutsideHours && p.Calendar.Is(t.Add(-desk.DefaultTimes.Grace)).Open
		}
		return at(t) || at(t.Add(-functionTime)) || at(t.Add(2*drift))
	}
}

// sendsAway reports whether those who wait at t do so in vain.
func sendsAway(t time.Time) func(admission.Policy) bool {
	return func(p admission.Policy) bool {
		if p.Calendar.Is(t).Reason == hours.OnClosure || p.Calendar.Is(t.Add(-functionTime)).Reason == hours.OnClosure {
			return true
		}
		_, early := p.OpensSoon(t)
		return !early && !p.Calendar.Is(t.Add(-desk.DefaultTimes.Grace)).Open
	}
}

// checkToldAtOnce: the operator's command ends every wait that it has found.
func (w *world) checkToldAtOnce() {
	for _, e := range w.tails() {
		if e.State.Status == conversation.Queued && e.At.Before(w.closure.From.Add(-functionTime)) {
			w.violate("I-17", "the desk was closed at %s, and %s waits as before", w.closure.From, e.Conversation)
		}
	}
}
