package wiring_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/app/wiring/wiringtest"
)

func TestValuesThatMakeNoSense(t *testing.T) {
	for name, test := range map[string]struct {
		variable env.Name
		value    string
	}{
		"key is a bucket":      {env.PseudonymKey, "arn:aws:s3:::a-bucket-with-a-name-of-some-length"},
		"key is short":         {env.PseudonymKey, "short-key"},
		"fiscal key is no key": {env.FiscalKey, "0f0f"},
		"issuers are empty":    {env.Issuers, "[]"},
		"issuers no JSON":      {env.Issuers, "x"},
		"issuer of no door":    {env.Issuers, `[{"door":"window","url":"u","audience":"a","jwks":"j"}]`},
		"issuer without url":   {env.Issuers, `[{"door":"myinps","audience":"a","jwks":"j"}]`},
		"issuer misspelt":      {env.Issuers, `[{"door":"myinps","uri":"u","url":"u","audience":"a","jwks":"j"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			lookup := func(n string) (string, bool) {
				if n == string(test.variable) {
					return test.value, true
				}
				return wiringtest.Lookup(n)
			}
			_, err := wiring.API(t.Context(), slog.New(slog.DiscardHandler), env.Citizen, lookup)
			if err == nil || !strings.Contains(err.Error(), string(test.variable)) {
				t.Errorf("got %v", err)
			}
			if err != nil && (test.variable == env.PseudonymKey || test.variable == env.FiscalKey) && strings.Contains(err.Error(), test.value) {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
}

func TestADeskHasOnlyWhatItsFunctionNeeds(t *testing.T) {
	for name, set := range env.Sets {
		d, v, err := wiring.Chat(t.Context(), slog.New(slog.DiscardHandler), set, wiringtest.Lookup)
		if err != nil {
			t.Fatal(err)
		}
		if (d.Desk.Push != nil) != (v[env.Connections] != "") || (d.Desk.Cases != nil) != (v[env.PseudonymKey] != "") || (d.Escalations.Linea != nil) != (v[env.LineaURL] != "") {
			t.Errorf("%s: push %v, cases %v, linea %v", name, d.Desk.Push, d.Desk.Cases, d.Escalations.Linea)
		}
	}
}

func TestTheLogHasNothingPersonal(t *testing.T) {
	var out strings.Builder
	wiring.Logger(&out).Error("failed", "err", errors.New("for FRRGLN84C52Z999T"), "question", "Quando mi pagano?")
	for _, secret := range []string{"FRRGLN84C52Z999T", "Quando"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log has %s: %s", secret, out.String())
		}
	}
}

// TestEveryLineSaysItsInvocation, also of what a logger of its own adds to.
func TestEveryLineSaysItsInvocation(t *testing.T) {
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "8f5c1d2e"})
	for name, log := range map[string]func(*slog.Logger) *slog.Logger{
		"as it is":  func(l *slog.Logger) *slog.Logger { return l },
		"with more": func(l *slog.Logger) *slog.Logger { return l.With("route", "GET /v1/me") },
	} {
		var out strings.Builder
		log(wiring.Logger(&out)).WarnContext(ctx, "something", "err", errors.New("x"))
		if !strings.Contains(out.String(), `"request_id":"8f5c1d2e"`) {
			t.Errorf("%s: %s", name, out.String())
		}
		out.Reset()
		log(wiring.Logger(&out)).WarnContext(t.Context(), "outside an invocation")
		if strings.Contains(out.String(), "request_id") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestOrigins(t *testing.T) {
	got := wiring.Origins(env.Values{env.Origins: "https://a.it, https://b.it"})
	if d := cmp.Diff([]string{"https://a.it", "https://b.it"}, got); d != "" {
		t.Error(d)
	}
}

func TestAFunctionEndsBeforeItIsKilled(t *testing.T) {
	end := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	_, err := wiring.Handler(func(ctx context.Context) error {
		got, ok := ctx.Deadline()
		if !ok || !got.Equal(end.Add(-time.Second)) {
			t.Errorf("its context ends at %v, it at %v", got, end)
		}
		return nil
	}).Invoke(ctx, []byte("{}"))
	if err != nil {
		t.Error(err)
	}
	_, err = wiring.Handler(func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); ok {
			t.Error("without an end it got one")
		}
		return nil
	}).Invoke(t.Context(), []byte("{}"))
	if err != nil {
		t.Error(err)
	}
}
