package chat_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/table/memory"
)

// opening is a Monday at 15:00 in Italy.
var opening = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

// A world is a desk with a store, a clock that only tests move, and clients of
// which it keeps what they were told.
type world struct {
	*upkeep.Service
	t     *testing.T
	store *counting

	mu    sync.Mutex
	now   time.Time
	ids   int
	told  map[conversation.ConnectionID][]desk.Event
	gone  map[conversation.ConnectionID]bool
	epoch int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	tab := memory.New()
	s := store.New(tab)
	w := &world{t: t, store: &counting{Store: s}, now: opening, told: map[conversation.ConnectionID][]desk.Event{}, gone: map[conversation.ConnectionID]bool{}}
	w.Service = chat.New(chat.Config{
		Store: w.store, Push: pusher{w}, Cases: w, Policy: desk.CacheRules(s, w.clock).Policy, Now: w.clock, NewID: w.newID,
	}).Upkeep
	w.Times.Settle = 0
	w.Times.CitizenPace, w.Times.AdvisorPace = conversation.Pace{}, conversation.Pace{} // TestWhoWritesTooFastIsToldWhenToTryAgain
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprint("id", w.ids)
}

// A pusher keeps what clients are told.
type pusher struct{ *world }

// Push implements desk.Pusher.
func (w pusher) Push(_ context.Context, to conversation.ConnectionID, _ identity.Side, e desk.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone[to] {
		return code.NotFound
	}
	w.told[to] = append(w.told[to], e)
	return nil
}

// Close implements desk.Pusher.
func (w pusher) Close(_ context.Context, to conversation.ConnectionID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone[to] = true
	return nil
}

// Refs implements desk.Cases: everybody has two.
func (w *world) Refs(_ context.Context, who identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: cases.ID(who.ID + ".case"), Office: "RM-EUR"}, {ID: cases.ID(who.ID + ".other"), Office: "NA"}}, nil
}

// kinds returns the kinds of the entries that a connection was told of.
func (w *world) kinds(c conversation.Connection) []conversation.Kind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []conversation.Kind
	for _, e := range w.told[c.ID] {
		if h, ok := e.(desk.Happened); ok {
			kinds = append(kinds, h.Entry.Kind)
		}
	}
	return kinds
}

// another returns the desk of another function over the same store.
func (w *world) another() *upkeep.Service {
	return chat.New(chat.Config{
		Store: w.store, Push: w.Push, Cases: w.Cases, Policy: w.Policy, Times: w.Times, Now: w.Now, NewID: w.NewID, Log: w.Log,
	}).Upkeep
}

// connection makes a new, newest connection.
func (w *world) connection() conversation.Connection {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch++
	return conversation.Connection{ID: conversation.ConnectionID(fmt.Sprintf("conn%d=", w.epoch)), Epoch: w.now.UnixMilli() + w.epoch - 10_000}
}

func worker(id string) conversation.Caller {
	return conversation.Caller{
		Identity: identity.Identity{
			Side:     identity.SideCitizen,
			ID:       id,
			Name:     "Persona " + id,
			Login:    identity.Login{Scheme: identity.SPID, Level: 2},
			Audience: identity.Worker,
			Role:     identity.RoleWorker,
			Province: "RM",
		},
	}
}

func advisor(id string) conversation.Caller {
	return conversation.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: id, Name: "Advisor " + id}}
}

// a client is somebody over a connection.
type client struct {
	who  conversation.Caller
	conn conversation.Connection
}

func (w *world) citizen(id string) client { return client{worker(id), w.connection()} }

// onDuty signs an advisor in, available.
func (w *world) onDuty(id string, capacity int) client {
	w.t.Helper()
	c := client{advisor(id), w.connection()}
	w.must(w.Connected(w.t.Context(), c.who.Over(c.conn), ""))
	_, err := w.SetPresence(w.t.Context(), c.who.Over(c.conn), conversation.Available, capacity)
	w.must(err)
	return c
}

// join takes a ticket for c and returns the conversation.
func (w *world) join(c client) queue.ConversationID {
	w.t.Helper()
	j, err := w.Join(w.t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase, Question: "a che punto è?", Cases: []cases.ID{cases.ID(c.who.ID + ".case")}})
	w.must(err)
	if !j.Decision.Admitted() {
		w.t.Fatalf("not admitted: %+v", j.Decision)
	}
	return j.View.Last.Conversation
}

// talking brings c to an advisor who has accepted.
func (w *world) talking(c, a client) queue.ConversationID {
	w.t.Helper()
	id := w.join(c)
	_, err := w.Accept(w.t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	return id
}

func (w *world) say(c client, id queue.ConversationID, number int, text string) (desk.Acknowledged, error) {
	return w.Send(w.t.Context(), c.who.Over(c.conn), id, conversation.Send{Number: number, Text: conversation.Text(text)})
}

func (w *world) tail(id queue.ConversationID) conversation.Entry {
	w.t.Helper()
	e, err := w.store.Store.Tail(w.t.Context(), id)
	w.must(err)
	return e
}

func (w *world) sweep() upkeep.Swept {
	w.t.Helper()
	s, err := w.Sweep(w.t.Context())
	w.must(err)
	return s
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// counting counts the calls of a store.
type counting struct {
	store.Store
	mu                     sync.Mutex
	tails, reads, lines    int
	entries, changes, took int
	calls                  int

	// With n > 0, the n-th commit from now on fails, and all after it.
	failAfter int

	// What happens in the moment before a call, once.
	beforeSlot, beforeAllLive, beforeTake, beforeAdvisors func()
	beforeEntry                                           map[conversation.Kind]func()
}

// once runs *f if there is one, and forgets it.
func once(f *func()) {
	if run := *f; run != nil {
		*f = nil
		run()
	}
}

func (c *counting) AllLive(ctx context.Context, from string) ([]store.Live, string, error) {
	once(&c.beforeAllLive)
	return c.Store.AllLive(ctx, from)
}

func (c *counting) add(n *int, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n += by
}

func (c *counting) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tails, c.reads, c.lines, c.entries, c.changes, c.took = 0, 0, 0, 0, 0, 0
	c.calls = 0
}

func (c *counting) Tail(ctx context.Context, id queue.ConversationID) (conversation.Entry, error) {
	c.add(&c.tails, 1)
	return c.Store.Tail(ctx, id)
}

func (c *counting) Read(ctx context.Context, id queue.ConversationID, seq, limit int) ([]conversation.Entry, error) {
	c.add(&c.reads, 1)
	return c.Store.Read(ctx, id, seq, limit)
}

func (c *counting) Line(ctx context.Context, t queue.Topic, shards int) (queue.Line, error) {
	c.add(&c.lines, 1)
	return c.Store.Line(ctx, t, shards)
}

func (c *counting) Live(ctx context.Context, p queue.HolderID) (store.Live, error) {
	c.add(&c.reads, 1)
	return c.Store.Live(ctx, p)
}

func (c *counting) Advisor(ctx context.Context, id identity.StaffID) (conversation.Advisor, error) {
	c.add(&c.reads, 1)
	return c.Store.Advisor(ctx, id)
}

func (c *counting) Advisors(ctx context.Context) ([]conversation.Advisor, error) {
	c.add(&c.reads, 1)
	once(&c.beforeAdvisors)
	return c.Store.Advisors(ctx)
}

func (c *counting) Take(ctx context.Context, t queue.Topic, shard int) (queue.Ticket, int, error) {
	c.add(&c.took, 1)
	once(&c.beforeTake)
	return c.Store.Take(ctx, t, shard)
}

func (c *counting) Call(ctx context.Context, t queue.Topic, shard, from, n int) (int, error) {
	c.add(&c.calls, 1)
	return c.Store.Call(ctx, t, shard, from, n)
}

func (c *counting) Commit(ctx context.Context, s store.Step) error {
	if c.failAfter > 0 {
		if c.failAfter--; c.failAfter == 0 {
			c.failAfter = 1 // and from then on
			return code.Internal
		}
	}
	if s.Entry != nil {
		c.add(&c.entries, 1)
		if before := c.beforeEntry[s.Entry.Kind]; before != nil {
			delete(c.beforeEntry, s.Entry.Kind)
			before()
		}
	}
	c.add(&c.changes, len(s.Changes))
	for _, change := range s.Changes {
		if _, ok := change.(store.TakeSlot); ok {
			once(&c.beforeSlot)
		}
	}
	return c.Store.Commit(ctx, s)
}
