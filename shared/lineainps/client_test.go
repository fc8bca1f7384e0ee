package lineainps

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/code"
)

const id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const whole = `{"id":"` + id + `","protocol":"INPS.7000.23/11/2026.0000001","office":"RM-EUR","due_at":"2026-12-23T12:00:00Z","steps":[` +
	`{"number":1,"status":"received","at":"2026-11-23T12:00:00Z"},{"number":2,"status":"needs_document","at":"2026-11-23T13:00:00Z","text":"serve l'accordo, IBAN IT60X0542811101000000123456"}]}`

func token(context.Context) string { return "secret" }

// ask has a client ask a server that answers with status and body.
func ask(t *testing.T, method string, status int, body string) (escalation.OfficeAnswer, *http.Request, string, error) {
	t.Helper()
	var got *http.Request
	var sent string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, sent = r, string(raw)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	c := &Client{URL: s.URL + "/", Token: token, Open: func(conversation.Profile) (string, error) { return "FRRGLN84C52Z999T", nil }}
	var answer escalation.OfficeAnswer
	var err error
	if method == http.MethodGet {
		answer, err = c.Ask(t.Context(), id)
	} else {
		answer, err = c.Deliver(t.Context(), escalation.Delivery{
			Escalation: conversation.Escalation{ID: id, Case: "k", Office: "RM-EUR", At: noon}, Profile: conversation.Profile{Name: "Giuliana Ferrantini"},
			Advisor: "Marta Sorgenti", Text: "manca l'accordo",
		})
	}
	return answer, got, sent, err
}

func TestWhatIsAskedAndAnswered(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		status := http.StatusOK
		if method == http.MethodPost {
			status = http.StatusCreated
		}
		answer, r, sent, err := ask(t, method, status, whole)
		if err != nil {
			t.Fatal(err)
		}
		want := escalation.OfficeAnswer{Protocol: "INPS.7000.23/11/2026.0000001", Due: time.Date(2026, 12, 23, 12, 0, 0, 0, time.UTC), Steps: []escalation.OfficeStep{
			{Number: 1, Status: conversation.EscalationDelivered, At: noon},
			{Number: 2, Status: conversation.EscalationNeeds, At: noon.Add(time.Hour), Text: "serve l'accordo, IBAN [IBAN]"},
		}}
		if d := cmp.Diff(want, answer); d != "" {
			t.Error(d)
		}
		if r.Header.Get("Authorization") != "Bearer secret" {
			t.Error("no token")
		}
		if method == http.MethodPost {
			conforms(t, "Delivery", sent)
			if r.Header.Get(KeyHeader) != id || r.URL.Path != "/v1/escalations" {
				t.Errorf("%s with key %q", r.URL.Path, r.Header.Get(KeyHeader))
			}
		}
	}
}

func TestAnswersThatAreNoAnswer(t *testing.T) {
	with := func(old, replacement string) string { return strings.Replace(whole, old, replacement, 1) }
	for name, test := range map[string]struct {
		method string
		status int
		body   string
		want   error // nil: any that is neither a refusal nor not_found
	}{
		"it has not taken effect":     {"GET", 404, `{"status":404,"code":"not_found"}`, code.NotFound},
		"the office refuses":          {"POST", 422, `{"status":422,"code":"unknown_office"}`, &escalation.Refusal{Code: "unknown_office"}},
		"refused without a code":      {"POST", 422, `oops`, &escalation.Refusal{Code: "status_422"}},
		"refused as malformed":        {"POST", 400, `{"status":400,"code":"invalid"}`, &escalation.Refusal{Code: "invalid"}},
		"refused with a sentence":     {"POST", 400, `{"status":400,"code":"Giuliana è sconosciuta"}`, &escalation.Refusal{Code: "status_400"}},
		"refused as too large":        {"POST", 413, ``, &escalation.Refusal{Code: "status_413"}},
		"our token may not":           {"POST", 403, ``, nil},
		"too many":                    {"POST", 429, ``, nil},
		"a malformed question":        {"GET", 400, `{"status":400,"code":"invalid"}`, nil},
		"a refusal of a question":     {"GET", 422, `{"status":422,"code":"unknown_office"}`, nil},
		"not found on delivery":       {"POST", 404, `{"status":404,"code":"not_found"}`, nil},
		"the key has another content": {"POST", 409, `{"status":409,"code":"conflict"}`, &escalation.Refusal{Code: "conflict"}},
		"down":                        {"POST", 503, ``, nil},
		"our token is wrong":          {"POST", 401, ``, nil},
		"not JSON":                    {"GET", 200, `<html>`, nil},
		"another escalation":          {"GET", 200, with(id, "XXXXXXXXXXXXXXXXXXXXXXXXXX"), nil},
		"no protocol":                 {"GET", 200, with(`"INPS.7000.23/11/2026.0000001"`, `""`), nil},
		"no steps":                    {"GET", 200, whole[:strings.Index(whole, `[{`)] + `[]}`, nil},
		"a gap in the steps":          {"GET", 200, with(`"number":2`, `"number":3`), nil},
		"an unknown status":           {"GET", 200, with(`needs_document`, `lost`), nil},
		"settled and then more":       {"GET", 200, with(`"received"`, `"settled"`), nil},
		"received twice":              {"GET", 200, with(`needs_document`, `received`), nil},
		"an unknown field":            {"GET", 200, with(`"office"`, `"x":1,"office"`), nil},
	} {
		_, _, _, err := ask(t, test.method, test.status, test.body)
		var refusal *escalation.Refusal
		if wanted, ok := errors.AsType[*escalation.Refusal](test.want); ok {
			if !errors.As(err, &refusal) || *refusal != *wanted {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if test.want != nil {
			if !errors.Is(err, test.want) {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if err == nil || errors.Is(err, code.NotFound) || errors.As(err, &refusal) {
			t.Errorf("%s: got %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "serve l'accordo") {
			t.Errorf("%s: what the office wrote is in the error: %v", name, err)
		}
	}
	c := &Client{URL: "http://127.0.0.1:1", Open: func(conversation.Profile) (string, error) { return "", errors.New("sealed by another key") }}
	if _, err := c.Deliver(t.Context(), escalation.Delivery{}); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("a code that cannot be opened: %v", err)
	}
	c.Token = token
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Ask(ctx, id); err == nil || errors.Is(err, code.NotFound) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestTokens(t *testing.T) {
	for value, good := range map[string]bool{"abc.DEF-123_~+/=": true, "": false, "two words": false, "line\n": false, "caffè": false, "a,b": false} {
		if err := CheckToken(value); (err == nil) != good || value != "" && err != nil && strings.Contains(err.Error(), value) {
			t.Errorf("%q: got %v", value, err)
		}
	}
}

func spec(t *testing.T) *openapi3.T {
	t.Helper()
	d, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func conforms(t *testing.T, schema, body string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	if err := spec(t).Components.Schemas[schema].Value.VisitJSON(v); err != nil {
		t.Errorf("%s is not as agreed: %v", body, err)
	}
}

// TestTheContractIsTheCode compares the fields of the contract with those of the
// structures.
func TestTheContractIsTheCode(t *testing.T) {
	d := spec(t)
	for name, v := range map[string]any{"Delivery": Delivery{}, "Escalation": Escalation{}, "Step": Step{}, "Event": Event{}, "Problem": Problem{}} {
		var all, required []string
		for f := range reflect.TypeOf(v).Fields() {
			tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, tag)
			if opts == "" {
				required = append(required, tag)
			}
		}
		s := d.Components.Schemas[name].Value
		for _, tag := range all {
			if s.Properties[tag] == nil {
				t.Errorf("%s.%s is not in the contract", name, tag)
			}
		}
		if len(all) != len(s.Properties) {
			t.Errorf("%s: the contract has %d fields, the code %d", name, len(s.Properties), len(all))
		}
		if d := cmp.Diff(s.Required, required, cmp.Transformer("set", func(l []string) map[string]bool {
			m := map[string]bool{}
			for _, x := range l {
				m[x] = true
			}
			return m
		})); d != "" {
			t.Errorf("%s: required (-contract +code):\n%s", name, d)
		}
	}
	var inUse []string
	for s := range statuses {
		inUse = append(inUse, string(s))
	}
	enum := d.Components.Schemas["Step"].Value.Properties["status"].Value.Enum
	if len(enum) != len(inUse) {
		t.Errorf("statuses: %v, %v", enum, inUse)
	}
}

// TestWhatAnOfficeWritesNeverStopsItsAnswer: the chat cannot ask it to write otherwise.
func TestWhatAnOfficeWritesNeverStopsItsAnswer(t *testing.T) {
	for in, want := range map[string]conversation.Text{
		`serve\u0007 l'accordo\r\nfirmato\u202E`:    "serve\uFFFD l'accordo\nfirmato",
		`\u2800`:                                    "",
		strings.Repeat("è", conversation.MaxText+5): conversation.Text(strings.Repeat("è", conversation.MaxText)),
	} {
		answer, _, _, err := ask(t, "GET", 200, strings.Replace(whole, "serve l'accordo, IBAN IT60X0542811101000000123456", in, 1))
		if err != nil || len(answer.Steps) != 2 || answer.Steps[1].Text != want {
			t.Errorf("%.40s: got %+v, %v", in, answer.Steps, err)
		}
	}
}
