package sim

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json/v1"

	"infocig/shared/aws/sqs"
	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/socket"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/table/memory"
)

// A Config says what to run.
type Config struct {
	Seed     uint64
	Steps    int     // effects under load, with faults
	Citizens int     // 0: as the seed says
	Advisors int     // 0: as the seed says
	Faults   float64 // how often an effect goes wrong
	Keep     bool    // the trace
}

// opening is when most runs begin: a Monday at 15:00 in Italy. Some begin shortly
// before it, when tickets are taken already, and some shortly before the desk closes.
var (
	opening  = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	nearOpen = -2 * time.Minute

	lastClosing = opening.Add(-3 * 24 * time.Hour).Add(3 * time.Hour) // on Friday
	nearClose   = 3*time.Hour - 3*time.Minute
)

// A world is everything in a run.
type world struct {
	*scheduler
	config   Config
	chat     *chat.Chat
	desk     *desk.Desk  // of the chat
	store    store.Store // without points, for checks
	message  socket.Message
	connect  socket.Connect
	leave    socket.Disconnect
	consumer sqs.Consumer[conversation.EscalationID]

	authorize socket.Authorize
	passes    bool            // sockets are opened with tickets
	redeemed  map[string]bool // tickets

	citizens []*citizen
	advisors []*advisor
	sockets  map[conversation.ConnectionID]*wire
	wires    int
	office   *office
	queue    []parcel
	sweepAt  time.Time
	errands  []errand
	shards   int
	topics   []queue.Topic
	eager    int // of so many things that happen, one is something new
	healed   bool
	watching bool                               // that nobody waits while somebody is free
	suspect  time.Time                          // since when somebody does
	vain     map[queue.ConversationID]time.Time // since when it waits while the desk is closed
	leaves   map[identity.StaffID]time.Time     // when an advisor logged out last
	looked   time.Time
	fair     time.Time // from when on the order of service is looked at
	kept     time.Time // from when on advisors keep what they have
	closing  bool      // advisors take nothing new and end what they have
	offset   time.Duration
	closure  closure
	outage   outage

	ledger  ledger
	history history
	broken  []Violation
}

// A wire is an open socket: what the gateway knows.
type wire struct {
	id     conversation.ConnectionID
	at     time.Time
	who    conversation.Caller
	about  queue.ConversationID
	open   bool
	dead   bool // nothing comes through, and the gateway does not know
	closed time.Time
	client receiver
}

// A receiver gets the frames of a socket.
type receiver interface {
	receive(w *wire, f frame)
	dropped(w *wire)
}

// A parcel is a message in the queue.
type parcel struct {
	id    conversation.EscalationID
	at    time.Time
	tries int
}

// An errand is something to do at a time.
type errand struct {
	at time.Time
	do func()
}

func newWorld(c Config, policy admission.Policy) *world {
	tab := memory.New()
	w := &world{
		scheduler: newScheduler(c.Seed, c.Faults, c.Keep), config: c, store: store.New(tab),
		sockets: map[conversation.ConnectionID]*wire{},
		ledger:  ledger{joins: map[string][]queue.ConversationID{}, owners: map[queue.ConversationID]string{}},
	}
	w.later = w.after
	w.history.kept, w.passes, w.redeemed = c.Seed%4 == 0, c.Seed%4 == 1 && c.Seed%6 != 1, map[string]bool{}
	w.leaves = map[identity.StaffID]time.Time{}
	w.eager = 2 + w.rng.IntN(4)
	w.shards = []int{1, 1, 1, 2, 3}[w.rng.IntN(5)]
	w.topics = []queue.Topic{queue.WorkerCase}
	if c.Seed%6 == 1 {
		w.topics = append(w.topics, queue.EmployerCase)
	}
	w.office = &office{w: w, taken: map[conversation.EscalationID]*taken{}}
	log := slog.New(slog.DiscardHandler)
	w.chat = chat.New(chat.Config{
		Store: watched{store.Sequential(points{tab, w.scheduler, w.committed})}, Push: socket.Pusher{Poster: poster{w}}, Cases: oneCase{}, Relay: relay{w}, Linea: w.office,
		Policy: func(ctx context.Context) (admission.Policy, error) { return w.rulesOf(ctx, policy), nil },
		Shards: func(context.Context) (int, error) { return w.shards, nil }, Now: w.functionsNow, NewID: w.newID, Log: log,
	})
	w.desk = w.chat.Desk
	// Often enough to be seen, and a place is kept for longer than a page is frozen.
	w.desk.Times.Sign, w.desk.Times.Answer = w.between(10*time.Second, time.Minute), w.between(10*time.Second, time.Minute)
	w.desk.Times.IdleLimit, w.desk.Times.AwayLimit = w.between(30*time.Second, 2*time.Minute), w.between(30*time.Second, 2*time.Minute)
	w.desk.Times.KeepPlace = longestFreeze + 2*time.Minute
	w.message, w.connect, w.leave = socket.NewMessage(w.chat, log), socket.Connect{Desk: w.desk, Log: log}, socket.Disconnect{Desk: w.desk}
	w.authorize = socket.Authorize{Desk: w.desk, Origins: []string{origin}, Log: log}
	w.consumer = sqs.Consumer[conversation.EscalationID]{Kind: escalation.EscalationKind, Forward: w.chat.Escalations.Forward, Log: log}
	w.desk.Times.Handling = 30 * time.Second // so that people come in shortly before the desk closes
	switch w.rng.IntN(5) {
	case 0:
		w.offset = nearClose
	case 1:
		w.offset = nearOpen
	}
	w.sweepAt = w.now().Add(time.Minute)
	w.people()
	w.closure.atStep = math.MaxInt
	if c.Seed%5 == 3 {
		w.planClosure()
	}
	return w
}

// committed is told of each step of the desk that is stored.
func (w *world) committed(step store.Step) {
	if step.Entry != nil {
		w.checkAsked(*step.Entry)
	}
	for _, c := range step.Changes {
		switch c := c.(type) {
		case store.TakeSlot:
			w.checkSlot(c.Advisor)
		case store.SetDeskRules:
			w.closed(c.Rules)
		}
	}
}

// people makes the citizens and the advisors, who come one after the other.
func (w *world) people() {
	if w.config.Citizens == 0 {
		w.config.Citizens = 2 + w.rng.IntN(6)
	}
	if w.config.Advisors == 0 {
		w.config.Advisors = 1 + w.rng.IntN(3)
	}
	arrivals := 20 * time.Second
	if w.offset > 0 {
		arrivals = 5 * time.Minute // some after the desk has closed
	}
	for n := range w.config.Citizens {
		c := w.newCitizen(fmt.Sprint("c", n), "")
		c.mute = w.rng.IntN(8) == 0
		if c.slip = w.rng.IntN(4) == 0; c.slip {
			slip := store.Slip{Holder: c.who.Holder(), After: lastClosing}
			if err := w.store.Commit(context.Background(), store.Step{Changes: []store.Change{store.SetSlip{Slip: slip}}}); err != nil {
				panic(err) // nothing goes wrong outside of functions
			}
		}
		c.at = w.now().Add(w.between(0, arrivals))
	}
	if len(w.topics) > 1 { // a consultant with a page for each of two companies, who is also the first worker
		for _, company := range []identity.CompanyID{"A", "B"} {
			w.newCitizen("c0", company).at = w.now().Add(w.between(0, arrivals))
		}
	}
	late := time.Duration(0)
	if w.config.Seed%7 == 0 { // nobody serves for a while
		late = w.between(time.Minute, 4*time.Minute)
	}
	var skills []string
	for _, t := range w.topics {
		skills = append(skills, string(t))
	}
	for n := range w.config.Advisors {
		a := &advisor{person: person{w: w, name: fmt.Sprint("a", n)}, held: map[queue.ConversationID]*view{}}
		a.who = conversation.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: a.name, Name: "Operatore " + a.name, Skills: skills}}
		a.answers = w.rng.IntN(4) > 0
		if n == 0 && w.config.Advisors > 1 && w.config.Seed%5 == 3 {
			a.who.Person = ownPerson
		}
		a.capacity = 1 + w.rng.IntN(3)
		a.at = w.now().Add(late + w.between(0, 20*time.Second))
		w.advisors = append(w.advisors, a)
	}
}

// ownPerson is the citizen who in some runs is the first advisor, too.
const ownPerson identity.PersonID = "c1"

// newCitizen adds a citizen, as a worker or for a company.
func (w *world) newCitizen(id string, company identity.CompanyID) *citizen {
	c := &citizen{person: person{w: w, name: nameOf(id, company)}, topic: queue.WorkerCase}
	c.answers = w.rng.IntN(4) > 0
	c.who = conversation.Caller{
		Identity: identity.Identity{
			Side:     identity.SideCitizen,
			ID:       id,
			Name:     "Persona " + id,
			Audience: identity.Worker,
			Role:     identity.RoleWorker,
			Province: "RM",
			Login:    identity.Login{Scheme: identity.SPID, Level: 2},
		},
	}
	if company != "" {
		c.topic = queue.EmployerCase
		c.who.Audience, c.who.Role, c.who.Company, c.who.CompanyName = identity.Employer, identity.RoleOwner, company, "Ditta "+string(company)
	}
	w.citizens = append(w.citizens, c)
	return c
}

// nameOf is by what the simulator knows a citizen: the person in a context.
func nameOf(id string, company identity.CompanyID) string {
	if company == "" {
		return id
	}
	return id + "@" + string(company)
}

// owner is the citizen whose conversation it is.
func owner(s conversation.State) string { return nameOf(s.Citizen.ID, s.Company) }

func (w *world) now() time.Time { return opening.Add(time.Since(w.start) + w.offset).UTC() }

// drift is how far the clocks of functions are off at most: Amazon Time Sync keeps them
// within milliseconds.
const drift = 150 * time.Millisecond

// functionsNow is what a function's clock says: in some runs one that comes later may be
// behind one that came before. What is off depends on the instant alone, so that a run
// can be played again.
func (w *world) functionsNow() time.Time {
	now := w.now()
	if w.config.Seed%5 != 1 || w.healed {
		return now
	}
	off := rand.New(rand.NewPCG(w.config.Seed, uint64(now.UnixMilli()))).Int64N(int64(2 * drift)) //nolint:gosec // after 1970
	return now.Add(time.Duration(off) - drift)
}

func (w *world) between(a, b time.Duration) time.Duration {
	return a + time.Duration(w.rng.Int64N(int64(b-a)))
}

// chance reports true that often; never after the faults have stopped.
func (w *world) chance(p float64) bool { return !w.healed && w.rng.Float64() < p }

// after does something later.
func (w *world) after(d time.Duration, do func()) {
	w.errands = append(w.errands, errand{w.now().Add(d), do})
}

// cases are what people ask about.
type oneCase struct{}

func (oneCase) Refs(_ context.Context, who identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: cases.ID("case." + who.ID), Office: "RM"}}, nil
}

// step lets one thing happen, or time pass where nothing can. Afterwards
// everybody waits again.
func (w *world) step() {
	defer w.settle()
	ready := w.ready()
	switch {
	case len(w.waiting) > 0 && (len(ready) == 0 || w.rng.IntN(w.eager) > 0):
		w.release()
	case len(ready) > 0:
		ready[w.rng.IntN(len(ready))]()
	default:
		w.pause(w.idle())
	}
}

// ready returns what can happen now, other than those who wait at a point.
func (w *world) ready() []func() {
	now := w.now()
	var all []func()
	for _, c := range w.citizens {
		all = c.can(all, now, c.act)
	}
	for _, a := range w.advisors {
		all = a.can(all, now, a.act)
	}
	if !w.sweepAt.After(now) {
		all = append(all, w.sweep)
	}
	if i := slices.IndexFunc(w.errands, func(e errand) bool { return !e.at.After(now) }); i >= 0 {
		all = append(all, func() {
			e := w.errands[i]
			w.errands = slices.Delete(w.errands, i, i+1)
			e.do()
		})
	}
	if i := slices.IndexFunc(w.queue, func(p parcel) bool { return !p.at.After(now) }); i >= 0 {
		all = append(all, func() {
			p := w.queue[i]
			w.queue = slices.Delete(w.queue, i, i+1)
			w.forward(p)
		})
	}
	return all
}

// idle is how long nothing happens: until the next thing is due, unless a handler
// that sleeps wakes before.
func (w *world) idle() time.Duration {
	next := w.sweepAt
	for _, c := range w.citizens {
		next = c.due(next)
	}
	for _, a := range w.advisors {
		next = a.due(next)
	}
	for _, e := range w.errands {
		if e.at.Before(next) {
			next = e.at
		}
	}
	for _, p := range w.queue {
		if p.at.Before(next) {
			next = p.at
		}
	}
	return max(next.Sub(w.now()), time.Millisecond)
}

// sweep is the schedule: at least once a minute, but for what goes wrong.
func (w *world) sweep() {
	w.sweepAt = w.now().Add(time.Minute)
	times := 1
	switch {
	case w.chance(0.1):
		times = 0
		w.note("the sweep is missed")
	case w.chance(0.1):
		times = 2
	}
	for range times {
		w.invoke("sweep", func(ctx context.Context) (string, error) {
			_, err := w.chat.Upkeep.Watch(ctx, 6, w.chat.Upkeep.Sweep)
			return "", err
		}, func(result) {})
	}
}

// enqueue puts a message into the queue, or two, or none.
func (w *world) enqueue(id conversation.EscalationID) {
	times := 1
	switch {
	case w.chance(0.1):
		times = 0
	case w.chance(0.1):
		times = 2
	}
	for range times {
		w.queue = append(w.queue, parcel{id: id, at: w.now().Add(w.between(0, 3*time.Second))})
	}
}

// forward gives a message to the function behind the queue, and again if it fails.
func (w *world) forward(p parcel) {
	body, err := sqs.Body(escalation.EscalationKind, p.id)
	if err != nil {
		panic(err) // a name and nothing else
	}
	w.invoke("escalate "+string(p.id), func(ctx context.Context) (string, error) {
		r, err := w.consumer.Handle(ctx, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: body}}})
		if err == nil && len(r.BatchItemFailures) > 0 {
			err = code.Internal
		}
		return "", err
	}, func(r result) {
		if p.tries++; (r.err != nil || r.died) && p.tries < 5 {
			p.at = w.now().Add(90 * time.Second)
			w.queue = append(w.queue, p)
		}
	})
}

// dial opens a socket. The client gets it when $connect has returned; whether
// that could write is another matter.
func (w *world) dial(who conversation.Caller, client receiver, done func(*wire)) {
	w.wires++
	x := &wire{id: conversation.ConnectionID(fmt.Sprint("w", w.wires, "=")), at: w.now(), who: who, client: client}
	if w.passes {
		w.takePass(x, done)
		return
	}
	if who.Side == identity.SideCitizen { // the ticket knows the live conversation, or the slip
		live, err := w.store.Live(context.Background(), who.Holder())
		if err == nil {
			if live.Company == who.Company {
				x.about = live.Conversation
			}
		} else if slip, err := w.store.Slip(context.Background(), who.Holder()); err == nil {
			x.who.Slip = slip.After
		}
	}
	w.connected(x, done)
}

// connected is $connect, with a ticket that was redeemed.
func (w *world) connected(x *wire, done func(*wire)) {
	w.invoke(fmt.Sprint("connect ", x.who.ID, " ", x.id), func(ctx context.Context) (string, error) {
		_, err := w.connect.Handle(ctx, w.event(x, ""))
		return "", err
	}, func(r result) {
		if r.err != nil || r.died {
			done(nil)
			return
		}
		x.open = true
		w.sockets[x.id] = x
		done(x)
	})
}

// event is what API Gateway hands on.
func (w *world) event(x *wire, body string) events.APIGatewayWebsocketProxyRequest {
	identity, err := json.Marshal(x.who)
	if err != nil {
		panic(err) // has no field that cannot be
	}
	return events.APIGatewayWebsocketProxyRequest{Body: body, RequestContext: events.APIGatewayWebsocketProxyRequestContext{
		ConnectionID: string(x.id), ConnectedAt: x.at.UnixMilli(),
		Authorizer: map[string]any{"identity": string(identity), "conversation": string(x.about)},
	}}
}

// cut ends a socket. The service is told late, or never.
func (w *world) cut(x *wire) {
	if !x.open {
		return
	}
	x.open, x.closed = false, w.now()
	w.note("socket %s of %s is cut", x.id, x.who.ID)
	if w.chance(0.3) {
		return
	}
	w.after(w.between(0, 5*time.Second), func() {
		w.invoke(fmt.Sprint("disconnect ", x.who.ID, " ", x.id), func(ctx context.Context) (string, error) {
			_, err := w.leave.Handle(ctx, w.event(x, ""))
			return "", err
		}, func(result) {})
	})
}

// A poster is @connections.
type poster struct{ w *world }

func (p poster) Post(ctx context.Context, to string, raw []byte) error {
	_, err := effect(ctx, p.w.scheduler, true, "post "+to, func() (struct{}, error) {
		x := p.w.sockets[conversation.ConnectionID(to)]
		if x == nil || !x.open || p.w.chance(0.02) { // a 410 that is wrong is rare
			return struct{}{}, code.NotFound
		}
		times := 1
		switch {
		case p.w.chance(0.05):
			times = 0
		case p.w.chance(0.05):
			times = 2
		}
		for range times {
			if !x.dead {
				x.client.receive(x, decode(raw))
			}
		}
		return struct{}{}, nil
	})
	return err
}

func (p poster) Close(ctx context.Context, to string) error {
	_, err := effect(ctx, p.w.scheduler, true, "close "+to, func() (struct{}, error) { //nolint:contextcheck // the gateway's doing, not the caller's
		if x := p.w.sockets[conversation.ConnectionID(to)]; x != nil && x.open {
			p.w.cut(x)
			x.client.dropped(x)
		}
		return struct{}{}, nil
	})
	return err
}
