package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/shared/app/wiring"
)

// eventsDir has one recorded event for every way in which a function is called.
const eventsDir = "events"

// eventNames are the names of the events that there must be.
func eventNames() []string {
	names := []string{"authorizer", "queue"}
	for _, c := range topology.Schedules {
		names = append(names, scheduleEvent(c.Function))
	}
	for key := range topology.Socket {
		names = append(names, socketEvent(key))
	}
	for key := range topology.HTTP {
		names = append(names, httpEvent(key))
	}
	slices.Sort(names)
	return names
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// httpEvent returns the name of a route's event: get-v1-me.
func httpEvent(route string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(route), "-"), "-")
}

// socketEvent returns the name of a socket route's event: socket-connect.
func socketEvent(route string) string { return "socket-" + strings.TrimPrefix(route, "$") }

// scheduleEvent returns the name of what a function is called with by its schedule:
// schedule-sweep.
func scheduleEvent(f topology.Function) string { return "schedule-" + string(f) }

// An eventTape keeps the first event of each name, or the first with a token where
// there is one: the look from outside comes to some routes without.
type eventTape struct {
	gateway.Invoker
	mu     sync.Mutex
	events map[string][]byte
}

// Invoke implements gateway.Invoker.
func (e *eventTape) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	name := eventName(topology.Function(function), payload)
	e.mu.Lock()
	if kept := e.events[name]; kept == nil || !anyToken.Match(kept) && anyToken.Match(payload) {
		e.events[name] = payload
	}
	e.mu.Unlock()
	return e.Invoker.Invoke(ctx, function, payload)
}

func eventName(f topology.Function, payload []byte) string {
	switch f {
	case topology.Authorize:
		return "authorizer"
	case topology.Consumer:
		return "queue"
	case topology.Sweep, topology.Retain, topology.Look:
		return scheduleEvent(f)
	}
	var v struct {
		RouteKey       string
		RequestContext struct{ RouteKey string }
	}
	_ = json.Unmarshal(payload, &v) // the gateway made it
	if v.RouteKey != "" {
		return httpEvent(v.RouteKey)
	}
	return socketEvent(v.RequestContext.RouteKey)
}

// What is good for a moment, or for one machine, is not kept: who needs it puts
// his own in its place.
var (
	anyToken  = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	anyTicket = regexp.MustCompile(`("ticket":\s*\[?\s*")[^"]*`)
	anyAddr   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

func toKeep(event []byte) []byte {
	event = anyToken.ReplaceAll(event, []byte("TOKEN"))
	event = anyTicket.ReplaceAll(event, []byte("${1}TICKET"))
	return anyAddr.ReplaceAll(event, []byte("127.0.0.1:8080"))
}

// TestRecordedEvents compares the events that are kept for SAM with those that
// the gateway makes today: in which fields they have, and of which types.
func TestRecordedEvents(t *testing.T) {
	tape := &eventTape{events: map[string][]byte{}}
	s, _ := serve(t, options{clock: opening, unhurried: true, invoker: func(i gateway.Invoker) gateway.Invoker {
		tape.Invoker = i
		return tape
	}})
	escalationStory(t, s)
	rarely(t, s)
	s.call(t.Context(), topology.Look, map[string]any{})
	eventually(t, "a citizen's socket is closed", func() bool {
		tape.mu.Lock()
		defer tape.mu.Unlock()
		return tape.events["socket-disconnect"] != nil
	})
	tape.mu.Lock()
	defer tape.mu.Unlock()
	same(t, "events", slices.Sorted(maps.Keys(tape.events)), eventNames())
	for name, event := range tape.events {
		file := filepath.Join(eventsDir, name+".json")
		if *update {
			keepEvent(t, file, toKeep(event))
		}
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		same(t, name+" (go test ./local -run TestRecordedEvents -update records again)", shape(t, kept), shape(t, event))
		if !bytes.Equal(toKeep(kept), kept) {
			t.Errorf("%s has a token, a ticket or an address that is not to keep", file)
		}
		decodes(t, name, kept)
	}
	files, err := filepath.Glob(eventsDir + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "files", len(files), len(eventNames()))
}

// decodes fails the test if an event is not what its function takes: if it has a
// field that the type of aws-lambda-go does not know, or lacks what tells the
// function what to do.
func decodes(t *testing.T, name string, event []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(event))
	d.DisallowUnknownFields()
	var err error
	var got string
	want := name
	switch {
	case name == "authorizer": // AWS sends more than the type knows
		var v events.APIGatewayCustomAuthorizerRequestTypeRequest
		err = json.Unmarshal(event, &v)
		got, want = v.Type+" "+v.QueryStringParameters["ticket"], "REQUEST TICKET"
	case name == "queue":
		var v events.SQSEvent
		err = d.Decode(&v)
		for _, r := range v.Records {
			got += r.EventSource
		}
		want = "aws:sqs"
	case name == scheduleEvent(topology.Retain), name == scheduleEvent(topology.Look):
		var v struct{}
		err = d.Decode(&v)
		got = name
	case name == scheduleEvent(topology.Sweep):
		var v wiring.Schedule
		err = d.Decode(&v)
		got, want = fmt.Sprint(v.Looks), fmt.Sprint(topology.SweepLooks)
	case strings.HasPrefix(name, "socket-"):
		var v events.APIGatewayWebsocketProxyRequest
		err = d.Decode(&v)
		got = socketEvent(v.RequestContext.RouteKey)
	default:
		var v events.APIGatewayV2HTTPRequest
		err = d.Decode(&v)
		got = httpEvent(v.RouteKey)
	}
	if err != nil || got != want {
		t.Errorf("%s: its function gets %q, want %q: %v", name, got, want, err)
	}
}

func keepEvent(t *testing.T, file string, event []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(event, &v); err != nil {
		t.Fatal(err)
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.MkdirAll(eventsDir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, append(raw, '\n'), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// shape returns the paths of a document with the types of their values, but for
// headers: which of them come is the client's business.
func shape(t *testing.T, document []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	var paths []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if strings.HasSuffix(strings.ToLower(path), "headers") {
				paths = append(paths, path)
				return
			}
			for key, inner := range v {
				walk(path+"."+key, inner)
			}
		case []any:
			for _, inner := range v {
				walk(path+"[]", inner)
			}
		default:
			paths = append(paths, fmt.Sprintf("%s %T", path, v))
		}
	}
	walk("", v)
	slices.Sort(paths)
	return slices.Compact(paths)
}
