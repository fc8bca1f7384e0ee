package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const exactly = "11111111-2222-4333-8444-555555555555"

// asType fails the test if err is no FunctionError.
func asType(t *testing.T, err error) *FunctionError {
	t.Helper()
	e, ok := errors.AsType[*FunctionError](err)
	if !ok {
		t.Fatalf("%T %v, want a FunctionError", err, err)
	}
	return e
}

func TestInvocations(t *testing.T) {
	s := run(t, func(f *Function) { f.MaxProcesses = 1 })
	for name, test := range map[string]struct {
		do, text string
		want     *FunctionError // ids of requests are written as exactly
	}{
		"an answer":                      {"echo", "ciao", nil},
		"an answer of a megabyte":        {"echo", strings.Repeat("è", 1<<19), nil},
		"an error keeps its text":        {"error", "not now: è \"quoted\"", &FunctionError{Type: "refused", Message: "not now: è \"quoted\""}},
		"an authorizer's refusal":        {"error", "Unauthorized", &FunctionError{Type: "refused", Message: "Unauthorized"}},
		"a plain error":                  {"else", "", &FunctionError{Type: "errorString", Message: "what to do?"}},
		"a panic is an error":            {"panic", "nil map", &FunctionError{Type: "string", Message: "nil map"}},
		"exit with a status":             {"exit", "123", &FunctionError{Type: ExitError, Message: "RequestId: " + exactly + " Error: Runtime exited with error: exit status 3"}},
		"exit with success is a failure": {"exit", "", &FunctionError{Type: ExitError, Message: "RequestId: " + exactly + " Error: Runtime exited without providing a reason"}},
		"an answer over the limit":       {"large", "", &FunctionError{Type: TooLarge, Message: "the answer exceeds 6 MB"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := s.ask(t.Context(), test.do, test.text)
			if test.want == nil {
				if err != nil || a.Text != test.text {
					t.Fatalf("%.100s, %v", a.Text, err)
				}
			} else {
				got := *asType(t, err)
				got.Message = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(got.Message, exactly)
				if d := cmp.Diff(*test.want, got); d != "" {
					t.Fatalf("error (-want +got):\n%s", d)
				}
			}
			if a := s.must(t, "echo", "next"); a.Text != "next" {
				t.Errorf("the next invocation: %+v", a)
			}
		})
	}
}

func TestAProcessStays(t *testing.T) {
	s := run(t, nil)
	first := s.must(t, "echo", "")
	for range 100 {
		if a := s.must(t, "echo", ""); a.Pid != first.Pid {
			t.Fatalf("pid %d, the first was %d", a.Pid, first.Pid)
		}
	}
	if _, err := s.ask(t.Context(), "error", "x"); err == nil {
		t.Fatal("no error")
	}
	if a := s.must(t, "echo", ""); a.Pid != first.Pid {
		t.Error("an error ended the process")
	}
	if _, err := s.ask(t.Context(), "panic", "x"); err == nil {
		t.Fatal("no error")
	}
	if a := s.must(t, "echo", ""); a.Pid == first.Pid {
		t.Error("a panic did not end the process")
	}
}

func TestTimeouts(t *testing.T) {
	const short, long = 200 * time.Millisecond, time.Hour
	for name, test := range map[string]struct {
		function, caller time.Duration
		cancel           bool
		want             error
		message          string
	}{
		"the function's":           {short, long, false, context.DeadlineExceeded, `Task timed out after 0\.20 seconds$`},
		"the caller's":             {long, short, false, context.DeadlineExceeded, `Task timed out after 0\.(1\d|20) seconds$`},
		"the caller does not wait": {long, long, true, context.Canceled, `^function subject was killed: context canceled$`},
	} {
		t.Run(name, func(t *testing.T) {
			s := run(t, func(f *Function) { f.Timeout = test.function })
			s.must(t, "echo", "") // the start does not count
			pid := s.Pids("subject")
			ctx, cancel := context.WithTimeout(t.Context(), test.caller)
			defer cancel()
			if test.cancel {
				go func() {
					s.line(t, "sleeping")
					cancel()
				}()
			}
			_, err := s.ask(ctx, "sleep", "")
			if !errors.Is(err, test.want) || !regexp.MustCompile(test.message).MatchString(err.Error()) {
				t.Errorf("error %q", err)
			}
			if !test.cancel && asType(t, err).Type != TimedOut {
				t.Errorf("type %s", asType(t, err).Type)
			}
			if a := s.must(t, "echo", ""); a.Pid == pid[0] {
				t.Error("the process lives on")
			}
		})
	}
}

func TestWhatAProcessIsTold(t *testing.T) {
	t.Setenv("OF_THE_PARENT", "secret")
	s := run(t, func(f *Function) {
		f.Env = map[string]string{"TABLE": "chat", "AWS_REGION": "eu-west-1", runtimeAPI: "elsewhere:1"}
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience/2)
	defer cancel()
	before := time.Now()
	a, err := s.ask(t.Context(), "describe", "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.ask(ctx, "describe", "")
	if err != nil {
		t.Fatal(err)
	}

	binary, _ := subject()
	slices.Sort(a.Env)
	for i, v := range a.Env {
		if strings.HasPrefix(v, runtimeAPI+"=127.0.0.1:") {
			a.Env[i] = runtimeAPI + "=127.0.0.1:PORT"
		}
	}
	want := []string{
		"AWS_ACCESS_KEY_ID=local",
		"AWS_DEFAULT_REGION=eu-south-1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_LAMBDA_FUNCTION_NAME=subject",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_RUNTIME_API=127.0.0.1:PORT",
		"AWS_REGION=eu-west-1",
		"AWS_SECRET_ACCESS_KEY=local",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(binary),
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TABLE=chat",
		"TZ=:UTC",
		"_HANDLER=bootstrap",
		"_X_AMZN_TRACE_ID=", // set by aws-lambda-go in its own process
	}
	if d := cmp.Diff(want, a.Env); d != "" {
		t.Errorf("environment (-want +got):\n%s", d)
	}
	if a.Folder != filepath.Dir(binary) {
		t.Errorf("folder %s", a.Folder)
	}
	if a.ARN != "arn:aws:lambda:eu-south-1:000000000000:function:subject" || a.ID == "" || a.ID == b.ID {
		t.Errorf("arn %s, id %s and %s", a.ARN, a.ID, b.ID)
	}
	if d := time.UnixMilli(a.Deadline); d.Before(before.Add(patience-time.Millisecond)) || d.After(time.Now().Add(patience)) {
		t.Errorf("deadline %v after the invocation", d.Sub(before))
	}
	if d, _ := ctx.Deadline(); b.Deadline != d.UnixMilli() {
		t.Errorf("deadline %d, the caller's is %d", b.Deadline, d.UnixMilli())
	}
}

func TestMany(t *testing.T) {
	const processes = 4
	s := run(t, func(f *Function) { f.MaxProcesses = processes })
	done := make(chan struct{})
	most := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-done:
				most <- n
				return
			default:
				n = max(n, len(s.Pids("subject")))
				runtime.Gosched()
			}
		}
	}()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			text := fmt.Sprint(i)
			if a, err := s.ask(t.Context(), "echo", text); err != nil || a.Text != text {
				t.Errorf("%d: %+v %v", i, a, err)
			}
		})
	}
	all.Wait()
	close(done)
	if n := <-most; n < 1 || n > processes {
		t.Errorf("%d processes at a time", n)
	}
}

func TestTheLastProcessIsUsedFirst(t *testing.T) {
	s := run(t, nil)
	l := s.pools["subject"]
	var taken []*process
	for range 3 {
		p, err := l.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, p)
	}
	l.mu.Lock()
	for _, p := range taken {
		l.rest(p)
	}
	last := taken[2].os.Pid
	l.mu.Unlock()
	for range 20 {
		s.until(t, func(*process) bool { return len(l.idle) == len(taken) })
		if a := s.must(t, "echo", ""); a.Pid != last {
			t.Fatalf("pid %d, want %d", a.Pid, last)
		}
	}
	if n := len(s.Pids("subject")); n != 3 {
		t.Errorf("%d processes", n)
	}
}

func TestNoProcessIsFree(t *testing.T) {
	s := run(t, func(f *Function) { f.MaxProcesses = 1 })
	all, stop := context.WithCancel(t.Context())
	slept := make(chan error, 1)
	go func() {
		_, err := s.ask(all, "sleep", "")
		slept <- err
	}()
	s.line(t, "sleeping")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.ask(ctx, "echo", "")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no process was free") {
		t.Errorf("error %v", err)
	}
	if _, err := s.ask(ctx, "echo", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller without time: %v", err)
	}
	stop()
	if err := <-slept; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.must(t, "echo", "")
}

func TestAFunctionThatCannotStart(t *testing.T) {
	binary, err := subject()
	if err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(t.TempDir(), "bootstrap")
	for name, test := range map[string]struct {
		path, start, want string
	}{
		"no binary":           {missing, "", "function subject cannot start: fork/exec " + missing + ": no such file or directory"},
		"/bin/false":          {"/bin/false", "", "function subject cannot start: exit status 1"},
		"says why as it ends": {binary, "fail", `function subject cannot start: exit status 1; it said: {"msg":"cannot start","err":"TABLE is missing"}`},
		"posts why":           {binary, "report", "function subject cannot start: Unauthorized"},
		"ends with success":   {binary, "exit", "function subject cannot start: it ended before it asked for an event"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no binary" {
				if err := os.Mkdir(filepath.Dir(missing), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
					t.Fatal(err)
				}
			}
			s := run(t, func(f *Function) { f.Path, f.Env = test.path, map[string]string{"START": test.start} })
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if _, err := s.ask(t.Context(), "echo", ""); err == nil || err.Error() != test.want {
						t.Errorf("error\n%v, want\n%s", err, test.want)
					}
				})
			}
			all.Wait()
		})
	}
}

func TestAnswersToOthers(t *testing.T) {
	s := run(t, nil)
	a := s.must(t, "forge", "")
	if d := cmp.Diff([]int{400, 400, 403}, a.Statuses); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
	if b := s.must(t, "echo", ""); a.Pid != b.Pid {
		t.Error("the process ended")
	}
}

func TestClose(t *testing.T) {
	s := run(t, nil)
	failed := make(chan error, 1)
	go func() {
		_, err := s.ask(context.Background(), "sleep", "")
		failed <- err
	}()
	s.line(t, "sleeping")
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := asType(t, <-failed); e.Type != ExitError {
		t.Errorf("the invocation under way: %v", e)
	}
	if _, err := s.ask(t.Context(), "echo", ""); !errors.Is(err, ErrClosed) {
		t.Errorf("the next invocation: %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	_, err := New(Config{Functions: []Function{
		{Name: "a", Path: "x"}, {Name: "a", Path: "x"}, {Name: "b"}, {Path: "x"}, {Name: "c", Path: "x", Timeout: -1},
	}})
	want := "function a is there twice\n" +
		"function 2 \"b\": name or path of the binary is missing\n" +
		"function 3 \"\": name or path of the binary is missing\n" +
		"function c: negative timeout or number of processes"
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v, want\n%s", err, want)
	}
	s := run(t, nil)
	if _, err := s.Invoke(t.Context(), "another", nil); err == nil || err.Error() != "there is no function another" {
		t.Error(err)
	}
	if pids := s.Pids("another"); pids != nil {
		t.Error(pids)
	}
}
