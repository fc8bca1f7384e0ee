//go:build sam

package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
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
}

// command returns sam local ARGS on a template.
func (s sam) command(ctx context.Context, template string, args ...string) *exec.Cmd {
	args = append([]string{"local"}, args...)
	args = append(args, "-t", filepath.Join(s.templates, template), "-n", s.variables)
	if image := os.Getenv("SAM_IMAGE"); image != "" { // made on this machine
		args = append(args, "--skip-pull-image", "--invoke-image", image)
	}
	return exec.CommandContext(ctx, os.Getenv("SAM"), args...)
}

// start runs a server of sam until the test ends, and returns its address.
func (s sam) start(template, kind string) string {
	s.t.Helper()
	port := freePort(s.t)
	ctx, stop := context.WithCancel(context.Background())
	cmd := s.command(ctx, template, kind, "-p", port, "--warm-containers", "LAZY")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was interrupted
		if s.t.Failed() {
			s.t.Logf("sam local %s printed:\n%s", kind, tailOf(out.String(), 60))
		}
	})
	address := "127.0.0.1:" + port
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return "http://" + address
		}
		if time.Now().After(end) {
			s.t.Fatalf("sam local %s does not start:\n%s", kind, out.String())
		}
	}
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

// A forward passes invocations on to an address that is known later, and counts
// them.
type forward struct {
	to atomic.Pointer[string]
	n  atomic.Int64
}

func (f *forward) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to := f.to.Load()
	if to == nil {
		http.Error(w, "not yet", http.StatusServiceUnavailable)
		return
	}
	f.n.Add(1)
	target, err := url.Parse(*to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // what is under way when it ends
	proxy.ServeHTTP(w, r)
}

// TestSAM has the whole story of a chat through containers, then each function
// alone with its recorded events, then the HTTP API.
func TestSAM(t *testing.T) {
	x := sam{t, os.Getenv("SAM_TEMPLATES"), filepath.Join(t.TempDir(), "env.json")}
	// The address of start-lambda must be known before it starts, and what its
	// functions need before that.
	front := &forward{}
	invoke := &http.Server{Handler: front}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = invoke.Serve(l) }()
	t.Cleanup(func() { _ = invoke.Close() })
	s, _ := serve(t, options{
		clock: opening, functions: "http://" + l.Addr().String(), dynamodb: dynoxide, sqs: moto,
		variables: x.variables, seen: os.Getenv("SAM_HOST"),
	})
	lambda := x.start("functions.template.json", "start-lambda")
	front.to.Store(&lambda)

	began := time.Now()
	chatStory(t, s, 4)
	escalationStory(t, s)
	t.Logf("the story of a chat and of an escalation, through sam local start-lambda: %d invocations in %v", front.n.Load(), time.Since(began).Round(time.Second))
	t.Logf("containers:\n%s", containers(t))

	for _, name := range eventNames() {
		x.invoke(s, name)
	}
	x.compareAPI(s)
}

// containers returns what runs, and on which processor.
func containers(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("docker", "ps", "--format", "{{.ID}}  {{.Image}}  {{.Command}}  {{.Status}}").CombinedOutput()
	if err != nil || len(out) == 0 {
		t.Fatalf("no container runs: %v %s", err, out)
	}
	ids, err := exec.Command("docker", "ps", "-q").Output()
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(ids), "\n")
	inspect, err := exec.Command("docker", "inspect", "--format", "mounted: {{range .Mounts}}{{.Source}} at {{.Destination}} {{end}}", first).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + string(inspect)
}

// wants is what sam local invoke must print for an event, after the story. It
// exits 0 whatever happens.
var wants = map[string]string{
	"authorizer":                            `"errorMessage": "Unauthorized"`,
	"queue":                                 `{"batchItemFailures": []}`,
	"schedule":                              `"looked": `,
	"socket-connect":                        `"statusCode": 200`,
	"socket-disconnect":                     `"statusCode": 200`,
	"socket-default":                        `\"event\":\"queued\"`,
	"get-v1-availability":                   `"statusCode": 200`,
	"get-v1-me":                             `"statusCode": 200`,
	"get-v1-cases":                          `"statusCode": 200`,
	"get-v1-escalations":                    `"statusCode": 200`,
	"get-v1-conversations-id-transcript":    `"statusCode": 200`,
	"post-v1-tickets":                       `"statusCode": 201`,
	"post-v1-logout":                        `"statusCode": 204`,
	"post-v1-advisor-tickets":               `"statusCode": 201`,
	"post-v1-advisor-logout":                `"statusCode": 204`,
	"get-v1-advisor-colleagues":             `"statusCode": 200`,
	"get-v1-advisor-escalations":            `"statusCode": 200`,
	"get-v1-advisor-conversations-id-cases": `"statusCode": 200`,
	"get-v1-advisor-conversations-id-notes": `"statusCode": 200`,
	"get-v1-operator-rules":                 `"statusCode": 200`,
	"put-v1-operator-rules":                 `"statusCode": 200`,
	"post-v1-lineainps-events":              `"statusCode": 202`, // signed at the hour at which the test's clock begins
}

// invoke runs a function once, in a container of its own, with a recorded event.
func (s sam) invoke(local *server, name string) {
	t := s.t
	t.Helper()
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	person := []string{"myinps", "worker-rm"}
	if strings.Contains(name, "advisor") {
		person = []string{"institute", "advisor-1"}
	} else if strings.Contains(name, "operator") {
		person = []string{"institute", "operator"}
	}
	event = bytes.ReplaceAll(event, []byte(`"looks": 6`), []byte(`"looks": 1`)) // it would stay for a minute
	event = bytes.ReplaceAll(event, []byte("TOKEN"), []byte(login(t, local, person[0], person[1])))
	began := time.Now()
	var out, errs bytes.Buffer
	for range 3 {
		out.Reset()
		errs.Reset()
		cmd := s.command(t.Context(), "functions.template.json", "invoke", functionOf(name), "-e", "-")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(event), &out, &errs
		err = cmd.Run()
		// SAM waits for less than half a second until a container listens, and then
		// exits 0 with nothing: https://github.com/aws/aws-sam-cli/issues/3714
		if out.Len() > 0 || !strings.Contains(errs.String(), "No response from invoke container") {
			break
		}
		t.Logf("invoke %s: sam gave up on a container that did not listen yet; again", name)
	}
	ran := strings.Contains(errs.String(), "SAM_CONTAINER_ID:") || strings.Contains(errs.String(), "Mounting ")
	if err != nil || !ran || !strings.Contains(out.String(), wants[name]) || wants[name] == "" {
		t.Errorf("invoke %s: %v, want %s, got %s\n%s", name, err, wants[name], out.String(), tailOf(errs.String(), 20))
		return
	}
	t.Logf("invoke %-10s %-40s %s in %v, container %.12s", functionOf(name), name, wants[name], time.Since(began).Round(10*time.Millisecond), after(errs.String(), "SAM_CONTAINER_ID: "))
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// functionOf returns the function that gets an event.
func functionOf(name string) string {
	switch name {
	case "authorizer":
		return string(topology.Authorize)
	case "queue":
		return string(topology.Consumer)
	case "schedule":
		return string(topology.Sweep)
	}
	for key, r := range topology.Socket {
		if name == "socket-"+strings.TrimPrefix(key, "$") {
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

// compareAPI asks sam local start-api and the local gateway the same. SAM knows no
// JWT authorizers: routes of staff answer with the function's own refusal there.
func (s sam) compareAPI(local *server) {
	t := s.t
	api := s.start("http.template.json", "start-api")
	worker, advisor := login(t, local, "myinps", "worker-rm"), login(t, local, "institute", "advisor-1")
	for _, r := range []struct {
		method, path, token string
		body                any
		status              int
	}{
		{"GET", "/v1/availability?audience=worker&province=RM", "", nil, http.StatusOK},
		{"GET", "/v1/availability?audience=worker&province=XX", "", nil, http.StatusBadRequest},
		{"GET", "/v1/me", worker, nil, http.StatusOK},
		{"GET", "/v1/me", "", nil, http.StatusUnauthorized},
		{"GET", "/v1/cases", worker, nil, http.StatusOK},
		{"POST", "/v1/tickets", worker, map[string]any{}, http.StatusCreated},
		{"POST", "/v1/tickets", worker, map[string]any{"company": 1}, http.StatusBadRequest},
		{"GET", "/v1/advisor/colleagues", advisor, nil, http.StatusOK},
		{"GET", "/v1/advisor/colleagues", "", nil, http.StatusUnauthorized},
		{"GET", "/v1/operator/rules", advisor, nil, http.StatusForbidden},
		{"POST", "/v1/lineainps/events", "", map[string]any{"escalation": "x", "step": 1}, http.StatusForbidden},
	} {
		there, _, text := request(t, r.method, api+r.path, r.token, r.body)
		here, _, own := request(t, r.method, local.base+r.path, r.token, r.body)
		if there != r.status || here != r.status {
			t.Errorf("%s %s: sam local start-api answers %d, the local gateway %d, want %d\n%s\n%s", r.method, r.path, there, here, r.status, text, own)
			continue
		}
		t.Logf("start-api %-4s %-50s %d, as the local gateway", r.method, r.path, there)
	}
}
