//go:build sam

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"infocig/infra/topology"
)

// These tests run the functions in containers by AWS SAM. tools/sam/sam.sh has
// started an engine and says by the environment where everything is.

// A sam is the command, with what every call of it needs.
type sam struct {
	t         *testing.T
	templates string // folder of the templates
	variables string // file
	again     *int   // how often a function was not called by sam local invoke, and was asked for again
}

// command returns sam local ARGS on a template.
func (s sam) command(ctx context.Context, template string, args ...string) *exec.Cmd {
	args = append([]string{os.Getenv("SAM_PROGRAM"), "local"}, args...)
	args = append(args, "-t", filepath.Join(s.templates, template), "-n", s.variables)
	if image := os.Getenv("SAM_IMAGE"); image != "" { // made on this machine
		args = append(args, "--skip-pull-image", "--invoke-image", image)
	}
	return exec.CommandContext(ctx, os.Getenv("SAM_PYTHON"), args...)
}

// start runs a server of sam until the test ends, and returns what leads to it.
func (s sam) start(template, kind string) *front {
	s.t.Helper()
	port := freePort(s.t)
	ctx, stop := context.WithCancel(context.Background())
	cmd := s.command(ctx, template, kind, "-p", port, "--warm-containers", "LAZY")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was interrupted
		for _, c := range s.own() {
			s.docker("rm", "-f", c.ID) // which it leaves behind at times
		}
		if s.t.Failed() {
			s.t.Logf("sam local %s printed:\n%s", kind, tailOf(out.String(), 60))
		}
	})
	address := "127.0.0.1:" + port
	for end := time.Now().Add(time.Minute); !answers(address); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("sam local %s does not start:\n%s", kind, out.String())
		}
	}
	return &front{address: address, printed: out}
}

func answers(address string) bool {
	c, err := net.Dial("tcp", address)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func tailOf(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// TestSAM has the whole story of a chat through containers, then each function
// alone with its recorded events, then the HTTP API.
func TestSAM(t *testing.T) {
	x := sam{t, os.Getenv("SAM_TEMPLATES"), filepath.Join(t.TempDir(), "env.json"), new(int)}
	started := watchEngine(t)
	lambda := &door{}
	invoke := httptest.NewServer(lambda)
	t.Cleanup(invoke.Close)
	s, _ := serve(t, options{
		clock: opening, functions: invoke.URL, dynamodb: dynoxide, sqs: moto,
		variables: x.variables, seen: os.Getenv("SAM_HOST"),
	})
	behind := x.start("functions.template.json", "start-lambda")
	lambda.to.Store(behind)

	began := time.Now()
	chatStory(t, s, 4)
	escalationStory(t, s)
	story := fmt.Sprintf("a chat and an escalation through start-lambda: %d invocations in %v", behind.asked.Load(), time.Since(began).Round(time.Second))
	x.containers()

	names := eventNames()
	const last = "post-v1-operator-closure" // nobody comes in after it
	for _, name := range names {
		if name != last {
			x.invoke(s, name)
		}
	}
	api := x.compareAPI(s)
	x.invoke(s, last)
	if t.Failed() {
		return
	}
	t.Logf("%s\n%d recorded events by invoke\n%d requests by start-api, answered as by the local gateway\n%d containers started; so often one did not listen or hung before its function was called, and was asked again: %d by start-lambda, %d by invoke, %d by start-api",
		story, len(names), api.asked.Load(), started(), behind.again.Load(), *x.again, api.again.Load())
}

// wants is what sam local invoke must print for an event, after the story. It
// exits 0 whatever happens.
var wants = map[string][]string{
	"authorizer":                            {`"Effect": "Allow"`, `Giuliana Ferrantini`},
	"queue":                                 {`{"batchItemFailures": []}`},
	"schedule-sweep":                        {`"looked": `},
	"schedule-retain":                       {`null`},
	"schedule-look":                         {`null`},
	"socket-connect":                        {`"statusCode": 200`},
	"socket-disconnect":                     {`"statusCode": 200`},
	"socket-default":                        {`"statusCode": 200`, `\"event\":\"queued\"`},
	"get-v1-availability":                   {`"statusCode": 200`, `\"state\":`},
	"get-v1-me":                             {`"statusCode": 200`, `\"name\":\"Giuliana Ferrantini\"`},
	"get-v1-cases":                          {`"statusCode": 200`, `\"cases\":[{`},
	"get-v1-escalations":                    {`"statusCode": 200`, `\"escalations\":[{`},
	"get-v1-conversations-id-transcript":    {`"statusCode": 200`, `Quando mi pagano?`},
	"post-v1-tickets":                       {`"statusCode": 201`, `?ticket=`},
	"post-v1-slips":                         {`"statusCode": 409`, `\"code\":\"conflict\"`}, // there is room
	"post-v1-logout":                        {`"statusCode": 204`},
	"post-v1-advisor-tickets":               {`"statusCode": 201`, `?ticket=`},
	"post-v1-advisor-logout":                {`"statusCode": 204`},
	"get-v1-advisor-colleagues":             {`"statusCode": 200`, `\"colleagues\":`},
	"get-v1-advisor-escalations":            {`"statusCode": 200`, `\"status\":\"settled\"`},
	"get-v1-advisor-conversations-id-cases": {`"statusCode": 200`, `\"cases\":[{`},
	"get-v1-advisor-conversations-id-notes": {`"statusCode": 200`, `\"notes\":`},
	"get-v1-supervisor-waiting":             {`"statusCode": 200`, `\"waiting\":[`},
	"get-v1-supervisor-waiting-id":          {`"statusCode": 404`, `\"code\":\"not_found\"`}, // who waited in the recording
	"post-v1-supervisor-waiting-id-front":   {`"statusCode": 404`, `\"code\":\"not_found\"`},
	"get-v1-operator-rules":                 {`"statusCode": 200`, `\"rev\":0`},
	"put-v1-operator-rules":                 {`"statusCode": 200`, `\"rev\":1`},
	"post-v1-operator-closure":              {`"statusCode": 200`, `\"ended\":`},
	"post-v1-lineainps-events":              {`"statusCode": 202`}, // signed at the hour at which the test's clock begins
}

// tries is how often a function is asked for that SAM does not call.
const tries = 4

// invoke runs a function once, in a container of its own, with a recorded event.
func (s sam) invoke(local *server, name string) {
	t := s.t
	t.Helper()
	event := s.fresh(local, name)
	began := time.Now()
	out, errs, err := s.run(functionOf(name), event)
	for try := 1; try < tries && notCalled(out, errs); try++ {
		*s.again++
		t.Logf("invoke %-10s %-40s not called in %v, is asked for again", functionOf(name), name, time.Since(began).Round(time.Second))
		out, errs, err = s.run(functionOf(name), event)
	}
	switch {
	case notCalled(out, errs):
		t.Errorf("invoke %s: not called in %d tries: its container does not start, or its function ends or hangs before it is called\n%s", name, tries, tailOf(errs, 20))
	case err != nil || len(wants[name]) == 0 || !hasAll(out, wants[name]):
		t.Errorf("invoke %s: %v, want %q, got %s\n%s", name, err, wants[name], out, tailOf(errs, 20))
	default:
		t.Logf("invoke %-10s %-40s %s in %v", functionOf(name), name, strings.Join(wants[name], " "), time.Since(began).Round(10*time.Millisecond))
	}
}

// run calls sam local invoke, and interrupts it if the function was not called
// within a minute: SAM itself waits as long as the function's timeout.
func (s sam) run(function string, event []byte) (out, errs string, err error) {
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	cmd := s.command(ctx, "functions.template.json", "invoke", function, "-e", "-")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Stdin = bytes.NewReader(event)
	o, e := &output{}, &output{}
	cmd.Stdout, cmd.Stderr = o, e
	patience := time.AfterFunc(time.Minute, func() {
		if notCalled(o.String(), e.String()) {
			stop()
		}
	})
	defer patience.Stop()
	err = cmd.Run()
	return o.String(), e.String(), err
}

// notCalled reports whether what SAM has printed says that the function did not
// begin: its container's runtime prints START when it does. An emulated processor
// lets it hang before, now and then, and SAM calls that a timeout of the function.
func notCalled(out, errs string) bool {
	return strings.TrimSpace(out) == "" && !strings.Contains(errs, "START RequestId")
}

// TestNotCalled: a function that began is never asked for again, however it ended.
func TestNotCalled(t *testing.T) {
	const start, late = "START RequestId: 1 Version: $LATEST\n", "Function 'me' timed out after 15 seconds\n"
	for name, c := range map[string]struct {
		out, errs string
		want      bool
	}{
		"no answer from the container": {"", gaveUp + "me\n", true},
		"hung before it began":         {"", "Mounting x as /var/task\n" + late, true},
		"interrupted before it began":  {"\n", "Mounting x as /var/task\n", true},
		"took too long":                {"", start + late, false},
		"answered":                     {"{}", start, false},
		"answered, and START is lost":  {"{}", "", false},
		"failed":                       {`{"errorMessage":"x"}`, start, false},
	} {
		t.Run(name, func(t *testing.T) { same(t, "not called", notCalled(c.out, c.errs), c.want) })
	}
}

func hasAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

// fresh returns a recorded event with what is good for a moment only, and of the
// gateway that runs.
func (s sam) fresh(local *server, name string) []byte {
	s.t.Helper()
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	issuer, person := "myinps", "worker-rm"
	for role, who := range map[string]string{"v1-advisor": "advisor-1", "v1-supervisor": "supervisor", "v1-operator": "operator"} {
		if strings.Contains(name, role) {
			issuer, person = "institute", who
		}
	}
	put := func(mark, value string) { event = bytes.ReplaceAll(event, []byte(mark), []byte(value)) }
	put(`"looks": 6`, `"looks": 1`) // it would stay for a minute
	put("127.0.0.1:8080", strings.TrimPrefix(local.base, "http://"))
	put("TOKEN", login(s.t, local, issuer, person))
	if name == "authorizer" {
		_, v, _ := request(s.t, "POST", local.base+"/v1/tickets", login(s.t, local, issuer, person), map[string]any{})
		url, _ := v["url"].(string)
		_, ticket, _ := strings.Cut(url, "?ticket=")
		put("TICKET", ticket)
	}
	return event
}

// functionOf returns the function that gets an event.
func functionOf(name string) string {
	switch name {
	case "authorizer":
		return string(topology.Authorize)
	case "queue":
		return string(topology.Consumer)
	}
	for _, c := range topology.Schedules {
		if name == scheduleEvent(c.Function) {
			return string(c.Function)
		}
	}
	for key, r := range topology.Socket {
		if name == socketEvent(key) {
			return string(r.Function)
		}
	}
	for key, r := range topology.HTTP {
		if name == httpEvent(key) {
			return string(r.Function)
		}
	}
	return ""
}

// compareAPI asks sam local start-api and the local gateway the same. SAM knows
// no JWT authorizers: routes of staff answer with the function's own refusal there.
func (s sam) compareAPI(local *server) *front {
	t := s.t
	lead, api := &door{}, s.start("http.template.json", "start-api")
	lead.to.Store(api)
	there := httptest.NewServer(lead)
	defer there.Close()
	worker, advisor := login(t, local, "myinps", "worker-rm"), login(t, local, "institute", "advisor-1")
	const refused = "the gateway's own refusal" // has another body
	for _, r := range []struct {
		method, path, token string
		body                any
		status              int
		differs             string // why the bodies do
	}{
		{"GET", "/v1/availability?audience=worker&province=RM", "", nil, http.StatusOK, ""},
		{"GET", "/v1/availability?audience=nobody&province=RM", "", nil, http.StatusBadRequest, ""},
		{"GET", "/v1/me", worker, nil, http.StatusOK, ""},
		{"GET", "/v1/me", "", nil, http.StatusUnauthorized, ""},
		{"GET", "/v1/cases", worker, nil, http.StatusOK, ""},
		{"POST", "/v1/tickets", worker, map[string]any{}, http.StatusCreated, "a ticket is new each time"},
		{"POST", "/v1/tickets", worker, map[string]any{"company": 1}, http.StatusBadRequest, ""},
		{"GET", "/v1/advisor/colleagues", advisor, nil, http.StatusOK, ""},
		{"GET", "/v1/advisor/colleagues", "", nil, http.StatusUnauthorized, refused},
		{"GET", "/v1/operator/rules", advisor, nil, http.StatusForbidden, ""},
		{"POST", "/v1/lineainps/events", "", map[string]any{"escalation": "x", "step": 1}, http.StatusForbidden, ""},
	} {
		status, _, text := request(t, r.method, there.URL+r.path, r.token, r.body)
		here, _, own := request(t, r.method, local.base+r.path, r.token, r.body)
		if status != r.status || here != r.status || (text != own) != (r.differs != "") {
			t.Errorf("%s %s, want %d: sam local start-api answers %d, the local gateway %d\n%s\n%s", r.method, r.path, r.status, status, here, text, own)
			continue
		}
		how := "the same as the local gateway"
		if r.differs != "" {
			how = "as the local gateway, but for the body: " + r.differs
		}
		t.Logf("start-api %-4s %-50s %d, %s", r.method, r.path, status, how)
	}
	return api
}
