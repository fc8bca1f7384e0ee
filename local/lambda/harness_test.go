package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen at once.
const patience = 20 * time.Second

// subject builds the function of the tests, once.
var subject = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("SUBJECT_DIR")
	return Binary(dir, "subject"), Build(context.Background(), "testdata", dir, []string{"subject"})
})

func TestMain(m *testing.M) {
	if binary := os.Getenv("LAMBDA_TEST_CHILD"); binary != "" {
		child(binary)
		return
	}
	dir, err := os.MkdirTemp("", "lambda-test-")
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("SUBJECT_DIR", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// A stage runs the subject.
type stage struct {
	*Runtime
	printed chan string // lines that functions printed
}

// Write implements io.Writer for what functions print.
func (s *stage) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		select {
		case s.printed <- strings.TrimSuffix(line, "\n"):
		default: // nobody reads that much
		}
	}
	return len(b), nil
}

// run starts a runtime with the function "subject"; change may alter it.
func run(t *testing.T, change func(f *Function)) *stage {
	t.Helper()
	binary, err := subject()
	if err != nil {
		t.Fatal(err)
	}
	f := Function{Name: "subject", Path: binary, Timeout: patience}
	if change != nil {
		change(&f)
	}
	s := &stage{printed: make(chan string, 1000)}
	s.Runtime, err = New(Config{Functions: []Function{f}, Output: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
		if pids := s.Pids("subject"); len(pids) != 0 {
			t.Errorf("processes %v after Close", pids)
		}
	})
	return s
}

// line waits for a line of a function that begins so.
func (s *stage) line(t *testing.T, prefix string) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line := <-s.printed:
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-timeout:
			t.Fatalf("no function printed %q", prefix)
		}
	}
}

// An answer is what the subject says.
type answer struct {
	Text, Folder, ARN, ID string
	Pid                   int
	Env                   []string
	Deadline              int64
	Statuses              []int
}

func event(do, text string) []byte { return fmt.Appendf(nil, `{"do":%q,"text":%q}`, do, text) }

// ask invokes the subject.
func (s *stage) ask(ctx context.Context, do, text string) (answer, error) {
	var a answer
	result, err := s.Invoke(ctx, "subject", event(do, text))
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(result)).Decode(&a)
	}
	return a, err
}

// must invokes the subject, which succeeds.
func (s *stage) must(t *testing.T, do, text string) answer {
	t.Helper()
	a, err := s.ask(t.Context(), do, text)
	if err != nil {
		t.Fatalf("%s: %v", do, err)
	}
	return a
}

// until waits until the condition holds for a process of the subject.
func (s *stage) until(t *testing.T, condition func(*process) bool) {
	t.Helper()
	l := s.pools["subject"]
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		l.mu.Lock()
		for p := range l.live {
			if condition(p) {
				l.mu.Unlock()
				return
			}
		}
		l.mu.Unlock()
	}
	t.Fatal("no process came so far")
}

// child runs the subject until it is killed: one process idle, one serving.
func child(binary string) {
	r, err := New(Config{Functions: []Function{{Name: "subject", Path: binary, Timeout: time.Hour}}, Output: os.Stdout})
	if err != nil {
		panic(err)
	}
	for range 2 {
		go func() { _, _ = r.Invoke(context.Background(), "subject", event("sleep", "")) }()
	}
	result, err := r.Invoke(context.Background(), "subject", event("echo", ""))
	if err != nil {
		panic(err)
	}
	var a answer
	if err := json.Unmarshal(result, &a); err != nil {
		panic(err)
	}
	fmt.Println("idle", a.Pid)
	select {}
}
