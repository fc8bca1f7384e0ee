package lambda

import (
	"io"
	"net"
	"testing"
)

// TestUnread plays both ends of a connection; each step is over when the next
// begins.
func TestUnread(t *testing.T) {
	const text = "an event"
	for name, test := range map[string]struct {
		play func(c *conn, peer net.Conn)
		want bool
	}{
		"read, then closed": {func(c *conn, peer net.Conn) {
			c.expectRead()
			_, _ = c.Write([]byte(text))
			_, _ = io.ReadFull(peer, make([]byte, len(text)))
			_ = peer.Close()
		}, false},
		"closed without reading": {func(c *conn, peer net.Conn) {
			c.expectRead()
			_, _ = c.Write([]byte(text))
			_ = peer.Close()
		}, true},
		"closed after reading a part": {func(c *conn, peer net.Conn) {
			c.expectRead()
			_, _ = c.Write([]byte(text))
			_, _ = io.ReadFull(peer, make([]byte, len(text)-1))
			_ = peer.Close()
		}, true},
		"closed before it is sent, unnoticed": {func(c *conn, peer net.Conn) {
			_ = peer.Close()
			c.expectRead()
			_, _ = c.Write([]byte(text))
		}, true},
		"closed before it is sent, noticed": {func(c *conn, peer net.Conn) {
			_ = peer.Close()
			_, _ = c.Read(make([]byte, 1))
			c.expectRead()
			_, _ = c.Write([]byte(text))
		}, true},
		"answered, then an answer unread": {func(c *conn, peer net.Conn) {
			c.expectRead()
			_, _ = c.Write([]byte(text))
			_, _ = io.ReadFull(peer, make([]byte, len(text)))
			_, _ = peer.Write([]byte("!"))
			_, _ = c.Read(make([]byte, 1))
			_, _ = c.Write([]byte(text))
			_ = peer.Close()
		}, false},
		"nothing was sent": {func(_ *conn, peer net.Conn) { _ = peer.Close() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			peer, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			accepted, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			c := &conn{Conn: accepted, closed: func() {}}
			defer func() { _ = c.Close() }()
			test.play(c, peer)
			if n, err := c.Read(make([]byte, 1)); err == nil {
				t.Fatalf("read %d bytes", n)
			}
			if got := c.unread(); got != test.want {
				t.Errorf("unread %t, want %t", got, test.want)
			}
		})
	}
}
