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

// Cases finds the cases that citizens ask about.
type Cases interface {
	// Refs returns the cases of the person, or of the company that the person acts for.
	Refs(ctx context.Context, who identity.Identity) ([]cases.Ref, error)
}

// Times are the desk's time limits. docs/design.md, "Queue".
type Times struct {
	Offer        time.Duration     // for an advisor to answer an offer
	Handling     time.Duration     // length of a usual conversation, for estimates
	CitizenLease time.Duration     // a citizen without any sign for longer is away
	AdvisorLease time.Duration     // an advisor without any sign for longer is lost, if the client answers pings
	SlowLease    time.Duration     // the same if the client does not answer pings: its hidden page may lose two heartbeats
	Silence      time.Duration     // a client without a frame for so long is pinged by the sweep
	KeepPlace    time.Duration     // a citizen without a connection keeps the place in the queue for so long: a phone may be in a pocket
	Sign         time.Duration     // a waiting citizen who gave a sign in person within that time is not asked "are you still there?"
	Answer       time.Duration     // for a citizen to answer "are you still there?"
	AwayLimit    time.Duration     // for a citizen to come who was away when the advisor accepted
	IdleLimit    time.Duration     // for a citizen to answer an advisor who asks for it, and to come back after the advisor's last words
	Notice       time.Duration     // all clients are told so long before closing time
	Grace        time.Duration     // citizens who were admitted are still served for so long after closing time
	Settle       time.Duration     // the sweep reports a citizen who waits for longer beside a free advisor: a shorter wait is an assignment under way
	Pass         time.Duration     // for a client to open a socket with a pass
	CitizenPace  conversation.Pace // of messages
	AdvisorPace  conversation.Pace // of messages, in each conversation
	JoinPace     conversation.Pace // of one person's tickets for the queue
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

// Heartbeat is how often a client sends a ping. A page that has been hidden for five minutes
// can do so only once a minute (Chrome's intensive throttling of timers), but it answers at
// once when it is pinged: ADR 0030.
const Heartbeat = 25 * time.Second

// A Desk has the use cases of citizens and advisors.
type Desk struct {
	Store  store.Store
	Push   Pusher
	Cases  Cases
	Policy func(ctx context.Context) (admission.Policy, error) // the rules in force
	Times  Times
	Shards func(ctx context.Context) (int, error) // how many shards each topic's queue has; nil means 1
	// Parallel is how many conversations one caller gives to advisors at the same time; 0
	// means 1.
	Parallel int
	Now      func() time.Time
	NewID    func() string // 128 random bits
	Log      *slog.Logger

	joins joins
}

// serves reports whether conversations are given to advisors at t. It is true while the desk
// is open, and within the grace after closing time, for the citizens who were admitted before.
// A closure gives no grace, because it stops everything.
func (d *Desk) serves(c hours.Calendar, t time.Time) bool {
	s := c.Is(t)
	return s.Open || s.Reason == hours.OutsideHours && c.Is(t.Add(-d.Times.Grace)).Open
}

// Time returns the present time in UTC, to the millisecond, as it is stored.
func (d *Desk) Time() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// Applied is the result of a command.
type Applied struct {
	Before conversation.Entry // the last entry that the decision was made on
	Entry  conversation.Entry // the new one; zero if there is none
	conversation.Verdict
}

// Last returns the last entry of the conversation that is known after the command.
func (a Applied) Last() conversation.Entry {
	if a.Append {
		return a.Entry
	}
	return a.Before
}

// Apply reads the tail of the conversation, decides act, stores the result, and announces what
// it stored. It returns code.NotFound if there is no such conversation, the code with which
// the act is refused, *code.TooFast for a message that comes too early, and a *store.Unmet (a
// Conflict) if the condition of a change is not met.
func (d *Desk) Apply(ctx context.Context, id queue.ConversationID, by conversation.Actor, act conversation.Act) (Applied, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return Applied{}, err
	}
	return d.ApplyAt(ctx, tail, by, act)
}

// ApplyAt is Apply for a caller who has read the tail. If another entry takes the next number
// first, ApplyAt decides again with that entry as the tail.
func (d *Desk) ApplyAt(ctx context.Context, tail conversation.Entry, by conversation.Actor, act conversation.Act) (Applied, error) {
	return d.applyWith(ctx, tail, by, act)
}

// applyWith is ApplyAt with changes that commit in the same step, if there is an entry to
// store.
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

// System is the actor of commands that neither a citizen nor an advisor sends.
var System = conversation.Actor{Side: identity.SideSystem}

// announce tells both sides of a new entry, except the side that made it. If the citizen's
// connection has changed, it closes the old one.
func (d *Desk) announce(ctx context.Context, a Applied) {
	e := a.Entry
	was, is := a.Before.State, e.State
	if e.By != identity.SideCitizen {
		d.PushCitizen(ctx, e, Happened{Entry: e})
	}
	advisor := is.Advisor
	if advisor.ID == "" {
		advisor = was.Advisor // it was just taken from this advisor
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

// offer returns what the advisor is told of a new entry. It adds the first entry to an offer
// if that is at hand and the access could be recorded.
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

// connecting is for how long a gateway may not know a new connection: until its $connect has
// returned, which may take 29 seconds.
const connecting = 30 * time.Second

// PushAdvisor pushes an event to an advisor. If the connection is gone, PushAdvisor signs it
// out, since its $disconnect may never come, and a conversation that was just offered over it
// goes to another advisor at once. A connection that has just been made may not be known to
// the gateway yet: it is left alone, and the client's hello asks for what it has missed.
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

// tellDuty tells an advisor of a change of presence that the service has made, and why.
func (d *Desk) tellDuty(ctx context.Context, p conversation.Party, why conversation.Reason) {
	me, err := d.Store.Advisor(ctx, identity.StaffID(p.ID))
	if err != nil {
		d.Log.WarnContext(ctx, "cannot tell an advisor of the presence", "advisor", p.ID, "err", err)
		return
	}
	d.PushAdvisor(ctx, p, DutyChanged{Advisor: me, Why: why})
}

// PushCitizen pushes an event to the citizen of e's conversation. If the connection is gone,
// PushCitizen records that the citizen is away, since its $disconnect may never come. If the
// citizen is there after all, the next frame shows it.
func (d *Desk) PushCitizen(ctx context.Context, e conversation.Entry, ev Event) {
	p := e.State.Citizen
	if err := d.PushTo(ctx, identity.SideCitizen, p, ev); !errors.Is(err, code.NotFound) {
		return
	}
	if _, err := d.ApplyAt(ctx, e, System, conversation.Away{Connection: p.Connection, Reason: conversation.Unreachable}); err != nil {
		d.Log.WarnContext(ctx, "cannot note a connection that is gone", "conversation", e.Conversation, "err", err)
	}
}

// Gateways may refuse a post to a connection whose $connect has just returned. So a push to a
// connection younger than fresh is tried once more after freshRetry.
const (
	fresh      = 2 * time.Second
	freshRetry = 150 * time.Millisecond
)

// PushTo pushes ev to p's connection, if there is one. It returns code.NotFound if the
// connection is gone, and code.Throttled if the connection takes nothing now. A failed push
// does not undo what was stored: the client asks for what it misses.
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
