package upkeep

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// An EmergencyClosure is the result of closing the desk at once.
type EmergencyClosure struct {
	Closure hours.Closure
	Opens   time.Time // when the desk opens again; zero if not within a year
	Ended   int       // conversations that waited and were ended, and whose citizens were told
	Left    int       // conversations that an error kept waiting: the sweep ends them
}

// CloseDesk closes the desk from now on until the given instant; if that is zero, until the
// end of the day in Italy. It ends the conversations that wait, and tells their citizens at
// once, with the reason. Running conversations go on, and both sides are told of the closing.
// The new closure becomes the first of the rules, so that its reason is the one that is shown.
// The access log of DeskLog says who has closed the desk.
//
// CloseDesk returns code.Invalid, with the fault, for a reason that cannot be shown or an end
// that is over. After another error the desk may be closed: calling CloseDesk again does no
// harm.
//
// Functions use the older rules for up to desk.Heard. The sweep ends the conversations that
// they let in until then, and Watch goes on for as long.
func (d *Service) CloseDesk(ctx context.Context, who conversation.Caller, reason string, until time.Time) (EmergencyClosure, error) {
	reason, err := desk.NewReason(reason)
	if err != nil {
		return EmergencyClosure{}, err
	}
	now := d.Time()
	if until.IsZero() {
		y, m, day := now.In(hours.Rome()).Date()
		until = time.Date(y, m, day+1, 0, 0, 0, 0, hours.Rome())
	}
	closure, calendar, err := d.addClosure(ctx, who, hours.Closure{From: now, Until: until.UTC(), Reason: reason})
	if err != nil {
		return EmergencyClosure{}, err
	}
	c := EmergencyClosure{Closure: closure}
	why := desk.AtClosing(calendar, now)
	c.Opens = why.Opens
	c.Ended, c.Left, err = d.endWaiting(ctx, why, desk.Closing{At: closure.From, Until: closure.From.Add(d.Times.Grace), Reason: c.Closure.Reason})
	return c, err
}

// closureLife is for how long a closure that is over stays among the rules, so that an
// operator can look it up.
const closureLife = 30 * 24 * time.Hour

// addClosure puts a closure before the closures of the stored rules, and drops the closures
// that are over for longer than closureLife. It tries again if the rules are changed
// meanwhile. It returns the closure and the calendar that follows. If a closure with the same
// reason and end is in force, it adds none and returns that one.
func (d *Service) addClosure(ctx context.Context, who conversation.Caller, c hours.Closure) (hours.Closure, hours.Calendar, error) {
	for {
		rules, err := d.Store.DeskRules(ctx)
		if err != nil {
			return c, hours.Calendar{}, err
		}
		if i := slices.IndexFunc(rules.Closures, func(old hours.Closure) bool {
			return old.Reason == c.Reason && old.Until.Equal(c.Until) && !old.From.After(c.From) && c.From.Before(old.Until)
		}); i >= 0 {
			policy, err := rules.Policy()
			return rules.Closures[i], policy.Calendar, err
		}
		over := func(old hours.Closure) bool { return c.From.Sub(old.Until) > closureLife }
		rules.Closures = append([]hours.Closure{c}, slices.DeleteFunc(rules.Closures, over)...)
		set, err := d.SetRulesWith(ctx, rules, d.Access(who, store.DeskLog, store.ClosesDesk, c.Reason))
		if errors.Is(err, code.Conflict) { // changed since it was read
			continue
		}
		if err != nil {
			return c, hours.Calendar{}, err
		}
		policy, err := set.Policy()
		return c, policy.Calendar, err
	}
}

// OpenDesk ends the closures that are in force, so that the desk keeps its usual hours from
// now on. It returns the closures that it ended, which may be none, and the status of the desk
// that follows. The access log of DeskLog says who has opened the desk. Functions learn of it
// within ten seconds. OpenDesk returns no code of its own.
func (d *Service) OpenDesk(ctx context.Context, who conversation.Caller) (ended []hours.Closure, s hours.Status, err error) {
	for {
		rules, err := d.Store.DeskRules(ctx)
		if err != nil {
			return nil, s, err
		}
		now := d.Time()
		var left []hours.Closure
		ended = nil
		for _, c := range rules.Closures {
			if !c.From.After(now) && now.Before(c.Until) {
				c.Until = now
				ended = append(ended, c)
			}
			if c.From.Before(c.Until) { // a closure that began at this instant never was in force
				left = append(left, c)
			}
		}
		if len(ended) > 0 {
			rules.Closures = left
			rules, err = d.SetRulesWith(ctx, rules, d.Access(who, store.DeskLog, store.OpensDesk, ended[0].Reason))
			if errors.Is(err, code.Conflict) { // changed since it was read
				continue
			}
			if err != nil {
				return nil, s, err
			}
		}
		policy, err := rules.Policy()
		if err != nil {
			return ended, s, err
		}
		return ended, policy.Calendar.At(now), nil
	}
}

// endWaiting ends the conversations that wait, and tells the advisors and the other citizens
// of the closing. It goes on if one conversation fails. It returns how many it has ended and
// how many have failed.
func (d *Service) endWaiting(ctx context.Context, why conversation.Expire, c desk.Closing) (ended, left int, err error) {
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
		_ = desk.Each(d.Parallel, len(page), func(i int) error {
			a, err := d.endWait(ctx, page[i].Conversation, why, c.At)
			switch {
			case err != nil:
				failed.Add(1)
				d.Log.WarnContext(ctx, "cannot end a conversation that waits", "conversation", page[i].Conversation, "err", err)
			case a.Append:
				done.Add(1)
			case a.Before.State.Open():
				d.PushCitizen(ctx, a.Before, c)
			}
			return nil
		})
		if from = next; from == "" {
			return int(done.Load()), int(failed.Load()), nil
		}
	}
}

// endWait ends a conversation, if it waits.
func (d *Service) endWait(ctx context.Context, id queue.ConversationID, why conversation.Expire, closed time.Time) (desk.Applied, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil || tail.State.Status != conversation.Queued {
		return desk.Applied{Before: tail}, err
	}
	return d.NotServed(ctx, tail, why, closed)
}
