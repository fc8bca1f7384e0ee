package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A state says what a process is about; doc.go explains them.
type state string

const (
	coming  state = "coming"
	idle    state = "idle"
	serving state = "serving"
	leaving state = "leaving"
)

// comingTime is how long a process may take until it asks for an event: Lambda's
// limit of the init phase.
const comingTime = 10 * time.Second

// A pool has the processes of one function.
type pool struct {
	function Function
	arn      string
	env      []string
	starter  *starter
	out      *sink
	log      *slog.Logger

	all sync.WaitGroup // the processes

	mu      sync.Mutex
	closed  bool
	live    map[*process]bool // started or being started, and not yet gone
	idle    []*process        // the last came last
	coming  int               // processes in that state
	waiting []chan grant      // invocations without a process, the oldest first
}

// A grant is what a waiting invocation gets: a process, or why there is none.
type grant struct {
	process *process
	err     error
}

func newPool(f Function, c Config, s *starter, out *sink, log *slog.Logger) *pool {
	if f.Timeout == 0 {
		f.Timeout = defaultTimeout
	}
	if f.MaxProcesses == 0 {
		f.MaxProcesses = defaultProcesses
	}
	region := or(c.Region, defaultRegion)
	return &pool{
		function: f,
		arn:      fmt.Sprintf("arn:aws:lambda:%s:000000000000:function:%s", region, f.Name),
		env:      environment(f, c, region),
		starter:  s, out: out, log: log.With("function", f.Name),
		live: map[*process]bool{},
	}
}

// environment returns what a process of f gets to see, but for the address of
// its Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func environment(f Function, c Config, region string) []string {
	vars := map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(memory),
		"AWS_REGION":                      region,
		"AWS_DEFAULT_REGION":              region,
		"AWS_ACCESS_KEY_ID":               or(c.AccessKeyID, defaultKey),
		"AWS_SECRET_ACCESS_KEY":           or(c.SecretAccessKey, defaultKey),
		"LAMBDA_TASK_ROOT":                filepath.Dir(f.Path),
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ":                              ":UTC",
		"_HANDLER":                        "bootstrap",
	}
	maps.Copy(vars, f.Env)
	delete(vars, runtimeAPI)
	var env []string
	for name, value := range vars {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}

const (
	runtimeAPI = "AWS_LAMBDA_RUNTIME_API"
	memory     = 128 // MB, said and not enforced
)

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// invoke serves one event with a process of the pool. The error is errUnread if
// the process died and cannot have seen the event.
func (l *pool) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	p, err := l.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return p.serve(ctx, payload)
}

// acquire waits for a process and takes it from idle to serving.
func (l *pool) acquire(ctx context.Context) (*process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("function %s was not invoked: %w", l.function.Name, err)
	}
	granted := make(chan grant, 1)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	l.waiting = append(l.waiting, granted)
	l.balance()
	l.mu.Unlock()

	select {
	case g := <-granted:
		return g.process, g.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, granted); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	} else if g := <-granted; g.process != nil {
		l.rest(g.process)
	}
	return nil, fmt.Errorf("function %s: no process was free: %w", l.function.Name, ctx.Err())
}

// balance gives idle processes to those who wait and starts what is missing. It
// is called whenever either changes.
func (l *pool) balance() {
	if l.closed {
		return
	}
	for len(l.waiting) > 0 && len(l.idle) > 0 {
		p := l.idle[len(l.idle)-1]
		l.idle = l.idle[:len(l.idle)-1]
		p.state = serving
		l.answer(grant{process: p})
	}
	for len(l.waiting) > l.coming && len(l.live) < l.function.MaxProcesses {
		p := newProcess(l)
		l.live[p] = true
		l.come(p)
		l.all.Go(p.run)
	}
}

// answer gives g to the one who waits longest.
func (l *pool) answer(g grant) {
	granted := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	granted <- g
}

// come notes that p will soon ask for an event.
func (l *pool) come(p *process) {
	p.state = coming
	l.coming++
	p.due(comingTime)
}

// rest makes p idle.
func (l *pool) rest(p *process) {
	if p.state == leaving {
		return
	}
	if p.state == coming {
		l.coming--
	}
	p.state = idle
	p.due(0)
	l.idle = append(l.idle, p)
	l.balance()
}

// leave takes p out of what can be given and kills it.
func (l *pool) leave(p *process) {
	switch p.state {
	case coming:
		l.coming--
	case idle:
		l.idle = slices.DeleteFunc(l.idle, func(q *process) bool { return p == q })
	}
	p.state = leaving
	p.due(0)
	if p.os != nil {
		_ = p.os.Kill() // or it has just ended
	}
}

// arrived notes that p asks for an event. It reports whether p may.
func (l *pool) arrived(p *process) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.state != coming {
		return false
	}
	p.started = true
	l.rest(p)
	return true
}

// answered returns the invocation that p has in hand, if it is the one with the
// id, and takes it from p.
func (l *pool) answered(p *process, id string) (*invocation, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.state != serving || p.inHand == nil || p.inHand.id != id {
		return nil, false
	}
	i := p.inHand
	p.inHand = nil
	l.come(p)
	return i, true
}

// kill ends p.
func (l *pool) kill(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave(p)
}

// gone forgets p, which has ended. If it has never asked for an event, one of
// those who wait is told why.
func (l *pool) gone(p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave(p)
	delete(l.live, p)
	switch {
	case l.closed:
	case !p.started:
		err := p.failure()
		l.log.Warn("function cannot start", "err", err)
		if len(l.waiting) > 0 {
			l.answer(grant{err: err})
		}
	case p.late:
		l.log.Warn("process killed: it took too long")
	default:
		l.log.Debug("process ended", "err", p.end)
	}
	l.balance()
}

func (l *pool) pids() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []int
	for p := range l.live {
		if p.os != nil {
			all = append(all, p.os.Pid)
		}
	}
	return all
}

func (l *pool) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for len(l.waiting) > 0 {
		l.answer(grant{err: ErrClosed})
	}
	for p := range l.live {
		l.leave(p)
	}
}

// errUnread says that a process died before it read the event.
var errUnread = errors.New("the process died before it read the event")
