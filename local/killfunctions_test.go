package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"infocig/infra/topology"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
)

var killSeed = flag.Uint64("kill", 0, "`seed` of who is killed and when, 0 for another each time")

// points is how many processes of functions are killed at least, in all: some of
// each function.
const points = 200

// A killer kills processes of functions at random points of what they do. In one
// chat it spares a function that was killed three times: nobody gets more than
// twenty tickets.
type killer struct {
	victims []topology.Function
	pids    func(name string) []int

	mu        sync.Mutex
	dead, now map[topology.Function]int // in all, and in this chat
}

// run kills until ctx ends.
func (k *killer) run(ctx context.Context, rng *rand.Rand) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(rng.Int64N(int64(10 * time.Millisecond)))):
		}
		for _, f := range k.left() {
			if k.spared(f) {
				continue
			}
			for _, pid := range k.pids(string(f)) {
				if rng.IntN(4) == 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
					k.mu.Lock()
					k.dead[f]++
					k.now[f]++
					k.mu.Unlock()
				}
			}
		}
	}
}

func (k *killer) spared(f topology.Function) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now[f] >= 3
}

// nextChat has nobody spared any more.
func (k *killer) nextChat() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.now)
}

// left returns who was not killed often enough.
func (k *killer) left() (few []topology.Function) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range k.victims {
		if k.dead[f] < kills {
			few = append(few, f)
		}
	}
	return few
}

// TestFunctionsAreKilled kills the processes of each function at random points: of
// one chat after the other with its escalation, of a long one beside them, and of a
// sweep that never rests. What was acknowledged is stored once and in order,
// escalations arrive once, and nobody is stuck.
func TestFunctionsAreKilled(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-kill %d", seed)
	db, queue := ownServers(t)
	o := options{data: t.TempDir(), clock: first, functions: bootstrap, dynamodb: db, sqs: queue}
	s, done := serve(t, o)
	long := &cycle{t: t, base: s.base, n: 900, hurry: func() { s.sweep(t.Context()) }}
	long.open()
	k := &killer{
		// All that chats use: not what an operator, a night and a deployment call.
		victims: slices.DeleteFunc(slices.Clone(topology.Functions), func(f topology.Function) bool { return f == topology.Operator || !f.Canary() }),
		pids:    s.runtime.Pids, dead: map[topology.Function]int{}, now: map[topology.Function]int{},
	}
	ctx, stop := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	beside.Go(func() { k.run(ctx, rand.New(rand.NewPCG(seed, 1))) })
	beside.Go(func() {
		for ctx.Err() == nil {
			s.sweep(ctx)
		}
	})
	beside.Go(func() { long.talkUntil(ctx) })
	var cycles []*cycle
	for n := 0; n < 4*kills && len(k.left()) > 0; n++ {
		k.nextChat()
		x := &cycle{t: t, base: s.base, n: n, hurry: func() {}}
		cycles = append(cycles, x)
		x.run()
	}
	stop()
	beside.Wait()
	long.end()
	cycles = append(cycles, long)
	all := 0
	for _, f := range slices.Sorted(maps.Keys(k.dead)) {
		t.Logf("%s was killed %d times", f, k.dead[f])
		all += k.dead[f]
	}
	if few := k.left(); len(few) > 0 || all < points {
		t.Errorf("%d were killed, of %v fewer than %d each", all, few, kills)
	}
	t.Logf("%d chats, %d messages in the long one", len(cycles), len(long.want))
	nobodyIsStuck(t, s)
	done()
	o.clock = later
	s, _ = serve(t, o)
	delivered(t, s.base, cycles, func() { s.sweep(t.Context()) })
}

// talkUntil has both sides write, once in a while, until ctx ends.
func (x *cycle) talkUntil(ctx context.Context) {
	for n := 1; ctx.Err() == nil; n++ {
		x.say(x.c, n, fmt.Sprint("domanda ", n, " di ", x.n))
		x.say(x.a, n, fmt.Sprint("risposta ", n, " di ", x.n))
		x.a.must("ping", nil)
		time.Sleep(100 * time.Millisecond)
	}
}

// nobodyIsStuck looks at what is left when all chats have ended.
func nobodyIsStuck(t *testing.T, s *server) {
	t.Helper()
	live, err := store.ReadAll(t.Context(), s.store.AllLive)
	if err != nil || len(live) > 0 {
		t.Errorf("still live: %v (%v)", live, err)
	}
	advisors, err := s.store.Advisors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range advisors {
		if len(a.Open) > 0 {
			t.Errorf("%s still has %v", a.ID, a.Open)
		}
	}
	line, err := s.store.Line(t.Context(), queue.EmployerCase, 1)
	if err != nil || line.Waiting() > 0 {
		t.Errorf("%d still wait (%v)", line.Waiting(), err)
	}
}
