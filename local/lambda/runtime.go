package lambda

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// A Function is a binary that speaks the Lambda Runtime API.
type Function struct {
	Name         string
	Path         string            // of the binary; its folder is where it runs
	Env          map[string]string // wins over what the service sets, but for AWS_LAMBDA_RUNTIME_API
	Timeout      time.Duration     // of an invocation; 3 seconds if zero, as in Lambda
	MaxProcesses int               // at most so many at a time; 10 if zero
}

// Defaults of a Function and of a Config.
const (
	defaultTimeout   = 3 * time.Second
	defaultProcesses = 10
	defaultRegion    = "eu-south-1"
	defaultKey       = "local"
)

// A Config says which functions a Runtime runs and what they get to see.
type Config struct {
	Functions       []Function
	Region          string       // eu-south-1 if empty
	AccessKeyID     string       // "local" if empty
	SecretAccessKey string       // "local" if empty
	Output          io.Writer    // gets what functions print, by whole lines, one Write at a time; os.Stderr if nil
	Log             *slog.Logger // slog.Default if nil
}

// A Runtime runs functions as processes of this machine.
//
// Processes start when an invocation needs one, serve one invocation at a time
// and stay for the next. On Linux the kernel kills them when this process dies,
// however it dies; elsewhere they end once they ask for an event. All methods may
// be called concurrently.
type Runtime struct {
	pools   map[string]*pool
	starter *starter
	closing sync.Once
	closed  chan struct{} // once all processes have ended
	log     *slog.Logger
}

// New returns a Runtime. It starts no process: whether a binary can run shows at
// the first invocation.
func New(c Config) (*Runtime, error) {
	r := &Runtime{pools: map[string]*pool{}, closed: make(chan struct{}), log: c.Log}
	if r.log == nil {
		r.log = slog.Default()
	}
	functions := slices.Clone(c.Functions)
	var err error
	for i, f := range functions {
		switch {
		case f.Name == "" || f.Path == "":
			err = errors.Join(err, fmt.Errorf("function %d %q: name or path of the binary is missing", i, f.Name))
		case r.pools[f.Name] != nil:
			err = errors.Join(err, fmt.Errorf("function %s is there twice", f.Name))
		case f.Timeout < 0 || f.MaxProcesses < 0:
			err = errors.Join(err, fmt.Errorf("function %s: negative timeout or number of processes", f.Name))
		}
		path, wrong := filepath.Abs(f.Path) // it is run from its own folder
		err = errors.Join(err, wrong)
		functions[i].Path = path
		r.pools[f.Name] = &pool{}
	}
	if err != nil {
		return nil, err
	}
	if c.Output == nil {
		c.Output = os.Stderr
	}
	out := &sink{w: c.Output}
	r.starter = newStarter()
	for _, f := range functions {
		r.pools[f.Name] = newPool(f, c, r.starter, out, r.log)
	}
	return r, nil
}

// attempts bounds how often one event is handed to a process that dies before
// it reads it.
const attempts = 10

// Invoke runs a function once and returns its answer.
//
// The function has its Timeout from the moment a process is ready for it, or
// until the deadline of ctx if that is earlier; it reads the same instant as its
// deadline. Then, or when ctx is cancelled, its process is killed and the error
// wraps that of ctx or context.DeadlineExceeded. What the function itself reports,
// its end and its timeout are a *FunctionError; a function that cannot start is
// any other error.
func (r *Runtime) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	pool, ok := r.pools[function]
	if !ok {
		return nil, fmt.Errorf("there is no function %s", function)
	}
	var result []byte
	var err error
	for range attempts {
		result, err = pool.invoke(ctx, payload)
		if !errors.Is(err, errUnread) {
			break
		}
		r.log.DebugContext(ctx, "process died before it read the event", "function", function)
	}
	return result, err
}

// Pids returns the ids of a function's processes that have not ended, in no
// order; none for a function that there is not.
func (r *Runtime) Pids(function string) []int {
	pool, ok := r.pools[function]
	if !ok {
		return nil
	}
	return pool.pids()
}

// Close kills all processes and waits until they have ended, or until ctx ends
// and then returns its error. Invocations fail from now on, those under way
// too. To call it again is to wait again.
func (r *Runtime) Close(ctx context.Context) error {
	r.closing.Do(func() {
		for _, pool := range r.pools {
			pool.close()
		}
		go func() {
			for _, pool := range r.pools {
				pool.all.Wait()
			}
			r.starter.close()
			close(r.closed)
		}()
	})
	select {
	case <-r.closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the Lambda runtime: %w", ctx.Err())
	}
}

// newRequestID returns a random UUID, version 4.
func newRequestID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
