package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"infocig/infra/topology"
	"infocig/shared/test/servers"
)

var update = flag.Bool("update", false, "write the recording of actions")

// A recorder notes which actions of AWS each function calls, by the access key
// that it signs with: the key's id is the function's name.
type recorder struct {
	t  *testing.T
	mu sync.Mutex
	// By function, and by action where it was seen first.
	actions map[string]map[string]string
}

// before returns the address of a proxy to a server, which notes what passes.
func (r *recorder) before(server string) string {
	target, err := url.Parse(server)
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // who stops goes in the middle of a request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.note(req)
		proxy.ServeHTTP(w, req)
	}))
	r.t.Cleanup(s.Close)
	return s.URL
}

var signer = regexp.MustCompile(`Credential=([^/]+)/`)

// note takes down the actions of a request.
func (r *recorder) note(req *http.Request) {
	m := signer.FindStringSubmatch(req.Header.Get("Authorization"))
	if m == nil || !slices.Contains(topology.Functions, topology.Function(m[1])) {
		return // local itself, which makes the table and the queue
	}
	body, err := io.ReadAll(req.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return // who stops goes in the middle of a request: it was not made
	}
	if err != nil {
		r.t.Error(err)
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.actions[m[1]] == nil {
		r.actions[m[1]] = map[string]string{}
	}
	for _, action := range actionsOf(req, body) {
		if r.actions[m[1]][action] == "" {
			r.actions[m[1]][action] = r.t.Name()
		}
	}
}

var prefixes = map[string]string{"DynamoDB_20120810": "dynamodb:", "AmazonSQS": "sqs:", "secretsmanager": "secretsmanager:"}

// actionsOf returns what IAM calls a request.
func actionsOf(req *http.Request, body []byte) []string {
	target := req.Header.Get("X-Amz-Target")
	if target == "" {
		return []string{"execute-api:ManageConnections"}
	}
	service, name, _ := strings.Cut(target, ".")
	prefix, ok := prefixes[service]
	if !ok {
		return []string{target}
	}
	if name != "TransactWriteItems" {
		return []string{prefix + name}
	}
	// IAM knows no transactions, only what is in them.
	var in struct{ TransactItems []map[string]json.RawMessage }
	if err := json.Unmarshal(body, &in); err != nil {
		return []string{err.Error()}
	}
	item := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
	var all []string
	for _, piece := range in.TransactItems {
		for kind := range piece {
			all = append(all, prefix+item[kind])
		}
	}
	return all
}

// TestActions plays all that happens through the real binaries, and compares what
// each function called with the recording, which infra compares with what it is
// granted.
func TestActions(t *testing.T) {
	t.Parallel()
	dynamodb, err := servers.Dynoxide(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dynamodb.Stop)
	moto, err := servers.Moto(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(moto.Stop)
	r := &recorder{t: t, actions: map[string]map[string]string{}}
	aws := r.before(moto.URL)
	o := options{
		clock: opening, functions: bootstrap, dynamodb: r.before(dynamodb.URL), sqs: aws, secrets: aws, unhurried: true, posted: r.note,
	}
	s, stop := serve(t, o)
	chatStory(t, s, 4)
	escalationStory(t, s)
	rarely(t, s)
	stop()
	later := o
	later.clock, later.secrets = "2026-12-10T15:00:00+01:00", "" // the secrets are there
	s, stop = serve(t, later)
	s.sweep(t.Context()) // what ended long ago is forgotten
	s.call(t.Context(), topology.Look, nil)
	stop()
	years := later
	years.clock = "2029-01-10T15:00:00+01:00"
	s, _ = serve(t, years)
	s.call(t.Context(), topology.Retain, nil)

	got := map[string][]string{}
	for f, actions := range r.actions {
		got[f] = slices.Sorted(maps.Keys(actions))
	}
	const file = "testdata/actions.json"
	if *update {
		raw, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	same(t, "actions (go test ./local -run TestActions -update writes them; then infra/topology grants them)", got, want)
}

// rarely does what no story does: the other routes, sockets that end without a
// word, and what the sweep finds then.
func rarely(t *testing.T, s *server) {
	t.Helper()
	early := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-1"), nil)
	early.must("presence", map[string]any{"state": "paused", "capacity": 2}) // after the story before
	c, a, id, about, worker, advisor := talking(t, s)
	operator, boss := login(t, s, "institute", "operator"), login(t, s, "institute", "supervisor")
	_, rules, _ := request(t, "GET", s.base+"/v1/operator/rules", operator, nil)
	a.must("note", map[string]any{"conversation": id, "number": 9, "text": "nota"})
	for _, r := range []struct {
		method, path, token string
		body                any
	}{
		{"GET", "/v1/availability?audience=worker&province=RM", "", nil},
		{"GET", "/v1/me", worker, nil},
		{"GET", "/v1/escalations", worker, nil},
		{"GET", "/v1/conversations/" + id + "/transcript", worker, nil},
		{"GET", "/v1/advisor/colleagues", advisor, nil},
		{"GET", "/v1/advisor/conversations/" + id + "/cases", advisor, nil},
		{"GET", "/v1/advisor/conversations/" + id + "/notes", advisor, nil},
		{"PUT", "/v1/operator/rules", operator, rules},
	} {
		if status, _, text := request(t, r.method, s.base+r.path, r.token, r.body); status != http.StatusOK {
			t.Errorf("%s %s: %d %s", r.method, r.path, status, text)
		}
	}
	if status, _, text := request(t, "POST", s.base+"/v1/slips", worker, map[string]any{}); status != http.StatusConflict { // has a conversation
		t.Errorf("slip: %d %s", status, text)
	}
	// The citizen's socket is cut while the advisor writes, and the other way round.
	_ = c.socket.CloseNow()
	a.until("presence")
	c = dial(t, s, "/v1/tickets", worker, map[string]any{})
	c.must("hello", map[string]any{"conversation": id, "since": 0})
	_ = a.socket.CloseNow()
	a = dial(t, s, "/v1/advisor/tickets", advisor, nil)
	a.must("hello", nil)
	c.must("send", map[string]any{"conversation": id, "number": 1, "text": "ci sei?"})
	// The office does nothing: in a later sweep it is asked again.
	a.must("escalate", map[string]any{"conversation": id, "number": 2, "case": about, "text": "Manca un documento"})
	for _, path := range []string{"/v1/logout", "/v1/advisor/logout"} {
		token := map[string]string{"/v1/logout": worker, "/v1/advisor/logout": advisor}[path]
		if status, _, text := request(t, "POST", s.base+path, token, nil); status != http.StatusNoContent {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	s.sweep(t.Context())
	// Somebody waits when an operator closes the desk: no advisor takes more.
	for _, person := range []string{"advisor-1", "advisor-2"} {
		dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", person), nil).must("presence", map[string]any{"state": "paused", "capacity": 1})
	}
	first := dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-na"), map[string]any{})
	before := first.must("join", map[string]any{"topic": "worker_case"})["conversation"]
	waits := dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-mi"), map[string]any{})
	waitsAs := waits.must("join", map[string]any{"topic": "worker_case"})["conversation"].(string)
	s.sweep(t.Context())
	first.must("leave", map[string]any{"conversation": before})
	s.sweep(t.Context()) // who waits behind is told
	place := s.base + "/v1/supervisor/waiting"
	if _, _, text := request(t, "GET", place, boss, nil); !strings.Contains(text, waitsAs) {
		t.Errorf("who waits: %s", text)
	}
	if status, _, text := request(t, "GET", place+"/"+waitsAs, boss, nil); status != http.StatusOK {
		t.Errorf("who it is: %d %s", status, text)
	}
	if status, _, text := request(t, "POST", place+"/"+waitsAs+"/front", boss, map[string]any{"reason": "deadline"}); status != http.StatusNoContent {
		t.Errorf("front: %d %s", status, text)
	}
	status, closed, text := request(t, "POST", s.base+"/v1/operator/closure", operator, map[string]any{"reason": "guasto"})
	// Who waits, and whose advisor has logged out.
	if status != http.StatusOK || closed["ended"] != 2.0 || closed["left"] != 0.0 {
		t.Errorf("closure: %d %s", status, text)
	}
	waits.until("ended")
}
