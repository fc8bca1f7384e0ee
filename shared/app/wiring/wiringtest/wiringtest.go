// Package wiringtest tests how a function is wired.
package wiringtest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
)

// Lookup finds every variable, with a value that makes sense.
func Lookup(name string) (string, bool) {
	values := env.Values{
		env.Table: "infocig", env.Connections: "https://a.execute-api.eu-south-1.amazonaws.com/v1", env.Socket: "wss://socket.test",
		env.Origins: "https://pages.test", env.Stage: "test", env.Pages: "https://pages.test", env.Days: "730", env.ClientID: "pages", env.PseudonymKey: strings.Repeat("k", 32),
		env.FiscalKey: strings.Repeat("0f", 32), env.Queue: "https://sqs.eu-south-1.amazonaws.com/123456789012/escalations",
		env.LineaURL: "https://linea.test", env.LineaToken: "token", env.LineaSecret: strings.Repeat("s", 32),
		env.Issuers: `[{"door":"institute","url":"https://issuer.test","audience":"infocig","jwks":"https://issuer.test/keys"}]`,
	}
	v, ok := values[env.Name(name)]
	return v, ok
}

// Run checks that wire asks for the variables of set and no others, names all
// that are missing in one error, and otherwise returns a handler.
func Run(t *testing.T, wire wiring.Wire, set env.Set) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	_, err := wire(t.Context(), log, func(string) (string, bool) { return "", false })
	if err == nil {
		t.Fatal("nothing is set, and there is no error")
	}
	var asked []env.Name
	for _, name := range set {
		if !strings.Contains(err.Error(), string(name)) {
			t.Errorf("%s is missing, but not in %q", name, err)
		}
	}
	handle, err := wire(t.Context(), log, func(name string) (string, bool) {
		asked = append(asked, env.Name(name))
		return Lookup(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range asked {
		if !slices.Contains(set, name) {
			t.Errorf("%s is read, but not in the set", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nothing of it may run
	if _, err := lambda.NewHandler(handle).Invoke(ctx, []byte("{}")); err != nil && strings.HasPrefix(err.Error(), "handler ") {
		t.Errorf("AWS Lambda cannot call it: %v", err)
	}
}
