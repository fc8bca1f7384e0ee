package lambda

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		t.Fatal(err)
	}
}

// TestKilledWhileIdle invokes a function in the very moment in which its process
// is killed: before the runtime can know.
func TestKilledWhileIdle(t *testing.T) {
	for name, size := range map[string]int{"a small event": 10, "more than the system takes at once": 4 << 20} {
		t.Run(name, func(t *testing.T) {
			s := run(t, func(f *Function) { f.MaxProcesses = 1 })
			text := strings.Repeat("x", size)
			for i := range max(3, 300/size) {
				before := s.must(t, "echo", "")
				kill(t, before.Pid)
				a, err := s.ask(t.Context(), "echo", text)
				if err != nil || a.Text != text || a.Pid == before.Pid {
					t.Fatalf("%d: %d bytes by %d after %d: %v", i, len(a.Text), a.Pid, before.Pid, err)
				}
			}
		})
	}
}

// stop stops a process and waits until each of its threads has stopped.
func stop(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(stats) == 0 {
		t.Fatal(stats, err)
	}
	for _, stat := range stats {
		for status(stat) != 'T' {
			time.Sleep(time.Millisecond)
		}
	}
}

// TestStoppedWhileIdle hands an event to a process that does not run and then is
// killed: it has not read the event.
func TestStoppedWhileIdle(t *testing.T) {
	s := run(t, func(f *Function) { f.MaxProcesses = 1 })
	before := s.must(t, "echo", "")
	s.until(t, func(p *process) bool { return p.state == idle })
	stop(t, before.Pid)
	answered := make(chan error, 1)
	go func() {
		_, err := s.ask(t.Context(), "echo", "")
		answered <- err
	}()
	s.until(t, func(p *process) bool { return p.inHand != nil && p.inHand.by.Load() != nil })
	kill(t, before.Pid)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestKilledWhileServing(t *testing.T) {
	s := run(t, nil)
	failed := make(chan error, 1)
	go func() {
		_, err := s.ask(t.Context(), "sleep", "")
		failed <- err
	}()
	s.line(t, "sleeping")
	for _, pid := range s.Pids("subject") {
		kill(t, pid)
	}
	e := asType(t, <-failed)
	if e.Type != ExitError || !strings.HasSuffix(e.Message, "Runtime exited with error: signal: killed") {
		t.Errorf("%s: %s", e.Type, e.Message)
	}
	s.must(t, "echo", "")
}

// TestKilledAtRandom states the law: what is answered was executed once, what is
// not answered at most once, and only an event that was read can fail.
func TestKilledAtRandom(t *testing.T) {
	const workers, each = 6, 150
	file := filepath.Join(t.TempDir(), "record")
	s := run(t, func(f *Function) { f.MaxProcesses, f.Env = 4, map[string]string{"RECORD": file} })
	stop, stopped := make(chan struct{}), make(chan struct{})
	kills := 0
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(1+rand.IntN(15)) * time.Millisecond):
			}
			if pids := s.Pids("subject"); len(pids) > 0 {
				_ = syscall.Kill(pids[rand.IntN(len(pids))], syscall.SIGKILL)
				kills++
			}
		}
	}()
	var mu sync.Mutex
	answered := map[string]bool{}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", w, i)
				_, err := s.ask(t.Context(), "record", id)
				if err != nil && !strings.Contains(err.Error(), "signal: killed") {
					t.Errorf("%s: %v", id, err)
				}
				mu.Lock()
				answered[id] = err == nil
				mu.Unlock()
			}
		})
	}
	all.Wait()
	close(stop)
	<-stopped
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	executed := map[string]int{}
	for _, id := range strings.Fields(string(raw)) {
		executed[id]++
	}
	failures := 0
	for id, ok := range answered {
		if n := executed[id]; n > 1 || ok && n == 0 {
			t.Errorf("%s: answered %t, executed %d times", id, ok, n)
		}
		if !ok {
			failures++
		}
	}
	t.Logf("%d invocations, %d kills, %d failures", len(answered), kills, failures)
}

func TestProcessesDieWithTheirParent(t *testing.T) {
	binary, err := subject()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LAMBDA_TEST_CHILD="+binary)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	lines := bufio.NewScanner(out)
	for len(pids) < 3 && lines.Scan() {
		what, pid := "", 0
		if _, err := fmt.Sscan(lines.Text(), &what, &pid); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		pids = append(pids, pid)
	}
	if len(pids) != 3 {
		t.Fatalf("processes %v", pids)
	}
	for _, pid := range pids {
		if !alive(pid) {
			t.Fatalf("process %d does not run", pid)
		}
	}
	kill(t, cmd.Process.Pid)
	_ = cmd.Wait()
	for _, pid := range pids {
		for deadline := time.Now().Add(patience); alive(pid); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				kill(t, pid)
				t.Fatalf("process %d outlives its parent", pid)
			}
		}
	}
}

// alive reports whether a process runs; one that nobody has reaped does not.
func alive(pid int) bool {
	c := status(fmt.Sprintf("/proc/%d/stat", pid))
	return c != 0 && c != 'Z'
}

// status returns the letter that Linux has for the state of a process or a
// thread, 0 if there is none.
func status(file string) byte {
	stat, _ := os.ReadFile(file)
	_, after, found := strings.Cut(string(stat), ") ")
	if !found {
		return 0
	}
	return after[0]
}
