package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	goingAway    = "Going away"
	writeTimeout = 10 * time.Second // for one frame to a client that reads slowly
)

// An Identity is what API Gateway knows of a client by itself.
type Identity struct {
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// A conn is one connection, from its upgrade request to its $disconnect.
//
// It lives on three kinds of goroutines: the handler's reads, one writes, and
// each message is handled on its own (row 16). Whoever wants it closed calls
// close; the writer then sends what is queued before the close frame.
type conn struct {
	id          string
	domain      string
	connectedAt time.Time
	identity    Identity
	authorizer  map[string]string
	now         func() time.Time

	ws    *websocket.Conn
	out   chan []byte
	asked chan struct{} // closed by close
	ended chan struct{} // closed by end
	idle  *time.Timer
	idles time.Duration

	mu         sync.Mutex
	lastActive time.Time
	closing    bool // no more posts
	code       websocket.StatusCode
	reason     string
}

func (g *WebSocket) newConn(r *http.Request) *conn {
	now := g.config.Now()
	return &conn{
		id:          g.config.NewID(),
		domain:      r.Host,
		connectedAt: now,
		lastActive:  now,
		identity:    Identity{SourceIP: sourceIP(r), UserAgent: r.UserAgent()},
		now:         g.config.Now,
		out:         make(chan []byte, g.limits.SendBuffer),
		asked:       make(chan struct{}),
		ended:       make(chan struct{}),
		idles:       g.limits.Idle,
	}
}

// run serves an accepted connection until it has ended, and returns how.
func (g *WebSocket) run(c *conn, ws *websocket.Conn) (code int, reason string) {
	late := func() { c.close(websocket.StatusGoingAway, goingAway) }
	c.mu.Lock()
	c.ws, c.idle = ws, time.AfterFunc(g.limits.Idle, late)
	c.mu.Unlock()
	life := time.AfterFunc(g.limits.Life, late)
	defer life.Stop()
	defer c.idle.Stop()

	written := make(chan struct{})
	go func() { defer close(written); c.write() }()
	code, reason = c.end(g.read(c))
	<-written
	_ = ws.CloseNow()
	return code, reason
}

// read starts the handling of each message, until the connection fails or a
// message breaks a rule.
func (g *WebSocket) read(c *conn) error {
	for {
		typ, r, err := c.ws.Reader(context.Background())
		var body []byte
		if err == nil && typ == websocket.MessageText {
			body, err = io.ReadAll(io.LimitReader(r, int64(g.limits.Message)+1))
		}
		switch {
		case errors.Is(err, errFrameTooLarge):
			c.close(websocket.StatusMessageTooBig, fmt.Sprintf("frame over %d bytes", g.limits.Frame))
			return err
		case err != nil:
			return err
		case typ == websocket.MessageBinary:
			c.close(websocket.StatusUnsupportedData, "binary message")
			return nil
		case len(body) > g.limits.Message:
			c.close(websocket.StatusMessageTooBig, fmt.Sprintf("message over %d bytes", g.limits.Message))
			return nil
		}
		if c.isClosing() {
			continue // read on for the client's close frame
		}
		c.touch()
		g.wg.Go(func() { g.handle(c, body) })
	}
}

// write sends what is queued. When the connection is to be closed it empties
// the queue first, so that a farewell posted before a DELETE arrives.
func (c *conn) write() {
	for {
		select {
		case m := <-c.out:
			if !c.send(m) {
				return
			}
		case <-c.asked:
			for len(c.out) > 0 {
				if !c.send(<-c.out) {
					return
				}
			}
			_ = c.ws.Close(c.code, c.reason)
			return
		case <-c.ended:
			select {
			case <-c.asked: // the reader has met a broken rule
				continue
			default:
				return
			}
		}
	}
}

func (c *conn) send(m []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, m) == nil
}

// push queues m for the client. It returns Gone if the connection is closing,
// LimitExceeded if too much is queued already.
func (c *conn) push(m []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return Gone
	}
	select {
	case c.out <- m:
		c.touched()
		return nil
	default:
		return LimitExceeded
	}
}

// close asks for the connection to be closed. Only the first call counts.
func (c *conn) close(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.closing, c.code, c.reason = true, code, reason
	close(c.asked)
}

// end records that the reader has stopped with err, and returns how the
// connection was closed: by us, by the client, or uncleanly.
func (c *conn) end(err error) (code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		c.closing, c.code = true, websocket.StatusAbnormalClosure
		if ce, ok := errors.AsType[websocket.CloseError](err); ok {
			c.code, c.reason = ce.Code, ce.Reason
		}
	}
	close(c.ended)
	return int(c.code), c.reason
}

// cut ends the connection without a closing handshake.
func (c *conn) cut() {
	c.mu.Lock()
	ws := c.ws
	c.mu.Unlock()
	if ws != nil {
		_ = ws.CloseNow()
	}
}

func (c *conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

// touch notes that the connection is in use.
func (c *conn) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.touched()
}

func (c *conn) touched() {
	c.lastActive = c.now()
	if c.idle != nil {
		c.idle.Reset(c.idles)
	}
}

func (c *conn) describe() Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Connection{ConnectedAt: c.connectedAt, LastActiveAt: c.lastActive, Identity: c.identity}
}
