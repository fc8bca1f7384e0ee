package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// events is how many events a process gets after it has started.
const events = 50

// event is one that functions refuse, or find nothing to do for.
const event = `{"version":"2.0","rawPath":"/nothing","requestContext":{"http":{"method":"GET","path":"/nothing"}}}`

// patience is how long a process may take until it asks for an event: Lambda's
// limit of the init phase.
const patience = 10 * time.Second

// A sample is what one start took.
type sample struct {
	cpu, wall time.Duration // until the first request for an event
	rss       int64         // then, in bytes
	later     int64         // after so many events
}

// A start is one process and its Runtime API: local/lambda's hands an event over
// at once, here the process has to wait while it is looked at.
type start struct {
	cmd     *exec.Cmd
	printed bytes.Buffer   // to be read when it has ended
	ended   chan struct{}  // closed then
	asks    chan time.Time // the process asks for an event
	gives   chan struct{}  // it gets one
}

// measure starts a binary, gives it the events and kills it.
func measure(ctx context.Context, binary string, env []string) (sample, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return sample{}, err
	}
	s := &start{cmd: exec.CommandContext(ctx, binary), ended: make(chan struct{}), asks: make(chan time.Time), gives: make(chan struct{})}
	server := &http.Server{Handler: s, ReadHeaderTimeout: patience}
	defer func() { _ = server.Close() }()
	go func() { _ = server.Serve(listener) }()

	s.cmd.Dir = filepath.Dir(binary)
	s.cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}, env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.printed, &s.printed
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return sample{}, err
	}
	go func() {
		defer close(s.ended)
		_ = s.cmd.Wait() // its state says how it ended
	}()
	v, err := s.watch(began)
	_ = s.cmd.Process.Kill() // or it has ended
	<-s.ended
	return v, err
}

// watch looks at the process when it first asks for an event and when it has had
// all.
func (s *start) watch(began time.Time) (v sample, err error) {
	at, err := s.asked()
	if err != nil {
		return v, err
	}
	v.wall = at.Sub(began)
	if v.cpu, err = cpuTime(s.cmd.Process.Pid); err != nil {
		return v, err
	}
	if v.rss, err = resident(s.cmd.Process.Pid); err != nil {
		return v, err
	}
	for range events {
		select {
		case s.gives <- struct{}{}:
		case <-s.ended: // asked knows
		}
		if _, err := s.asked(); err != nil {
			return v, err
		}
	}
	v.later, err = resident(s.cmd.Process.Pid)
	return v, err
}

// asked waits until the process asks for an event and returns when it did.
func (s *start) asked() (time.Time, error) {
	select {
	case at := <-s.asks:
		return at, nil
	case <-s.ended:
		return time.Time{}, fmt.Errorf("%s ended: %s; it printed:\n%s", s.cmd.Path, s.cmd.ProcessState, bytes.TrimSpace(s.printed.Bytes()))
	case <-time.After(patience):
		return time.Time{}, fmt.Errorf("%s does not ask for an event", s.cmd.Path)
	}
}

// ServeHTTP implements http.Handler: the Runtime API.
func (s *start) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet { // an answer or a failure
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	now := time.Now()
	select {
	case s.asks <- now:
	case <-r.Context().Done():
		return
	}
	select {
	case <-s.gives:
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000000")
	w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(now.Add(patience).UnixMilli(), 10))
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, event)
}
