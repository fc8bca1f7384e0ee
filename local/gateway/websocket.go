package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// A Config describes a WebSocket API. Stage and Routes are needed, the rest
// has defaults.
type Config struct {
	Stage      string
	Routes     map[string]Route // by route key: $connect, $disconnect, $default, or a value of body.action
	Authorizer *Authorizer      // of $connect; nil admits everybody
	Limits     Limits
	Faults     Faults

	Region  string // in methodArn and in the scope of signatures; default eu-south-1
	Account string // in methodArn; default 000000000000
	APIID   string // default local

	Now   func() time.Time // default time.Now
	NewID func() string    // of connections, requests and messages; default NewID
	Log   *slog.Logger     // default slog.Default
}

// A Route says which function serves a route key.
type Route struct {
	Function string
	Response bool // a route response is configured: the body of the answer goes to the client
}

// WebSocket is a WebSocket API. As a handler it serves the upgrade, whatever
// the path; Connections is its management API.
type WebSocket struct {
	inv      Invoker
	config   Config
	limits   Limits
	log      *slog.Logger
	connects *rate
	requests *rate

	ctx    context.Context // of invocations; ends when Close gives up waiting
	cancel context.CancelFunc
	wg     sync.WaitGroup // upgrades, connections and messages under way

	mu      sync.Mutex
	conns   map[string]*conn
	closing chan struct{} // closed by Close
}

// NewWebSocket returns a WebSocket API whose functions inv runs. It returns an
// error if c cannot be served.
func NewWebSocket(c Config, inv Invoker) (*WebSocket, error) {
	if inv == nil || c.Stage == "" {
		return nil, errors.New("gateway: an invoker and a stage are needed")
	}
	for key, route := range c.Routes {
		if route.Function == "" {
			return nil, fmt.Errorf("gateway: route %q has no function", key)
		}
	}
	if c.Authorizer != nil {
		if err := c.Authorizer.check(); err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
	}
	c.Region = or(c.Region, "eu-south-1")
	c.Account = or(c.Account, "000000000000")
	c.APIID = or(c.APIID, "local")
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = NewID
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	limits := c.Limits.orDefault()
	g := &WebSocket{
		inv: inv, config: c, limits: limits, log: c.Log,
		connects: newRate(limits.NewConnections, c.Now),
		requests: newRate(limits.Requests, c.Now),
		conns:    make(map[string]*conn),
		closing:  make(chan struct{}),
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	return g, nil
}

// ServeHTTP answers an upgrade after the authorizer and $connect have agreed,
// and stays until the connection has ended and its $disconnect has run.
func (g *WebSocket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := upgradeStatus(r); status != http.StatusOK {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		g.refuse(w, status, "")
		return
	}
	if !g.begin() {
		g.refuse(w, http.StatusServiceUnavailable, "")
		return
	}
	defer g.wg.Done()
	if !g.connects.admit() {
		g.refuse(w, http.StatusTooManyRequests, "")
		return
	}
	c := g.newConn(r)
	if status := g.authorize(g.ctx, r, c); status != http.StatusOK {
		g.refuse(w, status, c.id)
		return
	}
	protocol, status := g.connect(r, c)
	if status < 200 || status > 299 {
		g.refuse(w, status, c.id)
		return
	}
	g.add(c) // before the client knows: it may ask at once for what is posted
	ws, err := websocket.Accept(framed{w, g.limits.Frame}, r, &websocket.AcceptOptions{
		Subprotocols:       protocol,
		InsecureSkipVerify: true, // the origin is the authorizer's business
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     func(context.Context, []byte) bool { c.touch(); return true },
	})
	if err != nil { // the client has gone away meanwhile
		g.remove(c)
		g.disconnect(c, int(websocket.StatusAbnormalClosure), "")
		return
	}
	ws.SetReadLimit(-1) // ours counts frames as well
	code, reason := g.run(c, ws)
	g.remove(c)
	g.disconnect(c, code, reason)
}

// connect runs $connect. It returns the subprotocol that the function has
// chosen, as a list of at most one, and the status for the client.
func (g *WebSocket) connect(r *http.Request, c *conn) (protocol []string, status int) {
	route, ok := g.config.Routes["$connect"]
	if !ok {
		return nil, http.StatusOK
	}
	result, err := call(g.ctx, g.inv, route.Function, g.connectEvent(r, c), g.limits.Integration)
	if err != nil {
		g.log.ErrorContext(r.Context(), "connect failed", "connection_id", c.id, "err", err)
		return nil, http.StatusBadGateway
	}
	answer, err := proxyResponse(result)
	if err != nil {
		g.log.ErrorContext(r.Context(), "connect failed", "connection_id", c.id, "err", err)
		return nil, http.StatusBadGateway
	}
	for name, value := range answer.Headers {
		if textproto.CanonicalMIMEHeaderKey(name) == "Sec-Websocket-Protocol" {
			protocol = []string{value}
		}
	}
	return protocol, answer.StatusCode
}

// disconnect runs $disconnect, unless a fault drops it. Its answer is nobody's.
func (g *WebSocket) disconnect(c *conn, code int, reason string) {
	route, ok := g.config.Routes["$disconnect"]
	if !ok {
		return
	}
	if f := g.config.Faults.Disconnect; f != nil {
		delay, drop := f(c.id)
		if drop {
			return
		}
		late := time.NewTimer(delay)
		defer late.Stop()
		select {
		case <-late.C:
		case <-g.closing:
		}
	}
	if _, err := call(g.ctx, g.inv, route.Function, g.disconnectEvent(c, code, reason), g.limits.Integration); err != nil {
		g.log.Error("disconnect failed", "connection_id", c.id, "err", err)
	}
}

// Close refuses new connections, closes all others with 1001 and returns when
// their $disconnect and all messages under way are done. When ctx ends first
// it cuts what is left and returns the error of ctx.
func (g *WebSocket) Close(ctx context.Context) error {
	g.mu.Lock()
	if !g.closed() {
		close(g.closing)
	}
	for _, c := range g.conns {
		c.close(websocket.StatusGoingAway, goingAway)
	}
	g.mu.Unlock()

	done := make(chan struct{})
	go func() { g.wg.Wait(); close(done) }()
	defer g.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.conns {
		go c.cut()
	}
	return ctx.Err()
}

// begin counts an upgrade in, unless the gateway is closing.
func (g *WebSocket) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed() {
		return false
	}
	g.wg.Add(1)
	return true
}

// add makes c known to the @connections API, remove unknown.
func (g *WebSocket) add(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns[c.id] = c
	if g.closed() {
		c.close(websocket.StatusGoingAway, goingAway)
	}
}

func (g *WebSocket) remove(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c.id)
}

func (g *WebSocket) closed() bool {
	select {
	case <-g.closing:
		return true
	default:
		return false
	}
}

// A notice is what API Gateway itself says to a client.
type notice struct {
	Message      string `json:"message"`
	ConnectionID string `json:"connectionId,omitempty"`
	RequestID    string `json:"requestId"`
}

// refuse answers an upgrade that does not become a connection.
func (g *WebSocket) refuse(w http.ResponseWriter, status int, connectionID string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(notice{http.StatusText(status), connectionID, g.config.NewID()})
}

// upgradeStatus is 200 if r is a well-formed WebSocket upgrade (RFC 6455,
// section 4.2.1), so that nothing is invoked for what cannot become one.
func upgradeStatus(r *http.Request) int {
	if r.Method != http.MethodGet || !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket") {
		return http.StatusUpgradeRequired
	}
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	if err != nil || len(key) != 16 || r.Header.Get("Sec-WebSocket-Version") != "13" {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

func hasToken(h http.Header, name, token string) bool {
	for _, value := range h.Values(name) {
		for t := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}
