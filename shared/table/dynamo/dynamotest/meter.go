// Package dynamotest counts what requests to DynamoDB cost, by the rules that
// AWS publishes and not by what a server says: servers for tests get some of
// them wrong.
package dynamotest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Request is one that was made, with the capacity units that it costs.
type Request struct {
	By     string   // who made it, by With
	Op     string   // PutItem, …
	Keys   []string // partition keys, in the order of the request
	Reads  float64
	Writes float64
	Status int // of the answer, 0 if there was none
}

// On reports whether the request is for an item whose partition key begins with
// prefix.
func (r Request) On(prefix string) bool {
	return slices.ContainsFunc(r.Keys, func(k string) bool { return strings.HasPrefix(k, prefix) })
}

// A Meter is an http.RoundTripper that counts the units of what passes. What is
// written is looked at before and after, by reads of its own that do not count:
// a request does not tell how large the item is. So it lets one request pass at
// a time.
type Meter struct {
	Inner http.RoundTripper // http.DefaultTransport if nil

	mu       sync.Mutex
	requests []Request
	faults   []string
	done     map[string]bool // tokens of transactions that have been made
}

type byKey struct{}

// With returns a context whose requests are by who.
func With(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, byKey{}, who)
}

// Requests returns those that were made, in order, without those that cost
// nothing: of tables.
func (m *Meter) Requests() []Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// Faults returns what was wrong: reads that are not strongly consistent, and
// requests that this meter cannot count.
func (m *Meter) Faults() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.faults)
}

// A body is what this package reads of requests.
type body struct {
	TableName      string
	Key, Item      item
	ConsistentRead bool

	ExpressionAttributeValues item
	TransactItems             []map[string]body
	ClientRequestToken        string

	// Reads that return less than they read.
	ProjectionExpression, FilterExpression, Select, IndexName string
}

// key returns the keys of what the request writes or reads.
func (b body) key() item {
	if b.Key != nil {
		return b.Key
	}
	return item{"pk": b.Item["pk"], "sk": b.Item["sk"]}
}

// RoundTrip implements http.RoundTripper.
func (m *Meter) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	x := &exchange{Meter: m, request: r, raw: raw}
	// Looks are not the caller's: what becomes of a write that nobody waits for
	// any more counts too. Their signature is the caller's; it is not checked.
	x.looks = r.Clone(context.WithoutCancel(r.Context()))
	x.looks.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	x.By, _ = r.Context().Value(byKey{}).(string)
	x.Op = op
	m.mu.Lock()
	defer m.mu.Unlock()
	resp, err := x.pass()
	if x.Keys != nil {
		m.requests = append(m.requests, x.Request)
	}
	return resp, err
}

// An exchange is a request and its answer.
type exchange struct {
	*Meter
	Request
	request *http.Request
	looks   *http.Request // the request for looking at items, without body
	raw     []byte
	in      body
}

func (x *exchange) fault(format string, args ...any) {
	x.faults = append(x.faults, x.Op+": "+fmt.Sprintf(format, args...))
}

func (x *exchange) pass() (*http.Response, error) {
	if err := json.Unmarshal(x.raw, &x.in); err != nil {
		x.fault("%v", err)
	}
	switch x.Op {
	case "GetItem", "Query":
		return x.read()
	case "PutItem", "UpdateItem", "DeleteItem":
		return x.write([]body{x.in}, 1)
	case "TransactWriteItems":
		var all []body
		for _, t := range x.in.TransactItems {
			for _, b := range t {
				all = append(all, b)
			}
		}
		return x.write(all, 2)
	case "CreateTable", "DescribeTable", "UpdateTimeToLive":
	default:
		x.fault("this meter cannot count it")
	}
	resp, _, err := x.send(x.request, x.raw)
	return resp, err
}

// send sends raw instead of what r has for a body, and returns the answer's.
func (x *exchange) send(r *http.Request, raw []byte) (*http.Response, []byte, error) {
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	inner := x.Inner
	if inner == nil {
		inner = http.DefaultTransport
	}
	resp, err := inner.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	return resp, answer, nil
}

// read counts a read: 1 unit for each 4 KB of what is read, together, at least
// 1, also where nothing is found; half of it if it is eventually consistent.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func (x *exchange) read() (*http.Response, error) {
	x.Keys = []string{x.partition()}
	if !x.in.ConsistentRead {
		x.fault("of %s is not strongly consistent", x.Keys[0])
	}
	if in := x.in; in.ProjectionExpression != "" || in.FilterExpression != "" || in.Select != "" || in.IndexName != "" {
		x.fault("of %s returns less than it reads, or reads an index: this meter cannot count it", x.Keys[0])
	}
	resp, answer, err := x.send(x.request, x.raw)
	if err != nil {
		return nil, err
	}
	if x.Status = resp.StatusCode; x.Status != http.StatusOK {
		return resp, nil
	}
	var found struct {
		Item  item
		Items []item
	}
	if err := json.Unmarshal(answer, &found); err != nil {
		x.fault("%v", err)
	}
	total := 0
	for _, it := range append(found.Items, found.Item) {
		total += x.sizeOf(it)
	}
	x.Reads = units(total, 4096)
	if !x.in.ConsistentRead {
		x.Reads /= 2
	}
	return resp, nil
}

// partition returns the partition key of a GetItem or Query.
func (x *exchange) partition() string {
	if x.Op == "Query" {
		return text(x.in.ExpressionAttributeValues[":pk"])
	}
	return text(x.in.Key["pk"])
}

// write counts a write: 1 unit for each KB of each item, before or after,
// whichever is larger, at least 1; two in a transaction, which prepares and
// then commits. A write whose condition fails costs the same; of the item that
// an update would have made nothing is known then, and the one that is there
// counts. Of a cancelled transaction AWS does not say what it costs; it counts
// as if it had been made. One that is repeated with its token after it was made
// only reads what it wrote, twice.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
func (x *exchange) write(all []body, factor float64) (*http.Response, error) {
	x.Keys = []string{}
	sizes := make([]int, len(all))
	for i, b := range all {
		x.Keys = append(x.Keys, text(b.key()["pk"]))
		sizes[i] = max(x.look(b), x.sizeOf(b.Item))
	}
	resp, answer, err := x.send(x.request, x.raw)
	if err == nil {
		x.Status = resp.StatusCode
	}
	if x.Status != http.StatusOK && !conditional(answer) {
		return resp, err // refused before it was tried, or nobody knows
	}
	token := x.in.ClientRequestToken
	again := token != "" && x.done[token]
	for i, b := range all {
		n := max(sizes[i], x.look(b))
		if again {
			x.Reads += factor * units(n, 4096)
		} else {
			x.Writes += factor * units(n, 1024)
		}
	}
	if token != "" && x.Status == http.StatusOK {
		if x.done == nil {
			x.done = map[string]bool{}
		}
		x.done[token] = true
	}
	return resp, err
}

// conditional reports whether an answer says that a condition is not met.
func conditional(answer []byte) bool {
	var refusal struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(answer, &refusal) // what is no JSON says nothing
	return strings.HasSuffix(refusal.Type, "#ConditionalCheckFailedException") ||
		strings.HasSuffix(refusal.Type, "#TransactionCanceledException")
}

// look returns the size of the item that b is about, as it is now.
func (x *exchange) look(b body) int {
	raw, err := json.Marshal(map[string]any{"TableName": b.TableName, "Key": b.key(), "ConsistentRead": true})
	if err != nil {
		x.fault("%v", err)
		return 0
	}
	resp, answer, err := x.send(x.looks, raw)
	if err == nil {
		err = resp.Body.Close()
	}
	if err != nil {
		x.fault("look at %s: %v", text(b.key()["pk"]), err)
		return 0
	}
	var found struct{ Item item }
	if err := json.Unmarshal(answer, &found); err != nil || resp.StatusCode != http.StatusOK {
		x.fault("look at %s: %d %s", text(b.key()["pk"]), resp.StatusCode, answer)
	}
	return x.sizeOf(found.Item)
}

func (x *exchange) sizeOf(it item) int {
	n, err := size(it)
	if err != nil {
		x.fault("%v", err)
	}
	return n
}

func text(v value) string {
	var s string
	_ = json.Unmarshal(v["S"], &s) // keys are strings; package dynamo
	return s
}

// units returns how many pieces of that size n bytes have; one if there are none.
func units(n, piece int) float64 { return float64(max(1, (n+piece-1)/piece)) }
