package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// A process runs the binary of a function and serves its Runtime API.
type process struct {
	pool *pool
	next chan *invocation // for the request that waits for an event
	runs chan struct{}    // closed when its id is known
	dead chan struct{}    // closed when it has ended and all that it sent was read
	end  error            // why it ended; set before dead is closed
	out  *lines
	open sync.WaitGroup // its connections

	// Guarded by pool.mu.
	state   state
	os      *os.Process // while it runs
	started bool        // has asked for an event
	failed  error       // what it posted instead
	late    bool        // was killed because it took too long
	timer   *time.Timer
	inHand  *invocation
}

// An invocation is an event on its way through a process.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan outcome         // has room for the one there is
	by       atomic.Pointer[conn] // by which the process fetched it
}

type outcome struct {
	result []byte
	err    error
}

// Patience with a process that has been killed or has ended.
const (
	outputTime = time.Second // for its children to close its output
	drainTime  = time.Second // for its children to close its connections
)

func newProcess(l *pool) *process {
	return &process{
		pool: l,
		next: make(chan *invocation, 1),
		runs: make(chan struct{}),
		dead: make(chan struct{}),
		out:  &lines{sink: l.out},
	}
}

// run is the life of a process. It ends with pool.gone.
func (p *process) run() {
	p.end = p.live()
	close(p.dead)
	p.pool.gone(p)
}

// live starts the process and its Runtime API and returns why it ended.
func (p *process) live() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the Runtime API: %w", err)
	}
	server := &http.Server{
		Handler:           p.api(),
		ReadHeaderTimeout: comingTime,
		ErrorLog:          slog.NewLogLogger(p.pool.log.Handler(), slog.LevelDebug),
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	defer func() { _ = server.Close() }()
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		_ = server.Serve(tracked{listener, &p.open})
	}()

	cmd := exec.Command(p.pool.function.Path) //nolint:gosec // what a Runtime is for
	cmd.Dir = filepath.Dir(p.pool.function.Path)
	cmd.Env = append([]string{runtimeAPI + "=" + listener.Addr().String()}, p.pool.env...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = p.out, p.out, outputTime
	if err := p.pool.starter.start(cmd); err != nil {
		return err
	}
	p.running(cmd.Process)
	close(p.runs)
	err = cmd.Wait()
	p.running(nil)

	p.out.flush()
	_ = listener.Close()
	<-accepting
	p.drain()
	return err
}

// running notes the process of the operating system, nil when it has ended.
func (p *process) running(proc *os.Process) {
	p.pool.mu.Lock()
	defer p.pool.mu.Unlock()
	p.os = proc
	if p.state == leaving && proc != nil {
		_ = proc.Kill()
	}
}

// drain waits until all has been read that the process sent before it ended.
func (p *process) drain() {
	drained := make(chan struct{})
	go func() {
		p.open.Wait()
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(drainTime):
	}
}

// due has the process killed after d, never if d is 0. The pool is locked.
func (p *process) due(d time.Duration) {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if d == 0 {
		return
	}
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		p.pool.mu.Lock()
		defer p.pool.mu.Unlock()
		if p.timer == t {
			p.late = true
			p.pool.leave(p)
		}
	})
	p.timer = t
}

// failure says why the process, which has ended, could not start. The pool is
// locked.
func (p *process) failure() error {
	name, last := p.pool.function.Name, p.out.last()
	var exit *exec.ExitError
	switch {
	case p.failed != nil:
		// Not wrapped: an invocation that never was cannot be refused by the function.
		return fmt.Errorf("function %s cannot start: %s", name, p.failed.Error())
	case p.late:
		return fmt.Errorf("function %s cannot start: it did not ask for an event within %s%s", name, comingTime, last)
	case p.end == nil:
		return fmt.Errorf("function %s cannot start: it ended before it asked for an event%s", name, last)
	case errors.As(p.end, &exit):
		return fmt.Errorf("function %s cannot start: %w%s", name, p.end, last)
	default:
		return fmt.Errorf("function %s cannot start: %w", name, p.end)
	}
}

// serve gives the process an event and waits for the answer. The process is the
// caller's until then.
func (p *process) serve(ctx context.Context, payload []byte) ([]byte, error) {
	began := time.Now()
	deadline := began.Add(p.pool.function.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	i := &invocation{id: newRequestID(), payload: payload, deadline: deadline, done: make(chan outcome, 1)}
	p.take(i, time.Until(deadline))

	select {
	case o := <-i.done:
		return o.result, o.err
	case <-ctx.Done():
		p.pool.kill(p)
		<-p.dead // when the caller learns of the timeout, the function does no more
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, i.timedOut(began)
		}
		return nil, fmt.Errorf("function %s was killed: %w", p.pool.function.Name, ctx.Err())
	case <-p.dead:
	}
	select {
	case o := <-i.done: // sent just before the end
		return o.result, o.err
	default:
	}
	switch {
	case p.wasLate():
		return nil, i.timedOut(began)
	case !p.fetched(i):
		return nil, errUnread
	default:
		return nil, i.exited(p.end)
	}
}

// take puts i in the hands of the process for d.
func (p *process) take(i *invocation, d time.Duration) {
	p.pool.mu.Lock()
	defer p.pool.mu.Unlock()
	if p.state == serving {
		p.inHand = i
		p.due(max(d, 1))
	}
	p.next <- i // has room: a process is granted once for each request it makes
}

func (p *process) wasLate() bool {
	p.pool.mu.Lock()
	defer p.pool.mu.Unlock()
	return p.late
}

// fetched reports whether the process, which is dead, may have read i.
func (p *process) fetched(i *invocation) bool {
	select {
	case <-p.next:
		return false // still here
	default:
	}
	c := i.by.Load()
	return c == nil || !c.unread()
}

// The messages are those of AWS Lambda.

func (i *invocation) timedOut(began time.Time) error {
	return &FunctionError{
		Type:    TimedOut,
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", i.id, i.deadline.Sub(began).Seconds()),
		Err:     context.DeadlineExceeded,
	}
}

func (i *invocation) exited(end error) error {
	why := "exited without providing a reason"
	if end != nil {
		why = "exited with error: " + end.Error()
	}
	return &FunctionError{Type: ExitError, Message: fmt.Sprintf("RequestId: %s Error: Runtime %s", i.id, why)}
}
