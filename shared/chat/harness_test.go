package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/table/bolt"
)

// opening is a Monday at 15:00 in Italy.
var opening = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

// A world is a desk with a store, a clock that only tests move, and clients of
// which it keeps what they were told.
type world struct {
	*chat.Desk
	t     *testing.T
	store *counting

	mu    sync.Mutex
	now   time.Time
	ids   int
	told  map[chat.ConnectionID][]chat.Event
	gone  map[chat.ConnectionID]bool
	epoch int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	tab, err := bolt.Memory()
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(tab)
	t.Cleanup(func() { _ = tab.Close() })
	w := &world{t: t, store: &counting{Store: s}, now: opening, told: map[chat.ConnectionID][]chat.Event{}, gone: map[chat.ConnectionID]bool{}}
	w.Desk = &chat.Desk{
		Store: w.store, Push: pusher{w}, Cases: w, Policy: chat.CacheRules(s, w.clock).Policy, Times: chat.DefaultTimes,
		Now: w.clock, NewID: w.newID, Log: slog.New(slog.DiscardHandler),
	}
	w.Times.Settle = 0
	w.Times.CitizenPace, w.Times.AdvisorPace = chat.Pace{}, chat.Pace{} // TestWhoWritesTooFastIsToldWhenToTryAgain
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

// Push implements chat.Pusher.
func (w pusher) Push(_ context.Context, to chat.ConnectionID, _ identity.Side, e chat.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone[to] {
		return code.NotFound
	}
	w.told[to] = append(w.told[to], e)
	return nil
}

// Close implements chat.Pusher.
func (w pusher) Close(_ context.Context, to chat.ConnectionID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone[to] = true
	return nil
}

// Refs implements chat.Cases: everybody has two.
func (w *world) Refs(_ context.Context, who identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: cases.ID(who.ID + ".case"), Office: "RM-EUR"}, {ID: cases.ID(who.ID + ".other"), Office: "NA"}}, nil
}

// kinds returns the kinds of the entries that a connection was told of.
func (w *world) kinds(c chat.Connection) []chat.Kind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []chat.Kind
	for _, e := range w.told[c.ID] {
		if h, ok := e.(chat.Happened); ok {
			kinds = append(kinds, h.Entry.Kind)
		}
	}
	return kinds
}

// another returns the desk of another function over the same store.
func (w *world) another() *chat.Desk {
	return &chat.Desk{
		Store: w.store, Push: w.Push, Cases: w.Cases, Policy: w.Policy, Times: w.Times, Now: w.Now, NewID: w.NewID, Log: w.Log,
	}
}

// connection makes a new, newest connection.
func (w *world) connection() chat.Connection {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch++
	return chat.Connection{ID: chat.ConnectionID(fmt.Sprintf("conn%d=", w.epoch)), Epoch: w.now.UnixMilli() + w.epoch - 10_000}
}

func worker(id string) chat.Caller {
	return chat.Caller{
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

func advisor(id string) chat.Caller {
	return chat.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: id, Name: "Advisor " + id}}
}

// a client is somebody over a connection.
type client struct {
	who  chat.Caller
	conn chat.Connection
}

func (w *world) citizen(id string) client { return client{worker(id), w.connection()} }

// onDuty signs an advisor in, available.
func (w *world) onDuty(id string, capacity int) client {
	w.t.Helper()
	c := client{advisor(id), w.connection()}
	w.must(w.Connected(w.t.Context(), c.who.Over(c.conn), ""))
	_, err := w.SetPresence(w.t.Context(), c.who.Over(c.conn), chat.Available, capacity)
	w.must(err)
	return c
}

// join takes a ticket for c and returns the conversation.
func (w *world) join(c client) chat.ConversationID {
	w.t.Helper()
	j, err := w.Join(w.t.Context(), c.who.Over(c.conn), chat.JoinRequest{Topic: chat.WorkerCase, Question: "a che punto è?", Cases: []cases.ID{cases.ID(c.who.ID + ".case")}})
	w.must(err)
	if !j.Decision.Admitted() {
		w.t.Fatalf("not admitted: %+v", j.Decision)
	}
	return j.View.Last.Conversation
}

// talking brings c to an advisor who has accepted.
func (w *world) talking(c, a client) chat.ConversationID {
	w.t.Helper()
	id := w.join(c)
	_, err := w.Accept(w.t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	return id
}

func (w *world) say(c client, id chat.ConversationID, number int, text string) (chat.Acknowledged, error) {
	return w.Send(w.t.Context(), c.who.Over(c.conn), id, chat.Send{Number: number, Text: chat.Text(text)})
}

func (w *world) tail(id chat.ConversationID) chat.Entry {
	w.t.Helper()
	e, err := w.store.Store.Tail(w.t.Context(), id)
	w.must(err)
	return e
}

func (w *world) sweep() chat.Swept {
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
	chat.Store
	mu                     sync.Mutex
	tails, reads, lines    int
	entries, changes, took int
	calls                  int

	// With n > 0, the n-th commit from now on fails, and all after it.
	failAfter int

	// What happens in the moment before a call, once.
	beforeSlot, beforeAllLive, beforeTake, beforeAdvisors func()
	beforeEntry                                           map[chat.Kind]func()
}

// once runs *f if there is one, and forgets it.
func once(f *func()) {
	if run := *f; run != nil {
		*f = nil
		run()
	}
}

func (c *counting) AllLive(ctx context.Context, from string) ([]chat.Live, string, error) {
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

func (c *counting) Tail(ctx context.Context, id chat.ConversationID) (chat.Entry, error) {
	c.add(&c.tails, 1)
	return c.Store.Tail(ctx, id)
}

func (c *counting) Read(ctx context.Context, id chat.ConversationID, seq, limit int) ([]chat.Entry, error) {
	c.add(&c.reads, 1)
	return c.Store.Read(ctx, id, seq, limit)
}

func (c *counting) Line(ctx context.Context, t chat.Topic, shards int) (chat.Line, error) {
	c.add(&c.lines, 1)
	return c.Store.Line(ctx, t, shards)
}

func (c *counting) Live(ctx context.Context, p chat.HolderID) (chat.Live, error) {
	c.add(&c.reads, 1)
	return c.Store.Live(ctx, p)
}

func (c *counting) Advisor(ctx context.Context, id identity.StaffID) (chat.Advisor, error) {
	c.add(&c.reads, 1)
	return c.Store.Advisor(ctx, id)
}

func (c *counting) Advisors(ctx context.Context) ([]chat.Advisor, error) {
	c.add(&c.reads, 1)
	once(&c.beforeAdvisors)
	return c.Store.Advisors(ctx)
}

func (c *counting) Take(ctx context.Context, t chat.Topic, shard int) (chat.Ticket, int, error) {
	c.add(&c.took, 1)
	once(&c.beforeTake)
	return c.Store.Take(ctx, t, shard)
}

func (c *counting) Call(ctx context.Context, t chat.Topic, shard, from, n int) (int, error) {
	c.add(&c.calls, 1)
	return c.Store.Call(ctx, t, shard, from, n)
}

func (c *counting) Commit(ctx context.Context, s chat.Step) error {
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
		if _, ok := change.(chat.TakeSlot); ok {
			once(&c.beforeSlot)
		}
	}
	return c.Store.Commit(ctx, s)
}
