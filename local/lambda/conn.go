package lambda

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
)

// connKey is the key of a request's *conn in its context.
type connKey struct{}

// tracked makes the connections of a listener conns and counts the open ones.
type tracked struct {
	net.Listener
	open *sync.WaitGroup
}

// Accept implements net.Listener.
func (l tracked) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.open.Add(1)
	return &conn{Conn: c, closed: l.open.Done}, nil
}

// A conn finds out whether the process at its other end died before it read
// what it was sent. The operating system tells: a connection that is closed with
// unread bytes, or is sent bytes after it was closed, is reset.
type conn struct {
	net.Conn
	closed func()
	once   sync.Once

	mu     sync.Mutex
	expect bool // something was sent, and nothing has come back
	over   bool // nothing will come any more
	lost   bool // not all that was sent has been read
}

// expectRead says that from now on an event is sent.
func (c *conn) expectRead() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expect = true
}

// unread reports whether the event that was sent cannot have been read whole.
func (c *conn) unread() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err // the server's way to interrupt itself
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 {
		c.expect = false
	}
	if err != nil && !c.over {
		c.over = true
		if c.expect && (errors.Is(err, syscall.ECONNRESET) || wasReset(c.Conn)) {
			c.lost = true
		}
	}
	return n, err
}

// Write implements net.Conn. It writes nothing once Read has seen the other end
// close: what is written then is reset too late for Read to notice.
func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		c.lost = c.lost || c.expect
		return 0, syscall.EPIPE
	}
	n, err := c.Conn.Write(b)
	if err != nil && c.expect {
		c.lost = true
	}
	return n, err
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.closed)
	return err
}
