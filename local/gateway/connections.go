package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// A Code is a refusal of the @connections API. The constant is the sentinel
// for errors.Is and the error type on the wire.
type Code string

// The refusals, named as the AWS SDK names them.
const (
	Gone          Code = "GoneException"            // 410: not yet, no longer or never connected
	LimitExceeded Code = "LimitExceededException"   // 429: too fast, or the client reads too slowly
	TooLarge      Code = "PayloadTooLargeException" // 413: over Limits.Message
	Forbidden     Code = "ForbiddenException"       // 403: not signed, or not for this API (HTTP only)
)

func (c Code) Error() string { return string(c) }

func (c Code) status() int {
	switch c {
	case Gone:
		return http.StatusGone
	case LimitExceeded:
		return http.StatusTooManyRequests
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case Forbidden:
		return http.StatusForbidden
	default:
		return http.StatusInternalServerError
	}
}

// A Connection is what the @connections API tells of a connection.
type Connection struct {
	ConnectedAt  time.Time
	LastActiveAt time.Time
	Identity     Identity
}

// Connections is the @connections API of a WebSocket API: methods for
// functions in this process, and a handler for those that sign requests to
// /{stage}/@connections/{id}. A connection exists from the moment its $connect
// has succeeded until somebody wants it closed. Methods may be called
// concurrently.
type Connections struct{ g *WebSocket }

// Connections returns the management API of g.
func (g *WebSocket) Connections() *Connections { return &Connections{g} }

// Post queues data as a text frame for a client. Two posts to one connection
// have no promised order. The errors are Gone, LimitExceeded and TooLarge.
func (cs *Connections) Post(ctx context.Context, id string, data []byte) error {
	if len(data) > cs.g.limits.Message {
		return TooLarge
	}
	c, err := cs.find(ctx, id)
	if err != nil {
		return err
	}
	if f := cs.g.config.Faults.Post; f != nil {
		if err := f(id); err != nil {
			return err
		}
	}
	return c.push(bytes.Clone(data))
}

// Get describes a connection. The errors are Gone and LimitExceeded.
func (cs *Connections) Get(ctx context.Context, id string) (Connection, error) {
	c, err := cs.find(ctx, id)
	if err != nil {
		return Connection{}, err
	}
	return c.describe(), nil
}

// Delete closes a connection with 1000, after what was posted before. The
// errors are Gone and LimitExceeded.
func (cs *Connections) Delete(ctx context.Context, id string) error {
	c, err := cs.find(ctx, id)
	if err != nil {
		return err
	}
	c.close(websocket.StatusNormalClosure, "Connection closed")
	return nil
}

func (cs *Connections) find(ctx context.Context, id string) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !cs.g.requests.admit() {
		return nil, LimitExceeded
	}
	cs.g.mu.Lock()
	c := cs.g.conns[id]
	cs.g.mu.Unlock()
	if c == nil || c.isClosing() {
		return nil, Gone
	}
	return c, nil
}

// ServeHTTP implements the management API over HTTP.
func (cs *Connections) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkSignature(r.Header, cs.g.config.Region); err != nil {
		writeError(w, Forbidden, err.Error())
		return
	}
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/"+cs.g.config.Stage+"/@connections/")
	id, err := url.PathUnescape(escaped)
	if !ok || err != nil {
		writeError(w, Forbidden, "no such resource")
		return
	}
	switch r.Method {
	case http.MethodPost:
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(r.Body, int64(cs.g.limits.Message)+1)); err == nil {
			err = cs.Post(r.Context(), id, data)
		}
	case http.MethodGet:
		var c Connection
		if c, err = cs.Get(r.Context(), id); err == nil {
			writeConnection(w, c)
			return
		}
	case http.MethodDelete:
		if err = cs.Delete(r.Context(), id); err == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	default:
		err = Forbidden
	}
	if err != nil {
		code, _ := errors.AsType[Code](err)
		writeError(w, code, err.Error())
		return
	}
	w.WriteHeader(http.StatusOK)
}

func writeConnection(w http.ResponseWriter, c Connection) {
	const layout = "2006-01-02T15:04:05.000Z"
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(struct {
		ConnectedAt  string   `json:"connectedAt"`
		Identity     Identity `json:"identity"`
		LastActiveAt string   `json:"lastActiveAt"`
	}{c.ConnectedAt.UTC().Format(layout), c.Identity, c.LastActiveAt.UTC().Format(layout)})
}

// writeError answers as the AWS SDK expects it: the type in a header.
func writeError(w http.ResponseWriter, code Code, message string) {
	w.Header().Set("X-Amzn-Errortype", string(or(code, "InternalServerErrorException")))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code.status())
	_ = json.NewEncoder(w).Encode(struct {
		Message string `json:"message"`
	}{message})
}
