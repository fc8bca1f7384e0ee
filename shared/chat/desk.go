package chat

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

// Cases finds what people ask about.
type Cases interface {
	// Refs returns the cases of the person, or of the company that the person
	// acts for.
	Refs(ctx context.Context, who identity.Identity) ([]cases.Ref, error)
}

// Times are the desk's time limits. docs/design.md, "Queue".
type Times struct {
	Offer        time.Duration // to answer an offer
	Handling     time.Duration // a usual conversation, for estimates
	CitizenLease time.Duration // without any sign a citizen is away after that
	AdvisorLease time.Duration // and an advisor lost, if the client answers pings
	SlowLease    time.Duration // or if it does not: then a hidden page may lose two heartbeats
	Silence      time.Duration // after so long without a frame the sweep pings a client
	KeepPlace    time.Duration // a place in the queue without a connection: a phone may be in a pocket for that long
	Sign         time.Duration // for so long after a sign of his own a citizen who waits is not asked whether he is there
	Answer       time.Duration // to answer that
	AwayLimit    time.Duration // for a citizen who was away when the advisor accepted, to come
	IdleLimit    time.Duration // for a citizen to answer an advisor who asks for it, and to come back after the advisor's last words
	Notice       time.Duration // before closing time everybody is told
	Grace        time.Duration // after closing time those who were admitted are still served
	Settle       time.Duration // for those who find each other, before the sweep calls somebody forgotten
	Pass         time.Duration // to open a socket with a pass
	CitizenPace  Pace          // of messages
	AdvisorPace  Pace          // of messages, in each conversation
	JoinPace     Pace          // of tickets for the queue, of one person
}

// DefaultTimes are the limits of the service.
var DefaultTimes = Times{
	Offer:        20 * time.Second,
	Handling:     8 * time.Minute,
	CitizenLease: 75 * time.Second,
	AdvisorLease: 48 * time.Second,
	SlowLease:    185 * time.Second,
	Silence:      28 * time.Second,
	KeepPlace:    time.Hour,
	Sign:         5 * time.Minute,
	Answer:       time.Minute,
	AwayLimit:    5 * time.Minute,
	IdleLimit:    15 * time.Minute,
	Notice:       10 * time.Minute,
	Grace:        15 * time.Minute,
	Settle:       2 * time.Second,
	Pass:         30 * time.Second,
	CitizenPace:  Pace{Burst: 5, Every: 3 * time.Second},
	AdvisorPace:  Pace{Burst: 5, Every: 500 * time.Millisecond},
	JoinPace:     Pace{Burst: 20, Every: 30 * time.Second},
}

// Heartbeat is how often a client sends a ping. A page that has been hidden for five
// minutes can do so once a minute only (Chrome's intensive throttling of timers), but
// answers at once when it is pinged: ADR 0030.
const Heartbeat = 25 * time.Second

// A Desk is where citizens and advisors meet: the use cases.
type Desk struct {
	Store  Store
	Push   Pusher
	Cases  Cases
	Relay  Relay                                               // nil where nothing is sent on
	Linea  LineaINPS                                           // for Forward
	Policy func(ctx context.Context) (admission.Policy, error) // the rules in force
	Times  Times
	Shards func(ctx context.Context) (int, error) // of each topic's queue; nil for one
	// Parallel is how many conversations are given to advisors at the same time by
	// one caller; 0 is 1.
	Parallel int
	Now      func() time.Time
	NewID    func() string // 128 random bits
	Log      *slog.Logger

	joins joins
	lists lists
}

// serves reports whether conversations are given to advisors at t: while the desk
// is open, and for the grace after its closing time to those who were admitted
// before. A closure gives no grace: it is there to stop everything.
func (d *Desk) serves(c hours.Calendar, t time.Time) bool {
	s := c.Is(t)
	return s.Open || s.Reason == hours.OutsideHours && c.Is(t.Add(-d.Times.Grace)).Open
}

func (d *Desk) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// applied is what became of a command.
type applied struct {
	before Entry // the last entry that the decision was made on
	entry  Entry // the new one; zero if there is none
	Verdict
}

// last returns the last entry known afterwards.
func (a applied) last() Entry {
	if a.Append {
		return a.entry
	}
	return a.before
}

// apply reads the tail of the conversation, decides act and stores the result;
// it announces what it stored.
func (d *Desk) apply(ctx context.Context, id ConversationID, by Actor, act Act) (applied, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return applied{}, err
	}
	return d.applyAt(ctx, tail, by, act)
}

// applyAt is apply for a caller who has read the tail. Losing the race for the
// next number is no failure: the winner is the new tail.
func (d *Desk) applyAt(ctx context.Context, tail Entry, by Actor, act Act) (applied, error) {
	return d.applyWith(ctx, tail, by, act)
}

// applyWith is applyAt with changes that commit in the same step, if there is an entry.
func (d *Desk) applyWith(ctx context.Context, tail Entry, by Actor, act Act, also ...Change) (applied, error) {
	for {
		next, v := Decide(tail, Command{At: d.now(), By: by, Act: act})
		if v.After > 0 {
			return applied{before: tail, Verdict: v}, &code.TooFast{After: v.After}
		}
		if v.Err != "" {
			return applied{before: tail, Verdict: v}, v.Err
		}
		if !v.Append {
			return applied{before: tail, Verdict: v}, nil
		}
		step := StepFor(tail, next)
		step.Changes = append(step.Changes, also...)
		err := d.Store.Commit(ctx, step)
		var lost *Lost
		if errors.As(err, &lost) && !reflect.DeepEqual(lost.Entry, next) {
			tail = lost.Entry
			continue
		}
		if err != nil && lost == nil {
			return applied{before: tail}, err
		}
		a := applied{before: tail, entry: next, Verdict: v}
		d.announce(ctx, a)
		if by.Side == identity.SideCitizen && a.entry.State.atFront() && !tail.State.atFront() {
			d.dispatch(ctx, a.entry.State.Topic, Entry{}) // the citizen is back, and next
		}
		return a, nil
	}
}

var system = Actor{Side: identity.SideSystem}

// announce tells both sides of a new entry, except the one that made it.
func (d *Desk) announce(ctx context.Context, a applied) {
	e := a.entry
	was, is := a.before.State, e.State
	if e.By != identity.SideCitizen {
		d.pushCitizen(ctx, e, Happened{Entry: e})
	}
	advisor := is.Advisor
	if advisor.ID == "" {
		advisor = was.Advisor // it was just taken from him
	}
	if e.By != identity.SideAdvisor {
		d.pushAdvisor(ctx, advisor, d.offer(ctx, a))
		if e.Reason == OfferMissed {
			d.tellDuty(ctx, advisor, OfferMissed)
		}
	}
	if old := was.Citizen; old.Connection != "" && is.Citizen.Connection != "" && old.Connection != is.Citizen.Connection {
		d.shut(ctx, Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: old.ID}}, []Connection{{ID: old.Connection, Epoch: old.Epoch}}, TakenOver{})
	}
}

// offer is what the advisor is told of a new entry: with what was asked, where it
// is at hand and the access log has a line for it.
func (d *Desk) offer(ctx context.Context, a applied) Happened {
	h := Happened{Entry: a.entry}
	if a.entry.Kind == KindAssigned && a.before.Seq == 1 {
		err := d.record(ctx, Caller{Identity: identity.Identity{ID: a.entry.State.Advisor.ID}}, a.entry.Conversation, ReadConversation, WhyOffered)
		if err == nil {
			h.First = &a.before
		} else {
			d.Log.WarnContext(ctx, "cannot note an access", "conversation", a.entry.Conversation, "err", err)
		}
	}
	return h
}

// connecting is for how long a gateway may know nothing of a new connection: until its
// $connect has returned, which has 29 seconds.
const connecting = 30 * time.Second

// pushAdvisor pushes to an advisor. A connection that is gone is given nothing any
// more: its $disconnect may never come. What was just offered over it goes to somebody
// else at once. One that has just been made may not be known yet: its hello will come.
func (d *Desk) pushAdvisor(ctx context.Context, p Party, ev Event) {
	err := d.push(ctx, identity.SideAdvisor, p, ev)
	if !errors.Is(err, code.NotFound) || d.now().Sub(time.UnixMilli(p.Epoch)) < connecting {
		return
	}
	if err := d.signOut(ctx, identity.StaffID(p.ID), p.Epoch); err != nil {
		d.Log.WarnContext(ctx, "cannot note a connection that is gone", "connection", p.Connection, "err", err)
		return
	}
	offer, ok := ev.(Happened)
	if !ok || offer.Entry.Kind != KindAssigned {
		return
	}
	a, err := d.applyAt(ctx, offer.Entry, system, Requeue{Reason: AdvisorLost, Advisor: identity.StaffID(p.ID), Epoch: p.Epoch})
	if err != nil {
		d.Log.WarnContext(ctx, "cannot take back what was offered", "conversation", offer.Entry.Conversation, "err", err)
		return
	}
	d.slotFreed(ctx, a)
}

// tellDuty tells an advisor what the service has made of the presence, and why.
func (d *Desk) tellDuty(ctx context.Context, p Party, why Reason) {
	me, err := d.Store.Advisor(ctx, identity.StaffID(p.ID))
	if err != nil {
		d.Log.WarnContext(ctx, "cannot tell an advisor of the presence", "advisor", p.ID, "err", err)
		return
	}
	d.pushAdvisor(ctx, p, DutyChanged{Advisor: me, Why: why})
}

// pushCitizen pushes to the citizen of e's conversation, and notes a connection
// that is gone: its $disconnect may never come. Should it be there after all, its
// next frame shows it.
func (d *Desk) pushCitizen(ctx context.Context, e Entry, ev Event) {
	p := e.State.Citizen
	if err := d.push(ctx, identity.SideCitizen, p, ev); !errors.Is(err, code.NotFound) {
		return
	}
	if _, err := d.applyAt(ctx, e, system, Away{Connection: p.Connection, Reason: Unreachable}); err != nil {
		d.Log.WarnContext(ctx, "cannot note a connection that is gone", "conversation", e.Conversation, "err", err)
	}
}

// Gateways refuse a post to a connection whose $connect has just returned.
const (
	fresh      = 2 * time.Second
	freshRetry = 150 * time.Millisecond
)

// push sends ev to p's connection, if it has one. A failed push is no failure
// of what was stored: the client asks for what it misses.
func (d *Desk) push(ctx context.Context, side identity.Side, p Party, ev Event) error {
	if p.Connection == "" {
		return nil
	}
	err := d.Push.Push(ctx, p.Connection, side, ev)
	if errors.Is(err, code.NotFound) && d.now().UnixMilli()-p.Epoch < fresh.Milliseconds() {
		if ended := sleep(ctx, freshRetry); ended != nil {
			return ended
		}
		err = d.Push.Push(ctx, p.Connection, side, ev)
	}
	if err != nil && !errors.Is(err, code.NotFound) {
		d.Log.WarnContext(ctx, "cannot push", "connection", p.Connection, "err", err)
	}
	return err
}
