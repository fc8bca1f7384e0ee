package wiring_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/app/wiring/wiringtest"
	"infocig/shared/chat/conversation"
	"infocig/shared/lineainps"
)

const arn = "arn:aws:secretsmanager:eu-south-1:123456789012:secret:"

// arns finds every variable as wiringtest.Lookup does, secrets as ARNs.
func arns(name string) (string, bool) {
	if slices.Contains(env.Secrets, env.Name(name)) {
		return arn + name, true
	}
	return wiringtest.Lookup(name)
}

// A manager is a Secrets Manager with the values of wiringtest.Lookup.
type manager struct {
	mu      sync.Mutex
	asked   []string // names of variables
	refused string   // name of one that is not given
}

// ServeHTTP implements http.Handler.
func (m *manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretId string } //nolint:revive // the name of AWS
	_ = json.NewDecoder(r.Body).Decode(&in)
	name := strings.TrimPrefix(in.SecretId, arn)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, name)
	if name == m.refused {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"AccessDeniedException"}`)
		return
	}
	value, _ := wiringtest.Lookup(name)
	_ = json.NewEncoder(w).Encode(map[string]string{"SecretString": value})
}

// served runs m until the test ends, where functions ask.
func served(t *testing.T, m *manager) {
	t.Helper()
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", s.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "key")
}

// TestSecretsAreReadOnce: every function reads at its start the secrets of its
// set and no others, each once.
func TestSecretsAreReadOnce(t *testing.T) {
	m := &manager{}
	served(t, m)
	for name, set := range env.Sets {
		m.asked = nil
		want := []string{}
		for _, n := range set {
			if slices.Contains(env.Secrets, n) {
				want = append(want, string(n))
			}
		}
		if _, _, err := wiring.Chat(t.Context(), slog.New(slog.DiscardHandler), set, arns); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		slices.Sort(want)
		if d := cmp.Diff(want, append([]string{}, slices.Sorted(slices.Values(m.asked))...)); d != "" {
			t.Errorf("%s reads (-want +got):\n%s", name, d)
		}
	}
}

// TestSecretsAreWhatIsUsed: an ARN is never taken for the secret.
func TestSecretsAreWhatIsUsed(t *testing.T) {
	served(t, &manager{})
	log := slog.New(slog.DiscardHandler)
	for name, lookup := range map[string]env.Lookup{"values": wiringtest.Lookup, "ARNs": arns} {
		api, err := wiring.API(t.Context(), log, env.Citizen, lookup)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := wiringtest.Lookup(string(env.PseudonymKey))
		sealed := api.Sealer.Seal("FRRGLN84C52Z999T", "person")
		if string(api.Pseudonym.Key) != key {
			t.Errorf("%s: pseudonyms have another key", name)
		}
		hook, err := wiring.Webhook(t.Context(), log, env.Webhook, lookup)
		if err != nil {
			t.Fatal(err)
		}
		secret, _ := wiringtest.Lookup(string(env.LineaSecret))
		if d := cmp.Diff([]lineainps.Secret{lineainps.Secret(secret)}, hook.Secrets(t.Context())); d != "" {
			t.Errorf("%s: the webhook has (-want +got):\n%s", name, d)
		}
		c, _, err := wiring.Chat(t.Context(), log, env.Escalate, lookup)
		if err != nil {
			t.Fatal(err)
		}
		linea := c.Escalations.Linea.(*lineainps.Client)
		token, _ := wiringtest.Lookup(string(env.LineaToken))
		if got := linea.Token(t.Context()); got != token {
			t.Errorf("%s: the token is %q", name, got)
		}
		if code, err := linea.Open(conversation.Profile{Person: "person", Sealed: sealed}); err != nil || code != "FRRGLN84C52Z999T" {
			t.Errorf("%s: what citizen seals escalate opens as %q, %v", name, code, err)
		}
	}
}

// TestASecretThatCannotBeReadIsSaid: by the name of its variable.
func TestASecretThatCannotBeReadIsSaid(t *testing.T) {
	served(t, &manager{refused: string(env.FiscalKey)})
	_, err := wiring.API(t.Context(), slog.New(slog.DiscardHandler), env.Citizen, arns)
	if want := "FISCAL_KEY: secrets manager: status 400 AccessDeniedException"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
