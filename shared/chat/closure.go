package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"infocig/shared/hours"
)

// MaxReason is how many code points the reason of an emergency closure may have:
// people read it within a sentence.
const MaxReason = 200

// An EmergencyClosure is what closing the desk at once has done.
type EmergencyClosure struct {
	Closure hours.Closure
	Opens   time.Time // when the desk opens again; zero if not within a year
	Ended   int       // conversations that waited, and whose citizens were told
	Left    int       // those that an error kept waiting: the sweep ends them
}

// CloseDesk closes the desk from now on until then, where that is zero until the
// end of the day in Italy, and ends the conversations that wait: their citizens
// are told at once, and why. Running ones go on, and both sides are told. The closure
// is the first of the rules, so that its reason is the one that is given.
//
// It returns Invalid, with what is wrong, for a reason that cannot be shown or an
// end that is over. After another error the desk may be closed: calling it again
// does no harm.
//
// A function goes on with older rules for a while: whom it lets in until then
// the sweep ends, which looks on for as long (Watch).
func (d *Desk) CloseDesk(ctx context.Context, reason string, until time.Time) (EmergencyClosure, error) {
	if _, err := NewText(reason); err != nil || strings.ContainsAny(reason, "\n\t") || utf8.RuneCountInString(reason) > MaxReason {
		return EmergencyClosure{}, fmt.Errorf("reason: want one line of at most %d characters: %w", MaxReason, Invalid)
	}
	now := d.now()
	if until.IsZero() {
		y, m, day := now.In(hours.Rome()).Date()
		until = time.Date(y, m, day+1, 0, 0, 0, 0, hours.Rome())
	}
	c := EmergencyClosure{Closure: hours.Closure{From: now, Until: until.UTC(), Reason: strings.TrimSpace(reason)}}
	calendar, err := d.addClosure(ctx, c.Closure)
	if err != nil {
		return EmergencyClosure{}, err
	}
	why := deskClosed(calendar, now)
	c.Opens = why.Opens
	c.Ended, c.Left, err = d.endWaiting(ctx, why, Closing{At: now, Until: now.Add(d.Times.Grace), Reason: c.Closure.Reason})
	return c, err
}

// addClosure puts a closure before those of the rules as they are stored,
// whoever else changes them, and returns the calendar that follows.
func (d *Desk) addClosure(ctx context.Context, c hours.Closure) (hours.Calendar, error) {
	for {
		rules, err := d.Store.DeskRules(ctx)
		if err != nil {
			return hours.Calendar{}, err
		}
		rules.Closures = append([]hours.Closure{c}, rules.Closures...)
		set, err := d.SetRules(ctx, rules)
		if errors.Is(err, Conflict) { // changed since it was read
			continue
		}
		if err != nil {
			return hours.Calendar{}, err
		}
		policy, err := set.Policy()
		return policy.Calendar, err
	}
}

// endWaiting ends the conversations that wait, and tells the others and the advisors
// of the closing. It goes on where one fails.
func (d *Desk) endWaiting(ctx context.Context, why Expire, c Closing) (ended, left int, err error) {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range advisors {
		d.tellAdvisor(ctx, a, c)
	}
	var done, failed atomic.Int64
	for from := ""; ; {
		page, next, err := d.Store.AllLive(ctx, from)
		if err != nil {
			return int(done.Load()), int(failed.Load()), err
		}
		_ = each(d.Parallel, len(page), func(i int) error {
			a, err := d.apply(ctx, page[i].Conversation, system, why)
			switch {
			case err != nil:
				failed.Add(1)
				d.Log.WarnContext(ctx, "cannot end a conversation that waits", "conversation", page[i].Conversation, "err", err)
			case a.Append:
				done.Add(1)
			case a.before.State.Open():
				d.pushCitizen(ctx, a.before, c)
			}
			return nil
		})
		if from = next; from == "" {
			return int(done.Load()), int(failed.Load()), nil
		}
	}
}

// heard is how long after a closure no function goes by older rules any more, with
// the time that one takes for what it has begun.
const heard = 2 * rulesLife

// deskClosed is how a conversation ends that waits while c has the desk closed.
func deskClosed(c hours.Calendar, t time.Time) Expire {
	s := c.At(t)
	e := Expire{Reason: DeskClosed, Opens: s.Opens.UTC()}
	if s.Reason == hours.OnClosure {
		e.Words = Text(s.Name)
	}
	return e
}
