package desk

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
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
	Offer        time.Duration     // to answer an offer
	Handling     time.Duration     // a usual conversation, for estimates
	CitizenLease time.Duration     // without any sign a citizen is away after that
	AdvisorLease time.Duration     // and an advisor lost, if the client answers pings
	SlowLease    time.Duration     // or if it does not: then a hidden page may lose two heartbeats
	Silence      time.Duration     // after so long without a frame the sweep pings a client
	KeepPlace    time.Duration     // a place in the queue without a connection: a phone may be in a pocket for that long
	Sign         time.Duration     // for so long after a sign of his own a citizen who waits is not asked whether he is there
	Answer       time.Duration     // to answer that
	AwayLimit    time.Duration     // for a citizen who was away when the advisor accepted, to come
	IdleLimit    time.Duration     // for a citizen to answer an advisor who asks for it, and to come back after the advisor's last words
	Notice       time.Duration     // before closing time everybody is told
	Grace        time.Duration     // after closing time those who were admitted are still served
	Settle       time.Duration     // how long a citizen waits beside a free advisor before the sweep reports it: shorter ones are being assigned
	Pass         time.Duration     // to open a socket with a pass
	CitizenPace  conversation.Pace // of messages
	AdvisorPace  conversation.Pace // of messages, in each conversation
	JoinPace     conversation.Pace // of tickets for the queue, of one person
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
	CitizenPace:  conversation.Pace{Burst: 5, Every: 3 * time.Second},
	AdvisorPace:  conversation.Pace{Burst: 5, Every: 500 * time.Millisecond},
	JoinPace:     conversation.Pace{Burst: 20, Every: 30 * time.Second},
}

// Heartbeat is how often a client sends a ping. A page that has been hidden for five
// minutes can do so once a minute only (Chrome's intensive throttling of timers), but
// answers at once when it is pinged: ADR 0030.
const Heartbeat = 25 * time.Second

// A Desk is where citizens and advisors meet: the use cases.
type Desk struct {
	Store  store.Store
	Push   Pusher
	Cases  Cases
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
}

// serves reports whether conversations are given to advisors at t: while the desk
// is open, and for the grace after its closing time to those who were admitted
// before. A closure gives no grace: it is there to stop everything.
func (d *Desk) serves(c hours.Calendar, t time.Time) bool {
	s := c.Is(t)
	return s.Open || s.Reason == hours.OutsideHours && c.Is(t.Add(-d.Times.Grace)).Open
}

// Time returns the desk's time, UTC and to the millisecond, as it is stored.
func (d *Desk) Time() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// Applied is what became of a command.
type Applied struct {
	Before conversation.Entry // the last entry that the decision was made on
	Entry  conversation.Entry // the new one; zero if there is none
	conversation.Verdict
}

// Last returns the last entry known afterwards.
func (a Applied) Last() conversation.Entry {
	if a.Append {
		return a.Entry
	}
	return a.Before
}

// Apply reads the tail of the conversation, decides act and stores the result;
// it announces what it stored.
func (d *Desk) Apply(ctx context.Context, id queue.ConversationID, by conversation.Actor, act conversation.Act) (Applied, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Applied{}, err
	}
	return d.ApplyAt(ctx, tail, by, act)
}

// ApplyAt is apply for a caller who has read the tail. Losing the race for the
// next number is no failure: the winner is the new tail.
func (d *Desk) ApplyAt(ctx context.Context, tail conversation.Entry, by conversation.Actor, act conversation.Act) (Applied, error) {
	return d.applyWith(ctx, tail, by, act)
}

// applyWith is applyAt with changes that commit in the same step, if there is an entry.
func (d *Desk) applyWith(ctx context.Context, tail conversation.Entry, by conversation.Actor, act conversation.Act, also ...store.Change) (Applied, error) {
	for {
		next, v := conversation.Decide(tail, conversation.Command{At: d.Time(), By: by, Act: act})
		if v.After > 0 {
			return Applied{Before: tail, Verdict: v}, &code.TooFast{After: v.After}
		}
		if v.Err != "" {
			return Applied{Before: tail, Verdict: v}, v.Err
		}
		if !v.Append {
			return Applied{Before: tail, Verdict: v}, nil
		}
		step := store.StepFor(tail, next)
		step.Changes = append(step.Changes, also...)
		err := d.Store.Commit(ctx, step)
		var lost *store.Lost
		if errors.As(err, &lost) && !reflect.DeepEqual(lost.Entry, next) {
			tail = lost.Entry
			continue
		}
		if err != nil && lost == nil {
			return Applied{Before: tail}, err
		}
		a := Applied{Before: tail, Entry: next, Verdict: v}
		d.announce(ctx, a)
		if by.Side == identity.SideCitizen && a.Entry.State.AtFront() && !tail.State.AtFront() {
			d.Dispatch(ctx, a.Entry.State.Topic, conversation.Entry{}) // the citizen is back, and next
		}
		return a, nil
	}
}

// System is who acts where nobody does.
var System = conversation.Actor{Side: identity.SideSystem}

// announce tells both sides of a new entry, except the one that made it.
func (d *Desk) announce(ctx context.Context, a Applied) {
	e := a.Entry
	was, is := a.Before.State, e.State
	if e.By != identity.SideCitizen {
		d.PushCitizen(ctx, e, Happened{Entry: e})
	}
	advisor := is.Advisor
	if advisor.ID == "" {
		advisor = was.Advisor // it was just taken from him
	}
	if e.By != identity.SideAdvisor {
		d.PushAdvisor(ctx, advisor, d.offer(ctx, a))
		if e.Reason == conversation.OfferMissed {
			d.tellDuty(ctx, advisor, conversation.OfferMissed)
		}
	}
	if old := was.Citizen; old.Connection != "" && is.Citizen.Connection != "" && old.Connection != is.Citizen.Connection {
		d.shut(ctx, conversation.Caller{Identity: identity.Identity{Side: identity.SideCitizen, ID: old.ID}}, []conversation.Connection{{ID: old.Connection, Epoch: old.Epoch}}, TakenOver{})
	}
}

// offer is what the advisor is told of a new entry: with what was asked, where it
// is at hand and the access log has a line for it.
func (d *Desk) offer(ctx context.Context, a Applied) Happened {
	h := Happened{Entry: a.Entry}
	if a.Entry.Kind == conversation.KindAssigned && a.Before.Seq == 1 {
		err := d.Record(ctx, conversation.Caller{Identity: identity.Identity{ID: a.Entry.State.Advisor.ID}}, a.Entry.Conversation, store.ReadConversation, store.WhyOffered)
		if err == nil {
			h.First = &a.Before
		} else {
			d.Log.WarnContext(ctx, "cannot note an access", "conversation", a.Entry.Conversation, "err", err)
		}
	}
	return h
}

// connecting is for how long a gateway may know nothing of a new connection: until its
// $connect has returned, which has 29 seconds.
const connecting = 30 * time.Second

// PushAdvisor pushes to an advisor. A connection that is gone is given nothing any
// more: its $disconnect may never come. What was just offered over it goes to somebody
// else at once. One that has just been made may not be known yet: its hello will come.
func (d *Desk) PushAdvisor(ctx context.Context, p conversation.Party, ev Event) {
	err := d.PushTo(ctx, identity.SideAdvisor, p, ev)
	if !errors.Is(err, code.NotFound) || d.Time().Sub(time.UnixMilli(p.Epoch)) < connecting {
		return
	}
	if err := d.signOut(ctx, identity.StaffID(p.ID), p.Epoch); err != nil {
		d.Log.WarnContext(ctx, "cannot note a connection that is gone", "connection", p.Connection, "err", err)
		return
	}
	offer, ok := ev.(Happened)
	if !ok || offer.Entry.Kind != conversation.KindAssigned {
		return
	}
	a, err := d.ApplyAt(ctx, offer.Entry, System, conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: identity.StaffID(p.ID), Epoch: p.Epoch})
	if err != nil {
		d.Log.WarnContext(ctx, "cannot take back what was offered", "conversation", offer.Entry.Conversation, "err", err)
		return
	}
	d.SlotFreed(ctx, a)
}

// tellDuty tells an advisor what the service has made of the presence, and why.
func (d *Desk) tellDuty(ctx context.Context, p conversation.Party, why conversation.Reason) {
	me, err := d.Store.Advisor(ctx, identity.StaffID(p.ID))
	if err != nil {
		d.Log.WarnContext(ctx, "cannot tell an advisor of the presence", "advisor", p.ID, "err", err)
		return
	}
	d.PushAdvisor(ctx, p, DutyChanged{Advisor: me, Why: why})
}

// PushCitizen pushes to the citizen of e's conversation, and notes a connection
// that is gone: its $disconnect may never come. Should it be there after all, its
// next frame shows it.
func (d *Desk) PushCitizen(ctx context.Context, e conversation.Entry, ev Event) {
	p := e.State.Citizen
	if err := d.PushTo(ctx, identity.SideCitizen, p, ev); !errors.Is(err, code.NotFound) {
		return
	}
	if _, err := d.ApplyAt(ctx, e, System, conversation.Away{Connection: p.Connection, Reason: conversation.Unreachable}); err != nil {
		d.Log.WarnContext(ctx, "cannot note a connection that is gone", "conversation", e.Conversation, "err", err)
	}
}

// Gateways refuse a post to a connection whose $connect has just returned.
const (
	fresh      = 2 * time.Second
	freshRetry = 150 * time.Millisecond
)

// PushTo sends ev to p's connection, if it has one. A failed push is no failure
// of what was stored: the client asks for what it misses.
func (d *Desk) PushTo(ctx context.Context, side identity.Side, p conversation.Party, ev Event) error {
	if p.Connection == "" {
		return nil
	}
	err := d.Push.Push(ctx, p.Connection, side, ev)
	if errors.Is(err, code.NotFound) && d.Time().UnixMilli()-p.Epoch < fresh.Milliseconds() {
		if ended := Sleep(ctx, freshRetry); ended != nil {
			return ended
		}
		err = d.Push.Push(ctx, p.Connection, side, ev)
	}
	if err != nil && !errors.Is(err, code.NotFound) {
		d.Log.WarnContext(ctx, "cannot push", "connection", p.Connection, "err", err)
	}
	return err
}
