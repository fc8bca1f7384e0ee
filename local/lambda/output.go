package lambda

import (
	"bytes"
	"io"
	"sync"
)

// A sink is where all processes write, one at a time.
type sink struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sink) write(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.w.Write(b)
}

// maxLine is how long a line may grow before it is written in pieces.
const maxLine = 64 << 10

// lines passes on what a process prints by whole lines.
type lines struct {
	sink *sink

	mu   sync.Mutex
	rest []byte // begun and not ended
	seen []byte // the last that was not empty
}

// Write implements io.Writer. It never fails: a process must not end because
// nobody can read what it prints.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, b...)
	if end := bytes.LastIndexByte(l.rest, '\n') + 1; end > 0 {
		l.pass(end)
	}
	if len(l.rest) > maxLine {
		l.pass(len(l.rest))
	}
	return len(b), nil
}

func (l *lines) pass(end int) {
	whole := l.rest[:end]
	l.sink.write(whole)
	text := bytes.TrimSpace(whole)
	if line := text[bytes.LastIndexByte(text, '\n')+1:]; len(line) > 0 {
		l.seen = bytes.Clone(line[:min(len(line), 2*shown)])
	}
	l.rest = append(l.rest[:0], l.rest[end:]...)
}

// flush passes on a line that has no end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.rest = append(l.rest, '\n')
		l.pass(len(l.rest))
	}
}

// last returns the last line to be appended to an error, or nothing.
func (l *lines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) == 0 {
		return ""
	}
	return "; it said: " + string(l.seen)
}
