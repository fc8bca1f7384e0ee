package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A call is a request in the form in which DynamoDB gets it.
type call struct {
	op   string // PutItem, …
	body []byte
	at   time.Time
	done <-chan struct{} // closed when the caller waits no more
}

// writes are the operations that write.
var writes = []string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}

// A reply answers a call instead of the server, or after it.
type reply func(c call, serve func() (*http.Response, error)) (*http.Response, error)

// network stands between a store and the server. The nth write gets the nth reply, and later
// writes get the last one. A nil reply means that the server answers.
type network struct {
	replies []reply

	mu    sync.Mutex
	calls []call
	wrote int
}

var errNetwork = errors.New("connection reset")

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c := call{op: op, body: body, at: time.Now(), done: r.Context().Done()}
	serve := func() (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return http.DefaultTransport.RoundTrip(again)
	}
	n.mu.Lock()
	n.calls = append(n.calls, c)
	var answer reply
	if slices.Contains(writes, op) && len(n.replies) > 0 {
		answer = n.replies[min(n.wrote, len(n.replies)-1)]
		n.wrote++
	}
	n.mu.Unlock()
	if answer == nil {
		return serve()
	}
	return answer(c, serve)
}

// ops returns the operations of the calls, in order.
func (n *network) ops() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for _, c := range n.calls {
		all = append(all, c.op)
	}
	return all
}

// token returns the token of call i, counted from 0.
func (n *network) token(t *testing.T, i int) string {
	t.Helper()
	var in struct{ ClientRequestToken string }
	if err := json.Unmarshal(n.calls[i].body, &in); err != nil || in.ClientRequestToken == "" {
		t.Fatalf("call %d has no token: %v", i, err)
	}
	return in.ClientRequestToken
}

// lose has the server carry out the call, and loses the answer.
func lose(_ call, serve func() (*http.Response, error)) (*http.Response, error) {
	resp, err := serve()
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(errNetwork, resp.Body.Close())
}

// drop loses the request.
func drop(call, func() (*http.Response, error)) (*http.Response, error) { return nil, errNetwork }

// hang does not answer.
func hang(c call, _ func() (*http.Response, error)) (*http.Response, error) {
	<-c.done
	return nil, errNetwork
}

// refuse answers with an error of DynamoDB.
func refuse(status int, kind string, reasons ...map[string]any) reply {
	return func(call, func() (*http.Response, error)) (*http.Response, error) {
		body, err := json.Marshal(map[string]any{
			"__type": "com.amazonaws.dynamodb.v20120810#" + kind, "message": kind, "CancellationReasons": reasons,
		})
		if err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// cancel answers a transaction with the reasons for which it is cancelled, one for each item.
func cancel(codes ...string) reply {
	var reasons []map[string]any
	for _, code := range codes {
		reasons = append(reasons, map[string]any{"Code": code})
	}
	return refuse(http.StatusBadRequest, "TransactionCanceledException", reasons...)
}
