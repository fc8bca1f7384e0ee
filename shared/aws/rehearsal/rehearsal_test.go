package rehearsal_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"infocig/infra/topology"
	"infocig/shared/aws/rehearsal"
)

// An account answers as CodeDeploy and Lambda do.
type account struct {
	mu       sync.Mutex
	group    string
	answer   string // of the function
	failed   bool   // the function
	actions  []string
	invoked  string // version
	reported string
}

// ServeHTTP implements http.Handler.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var in map[string]string
	_ = json.Unmarshal(body, &in)
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case action == "GetDeployment":
		a.actions = append(a.actions, "codedeploy:"+action)
		_ = json.NewEncoder(w).Encode(map[string]any{"deploymentInfo": map[string]any{"deploymentGroupName": a.group}})
	case action == "PutLifecycleEventHookExecutionStatus":
		a.actions = append(a.actions, "codedeploy:"+action)
		a.reported = in["deploymentId"] + " " + in["lifecycleEventHookExecutionId"] + " " + in["status"]
		_, _ = io.WriteString(w, `{}`)
	case strings.HasSuffix(r.URL.Path, "/versions"):
		a.actions = append(a.actions, "lambda:ListVersionsByFunction")
		_, _ = io.WriteString(w, `{"Versions":[{"Version":"$LATEST"},{"Version":"9"},{"Version":"10"},{"Version":"2"}]}`)
	case strings.HasSuffix(r.URL.Path, "/invocations"):
		a.actions = append(a.actions, "lambda:InvokeFunction")
		a.invoked = r.URL.Query().Get("Qualifier")
		if a.failed {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		_, _ = io.WriteString(w, a.answer)
	default:
		http.NotFound(w, r)
	}
}

func hook(t *testing.T, a *account) (rehearsal.Hook, *strings.Builder) {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	log := &strings.Builder{}
	cfg := aws.Config{Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", "")}
	return rehearsal.Hook{Platform: rehearsal.New(cfg, s.URL, s.URL), Prefix: "infocig-dev-", Log: slog.New(slog.NewTextHandler(log, nil))}, log
}

func TestANewVersionIsCalledBeforePeopleCallIt(t *testing.T) {
	for name, test := range map[string]struct {
		account *account
		want    string
	}{
		"well":                        {&account{group: "infocig-dev-sweep", answer: `{"looked":1}`}, "Succeeded"},
		"it fails":                    {&account{group: "infocig-dev-sweep", answer: `{"errorMessage":"x"}`, failed: true}, "Failed"},
		"it answers otherwise":        {&account{group: "infocig-dev-citizen", answer: `{"statusCode":500}`}, "Failed"},
		"another stage's":             {&account{group: "infocig-prod-sweep", answer: `{"looked":1}`}, "Failed"},
		"a function without an event": {&account{group: "infocig-dev-rehearse", answer: `{"looked":1}`}, "Failed"},
		"no group":                    {&account{answer: `{"looked":1}`}, "Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			h, log := hook(t, test.account)
			if err := h.Handle(t.Context(), rehearsal.Event{DeploymentID: "d-1", HookID: "h"}); err != nil {
				t.Fatal(err)
			}
			if test.account.reported != "d-1 h "+test.want {
				t.Errorf("reported %q, want %s", test.account.reported, test.want)
			}
			if (log.Len() > 0) != (test.want == "Failed") {
				t.Errorf("log: %s", log)
			}
			if test.account.invoked != "" && test.account.invoked != "10" {
				t.Errorf("version %s was called", test.account.invoked)
			}
		})
	}
}

// TestTheHookCallsWhatItMay compares what it calls with what the template grants it.
func TestTheHookCallsWhatItMay(t *testing.T) {
	a := &account{group: "infocig-dev-sweep", answer: `{"looked":1}`}
	h, _ := hook(t, a)
	if err := h.Handle(t.Context(), rehearsal.Event{DeploymentID: "d-1", HookID: "h"}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(a.actions)
	var want []string
	for _, actions := range topology.RehearseActions {
		want = append(want, actions...)
	}
	slices.Sort(want)
	if !slices.Equal(a.actions, want) {
		t.Errorf("it calls %v, and may %v", a.actions, want)
	}
}

func TestAnEventThatIsNone(t *testing.T) {
	h, _ := hook(t, &account{})
	if h.Handle(context.Background(), rehearsal.Event{}) == nil {
		t.Error("it was taken")
	}
}

// TestEveryFunctionHasARehearsal whose new versions have a canary.
func TestEveryFunctionHasARehearsal(t *testing.T) {
	for _, f := range topology.Functions {
		if _, ok := rehearsal.Rehearsals[string(f)]; ok != f.Canary() {
			t.Errorf("%s: %v", f, ok)
		}
	}
}
