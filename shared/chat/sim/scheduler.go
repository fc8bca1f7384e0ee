package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"infocig/shared/code"
)

// A fault is what goes wrong at a point.
type fault int

const (
	none      fault = iota
	throttled       // refused: nothing happened
	lost            // it happened, and the reply was lost
	dead            // the process died before it
	deadAfter       // the process died after it, before the reply
)

var faultNames = []string{"", "throttled", "reply lost", "dies before", "dies after"}

// errLost is what a caller sees whose reply was lost: nobody knows.
var errLost = errors.New("no reply")

// crash is the panic of a process that dies.
type crash struct{}

// An invocation is a run of a function.
type invocation struct {
	id   int
	name string
	done func(result)
	ids  int // given so far
}

// A result is what became of an invocation.
type result struct {
	invocation *invocation
	by         worker
	body       string
	err        error
	died       bool
}

// A worker is a goroutine that has one invocation after the other, as a process
// does: its stack has grown already.
type worker chan job

// A job is an invocation and what it does.
type job struct {
	*invocation
	do func(context.Context) (string, error)
}

// A point is an effect that waits to happen.
type point struct {
	by    *invocation
	what  string
	goOn  chan fault
	write bool
}

// A scheduler decides what happens next.
type scheduler struct {
	rng      *rand.Rand
	arrive   chan *point
	finished chan result
	waiting  []*point
	ended    []result
	running  int      // invocations that have not finished
	slow     []*point // effects that take their time
	count    int      // invocations so far
	idle     []worker
	faults   float64
	steps    int
	trace    []string
	keep     bool // the trace, not only its hash
	hash     uint64
	start    time.Time
	later    func(d time.Duration, do func())

	byGoroutine sync.Map // of invocations
}

func newScheduler(seed uint64, faults float64, keep bool) *scheduler {
	return &scheduler{
		rng:    rand.New(rand.NewPCG(seed, 0x1f0c19)), //nolint:gosec // a run must be repeatable
		arrive: make(chan *point, 1000), finished: make(chan result, 1000), faults: faults, keep: keep, start: time.Now(),
	}
}

// note adds a line to the trace.
func (s *scheduler) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, s.hash, line) // never fails
	s.hash = h.Sum64()
	if s.keep {
		s.trace = append(s.trace, fmt.Sprintf("%10.3fs  %s", time.Since(s.start).Seconds(), line))
	}
}

type invocationKey struct{}

// invoke starts a function. It goes on when its points are let go.
func (s *scheduler) invoke(name string, do func(context.Context) (string, error), done func(result)) {
	s.count++
	s.running++
	inv := &invocation{id: s.count, name: name, done: done}
	s.note("%d %s", inv.id, name)
	s.worker() <- job{inv, do}
}

// worker returns one that has nothing to do.
func (s *scheduler) worker() worker {
	if last := len(s.idle) - 1; last >= 0 {
		w := s.idle[last]
		s.idle = s.idle[:last]
		return w
	}
	w := make(worker)
	go s.work(w)
	return w
}

// work does the jobs of a worker until there are none any more.
func (s *scheduler) work(w worker) {
	me := goroutine()
	for j := range w {
		s.byGoroutine.Store(me, j.invocation)
		r := j.run()
		r.by = w
		s.finished <- r
	}
}

func (j job) run() (r result) {
	r.invocation = j.invocation
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(crash); !ok {
				panic(p)
			}
			r.died = true
		}
	}()
	limit := functionTime
	if j.name == "sweep" {
		limit = sweepTime
	}
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), invocationKey{}, j.invocation), limit)
	defer cancel()
	r.body, r.err = j.do(ctx)
	return r
}

// How long functions have; the sweep stays for most of its minute, and until the
// desk has opened.
const (
	functionTime = 14 * time.Second
	sweepTime    = 74 * time.Second
)

// pause lets time pass until somebody comes to a point or finishes, and for no
// longer than d.
func (s *scheduler) pause(d time.Duration) {
	select {
	case p := <-s.arrive:
		s.waiting = append(s.waiting, p)
	case r := <-s.finished:
		s.ended = append(s.ended, r)
	case <-time.After(d):
	}
}

// settle waits until everybody waits, and takes note of who does and who has finished.
func (s *scheduler) settle() {
	for {
		synctest.Wait()
		ended := s.ended
		s.ended = nil
		for more := true; more; {
			select {
			case p := <-s.arrive:
				s.waiting = append(s.waiting, p)
			case r := <-s.finished:
				ended = append(ended, r)
			default:
				more = false
			}
		}
		if len(ended) == 0 {
			break
		}
		slices.SortFunc(ended, func(a, b result) int { return cmp.Compare(a.invocation.id, b.invocation.id) })
		for _, r := range ended {
			s.running--
			s.idle = append(s.idle, r.by)
			if r.died {
				s.note("%d died", r.invocation.id)
			}
			r.invocation.done(r)
		}
	}
	slices.SortStableFunc(s.waiting, func(a, b *point) int { return cmp.Compare(a.by.id, b.by.id) })
}

// longest is how long an effect can take.
const longest = 8 * time.Second

// release lets one of those who wait go on, with or without a fault, or makes it
// wait for some seconds.
func (s *scheduler) release() {
	i := s.rng.IntN(len(s.waiting))
	p := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	if s.rng.Float64() < s.faults/3 {
		d := time.Duration(s.rng.Int64N(int64(longest)))
		s.note("%d %s takes %s", p.by.id, p.what, d)
		s.slow = append(s.slow, p)
		s.later(d, func() {
			s.slow = slices.DeleteFunc(s.slow, func(q *point) bool { return q == p })
			s.goOn(p)
		})
		return
	}
	s.goOn(p)
}

func (s *scheduler) goOn(p *point) {
	f := none
	if s.rng.Float64() < s.faults {
		f = []fault{throttled, throttled, lost, dead, deadAfter}[s.rng.IntN(5)]
		if !p.write && (f == lost || f == deadAfter) {
			f = dead
		}
	}
	s.steps++
	s.note("%d %s %s", p.by.id, p.what, faultNames[f])
	p.goOn <- f
}

// stop ends everybody who is under way.
func (s *scheduler) stop() {
	for s.settle(); s.running > 0; s.settle() {
		for _, p := range append(s.waiting, s.slow...) {
			p.goOn <- dead
		}
		s.waiting, s.slow = nil, nil
		time.Sleep(25 * time.Millisecond)
	}
	for _, w := range s.idle {
		close(w)
	}
}

// newID returns an id that follows from the invocation that asks, whatever others
// do at the same time.
func (s *scheduler) newID() string {
	inv, ok := s.byGoroutine.Load(goroutine())
	if !ok {
		return "none"
	}
	i := inv.(*invocation)
	i.ids++
	return fmt.Sprintf("id%d.%d", i.id, i.ids)
}

// goroutine returns the number of the caller's, by which alone an id can know its
// invocation: the desk asks for ids without a context.
func goroutine() string {
	var buf [32]byte
	text, _, _ := strings.Cut(strings.TrimPrefix(string(buf[:runtime.Stack(buf[:], false)]), "goroutine "), " ")
	return text
}

// effect is a point: do happens when the scheduler says so.
func effect[T any](ctx context.Context, s *scheduler, write bool, what string, do func() (T, error)) (T, error) {
	var zero T
	inv, ok := ctx.Value(invocationKey{}).(*invocation)
	if !ok { // who checks, outside of any function
		return do()
	}
	p := &point{by: inv, what: what, goOn: make(chan fault), write: write}
	s.arrive <- p
	f := <-p.goOn
	switch f {
	case throttled:
		return zero, code.Throttled
	case dead:
		panic(crash{})
	}
	v, err := do()
	switch f {
	case lost:
		return zero, errLost
	case deadAfter:
		panic(crash{})
	}
	return v, err
}
