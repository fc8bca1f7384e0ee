package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/table/memory"
)

// A world is a day while it goes by. The desk is the real one. What is left out:
// what people write, and the heartbeat, since all stay connected; see Report for
// what that would cost.
type world struct {
	day   Day
	chat  *chat.Chat
	desk  *desk.Desk // of the chat
	store *model
	start time.Time // of the bubble, when it is wake
	all   sync.WaitGroup

	mu      sync.Mutex
	rng     *rand.Rand
	visits  []*visit
	begun   map[queue.ConversationID]time.Time // conversations
	parties map[conversation.ConnectionID]conversation.Caller
	faults  []error
}

// A visit is what became of somebody who came.
type visit struct {
	came    time.Time
	refused admission.State // "" who got a ticket
	id      queue.ConversationID
	promise queue.Promise
	left    time.Time // by themselves, before they were served
}

// wake is when the advisors come; rest is how long after closing all is over.
var (
	wake = opening.Add(-admission.Early - 2*time.Minute)
	rest = 45 * time.Minute
)

func newRand(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // a day can be played again
}

// logNormal returns a time with that mean, half of them below 0.85 of it.
func logNormal(rng *rand.Rand, mean time.Duration) time.Duration {
	const sigma = 0.57
	return time.Duration(float64(mean) * math.Exp(sigma*rng.NormFloat64()-sigma*sigma/2))
}

// play plays a day. It must be called in a bubble of testing/synctest.
func play(d Day) (*world, error) {
	tab := memory.New()
	backing := store.New(tab)
	policy, err := store.DeskRules{}.Policy()
	if err != nil {
		return nil, err
	}
	w := &world{
		day: d, store: newModel(backing, d.Seed), start: time.Now(), rng: newRand(d.Seed, 1),
		begun: map[queue.ConversationID]time.Time{}, parties: map[conversation.ConnectionID]conversation.Caller{},
	}
	ids := 0
	w.chat = chat.New(chat.Config{
		Store: w.store, Push: w, Cases: oneCase{}, Parallel: 64, Now: w.now,
		Policy: func(context.Context) (admission.Policy, error) { return policy, nil },
		Shards: func(context.Context) (int, error) { return d.Shards, nil },
		NewID: func() string {
			w.mu.Lock()
			defer w.mu.Unlock()
			ids++
			return fmt.Sprint("id", ids)
		},
	})
	w.desk = w.chat.Desk
	w.desk.Times.CitizenLease, w.desk.Times.SlowLease, w.desk.Times.Silence = 24*time.Hour, 24*time.Hour, 24*time.Hour // all stay connected
	for n := range d.Advisors {
		w.all.Go(func() { w.advise(n) })
	}
	for n, at := range d.arrivals(w.rng) {
		v := &visit{came: opening.Add(at)}
		w.visits = append(w.visits, v)
		patience := d.patience(w.rng)
		w.all.Go(func() { w.visit(n, v, patience) })
	}
	w.all.Go(w.sweep)
	w.all.Wait()
	return w, errors.Join(w.faults...)
}

func (w *world) now() time.Time { return wake.Add(time.Since(w.start)) }

func (w *world) fault(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && len(w.faults) < 10 {
		w.faults = append(w.faults, fmt.Errorf("at %s: %w", w.now().Format(time.TimeOnly), err))
	}
}

// cases: everybody has one.
type oneCase struct{}

func (oneCase) Refs(_ context.Context, who identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: cases.ID("case." + who.ID), Office: "RM"}}, nil
}

// advise has somebody come to serve.
func (w *world) advise(n int) {
	ctx := context.Background()
	time.Sleep(time.Duration(n) * time.Minute / time.Duration(w.day.Advisors))
	me := conversation.Caller{
		Identity: identity.Identity{
			Side:   identity.SideAdvisor,
			ID:     fmt.Sprintf("a%03d", n),
			Name:   "Operatore",
			Skills: []string{"workers"},
		},
		Connection: conversation.Connection{ID: conversation.ConnectionID(fmt.Sprintf("a%03d=", n)), Epoch: w.now().UnixMilli()},
	}
	w.mu.Lock()
	w.parties[me.Connection.ID] = me
	w.mu.Unlock()
	w.fault(w.desk.Connected(ctx, me, ""))
	_, err := w.desk.SetPresence(ctx, me, conversation.Available, w.day.Capacity)
	w.fault(err)
}

// visit has somebody come and wait, or leave.
func (w *world) visit(n int, v *visit, patience time.Duration) {
	ctx := context.Background()
	time.Sleep(v.came.Sub(w.now()))
	me := conversation.Caller{
		Identity: identity.Identity{
			Side:     identity.SideCitizen,
			ID:       fmt.Sprintf("p%05d", n),
			Name:     "Persona",
			Audience: identity.Worker,
			Role:     identity.RoleWorker,
			Province: "RM",
			Login:    identity.Login{Scheme: identity.SPID, Level: 2},
		},
		Connection: conversation.Connection{ID: conversation.ConnectionID(fmt.Sprintf("p%05d=", n)), Epoch: w.now().UnixMilli()},
	}
	w.mu.Lock()
	w.parties[me.Connection.ID] = me
	w.mu.Unlock()
	j, err := w.desk.Join(ctx, me, desk.JoinRequest{Topic: queue.WorkerCase})
	if err != nil {
		w.fault(err)
		return
	}
	if !j.Decision.Admitted() {
		v.refused = j.Decision.State
		return
	}
	v.id, v.promise = j.View.Last.Conversation, *j.View.Entries[0].Promise
	time.Sleep(patience)
	w.mu.Lock()
	_, served := w.begun[v.id]
	w.mu.Unlock()
	if served || w.now().After(closing.Add(rest)) {
		return
	}
	left, err := w.desk.Leave(ctx, me, v.id)
	if err == nil && left.Reason == conversation.LeftByCitizen {
		v.left = w.now()
	} else if !errors.Is(err, code.Closed) {
		w.fault(err)
	}
}

// Push implements desk.Pusher: who is asked whether they are still there says so; an advisor who is offered a conversation takes it,
// and ends it after a turn.
func (w *world) Push(ctx context.Context, to conversation.ConnectionID, side identity.Side, e desk.Event) error {
	h, ok := e.(desk.Happened)
	if !ok {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	me := w.parties[to]
	if h.Entry.Kind == conversation.KindAsked {
		w.all.Go(func() { w.answer(context.WithoutCancel(ctx), me, h.Entry.Conversation) })
	}
	if side != identity.SideAdvisor || h.Entry.Kind != conversation.KindAssigned {
		return nil
	}
	turn := w.day.turn(w.rng)
	w.begun[h.Entry.Conversation] = h.Entry.At
	w.all.Go(func() { w.talk(context.WithoutCancel(ctx), me, h.Entry.Conversation, turn) })
	return nil
}

// Close implements desk.Pusher.
func (*world) Close(context.Context, conversation.ConnectionID) error { return nil }

// answer says that somebody is still there.
func (w *world) answer(ctx context.Context, me conversation.Caller, id queue.ConversationID) {
	time.Sleep(5 * time.Second)
	_, err := w.desk.Here(ctx, me, id)
	w.fault(err)
}

func (w *world) talk(ctx context.Context, me conversation.Caller, id queue.ConversationID, turn time.Duration) {
	time.Sleep(3 * time.Second)
	_, err := w.desk.Accept(ctx, me, id)
	if errors.Is(err, code.Closed) { // left in that moment
		return
	}
	w.fault(err)
	time.Sleep(turn)
	_, err = w.desk.Close(ctx, me, id, conversation.Settled)
	w.fault(err)
}

// sweep is the schedule.
func (w *world) sweep() {
	for w.now().Before(closing.Add(rest)) {
		next := w.now().Add(time.Minute)
		_, err := w.chat.Upkeep.Watch(context.Background(), w.day.Looks, w.chat.Upkeep.Sweep)
		w.fault(err)
		time.Sleep(next.Sub(w.now()))
	}
}
