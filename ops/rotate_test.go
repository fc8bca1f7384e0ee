package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/aws/secrets"
	"infocig/shared/http/rest"
	"infocig/shared/lineainps"
	"infocig/shared/test/servers"
)

const (
	firstSecret = "the secret that signs until today"
	firstToken  = "token-until-today"
)

// A vault is a Secrets Manager with one secret.
type vault struct {
	t      *testing.T
	client *secretsmanager.Client
	url    string
	arn    string
}

func newVault(t *testing.T, value string) vault {
	t.Helper()
	server, err := servers.Moto(t.Context())
	must(t, err)
	t.Cleanup(server.Stop)
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	client := secretsmanager.NewFromConfig(cfg)
	v := vault{t: t, client: client, url: server.URL}
	v.arn = v.add("linea", value)
	return v
}

func (v vault) add(name, value string) (arn string) {
	v.t.Helper()
	made, err := v.client.CreateSecret(v.t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
	must(v.t, err)
	return *made.ARN
}

// stored returns a version of the secret.
func (v vault) stored(stage string) string {
	v.t.Helper()
	out, err := v.client.GetSecretValue(v.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &v.arn, VersionStage: &stage})
	must(v.t, err)
	return *out.SecretString
}

func (v vault) rotate(input string, more ...string) (map[string]any, string, error) {
	v.t.Helper()
	return ops(v.t, input, append([]string{"rotate", "--secret", v.arn, "--endpoint", v.url}, more...)...)
}

// soon checks that functions have a new value as soon as the command says.
func soon(t *testing.T, said any) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, said.(string))
	must(t, err)
	if wait := time.Until(at); wait < secrets.MaxAge || wait > secrets.MaxAge+time.Minute {
		t.Errorf("good in %v", wait)
	}
}

// deployed has a function ask where the vault is, as on AWS.
func (v vault) deployed() {
	v.t.Setenv("AWS_REGION", "eu-south-1")
	v.t.Setenv("AWS_ACCESS_KEY_ID", "local")
	v.t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	v.t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", v.url)
	v.t.Setenv("AWS_ENDPOINT_URL_SQS", v.url)
}

// TestTheSecretIsReplacedWhileEventsCome: a webhook that runs all the time takes
// events signed with the old secret until --finish, and with the new one from
// when the command says.
func TestTheSecretIsReplacedWhileEventsCome(t *testing.T) {
	v := newVault(t, firstSecret)
	v.deployed()
	cfg, err := awsConfig(t.Context(), v.url)
	must(t, err)
	name := "q"
	queue, err := awssqs.NewFromConfig(cfg, func(o *awssqs.Options) { o.BaseEndpoint = &v.url }).CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name})
	must(t, err)
	values := env.Values{env.LineaSecret: v.arn, env.Queue: *queue.QueueUrl}
	api, err := wiring.Webhook(t.Context(), slog.New(slog.DiscardHandler), env.Webhook, func(n string) (string, bool) { return values[env.Name(n)], true })
	must(t, err)
	now := time.Now()
	api.Now = func() time.Time { return now }
	handle := rest.Handler(api.Webhook(), api.Log)
	expect := func(what, secret string, want int) {
		t.Helper()
		if got := post(t, handle, lineainps.Secret(secret), now); got != want {
			t.Errorf("%s: status %d, want %d", what, got, want)
		}
	}

	expect("the old one before", firstSecret, http.StatusAccepted)
	printed, _, err := v.rotate("")
	must(t, err)
	soon(t, printed["good_from"])
	fresh := printed["new_secret"].(string)
	if len(fresh) < lineainps.MinSecret || strings.Contains(fresh, ",") || v.stored("AWSCURRENT") != fresh+","+firstSecret || v.stored("AWSPREVIOUS") != firstSecret {
		t.Errorf("printed %v, stored %s and before %s", printed, v.stored("AWSCURRENT"), v.stored("AWSPREVIOUS"))
	}
	expect("the new one at once", fresh, http.StatusForbidden)
	expect("the old one after", firstSecret, http.StatusAccepted)
	now = now.Add(secrets.MaxAge)
	expect("the new one when the value is old", fresh, http.StatusAccepted)
	expect("the old one then", firstSecret, http.StatusAccepted)

	_, text, err := v.rotate("")
	if err == nil || !strings.Contains(err.Error(), "there are 2 secrets already") || strings.Contains(text+err.Error(), fresh) {
		t.Errorf("a third one: %v %s", err, text)
	}
	printed, text, err = v.rotate("", "--finish", "--yes")
	must(t, err)
	soon(t, printed["old_one_refused_from"])
	if v.stored("AWSCURRENT") != fresh || strings.Contains(text, fresh) {
		t.Errorf("stored %s, printed %s", v.stored("AWSCURRENT"), text)
	}
	expect("the old one at once", firstSecret, http.StatusAccepted)
	now = now.Add(secrets.MaxAge)
	expect("the old one after --finish", firstSecret, http.StatusForbidden)
	expect("the new one after --finish", fresh, http.StatusAccepted)
	if _, _, err := v.rotate("", "--finish"); err == nil || !strings.Contains(err.Error(), "there is only one secret") {
		t.Errorf("finished twice: %v", err)
	}
	v.back()
	now = now.Add(secrets.MaxAge)
	expect("the old one after going back", firstSecret, http.StatusAccepted)
	expect("the new one after going back", fresh, http.StatusAccepted)
}

// back does what the runbook says to go back.
func (v vault) back() {
	v.t.Helper()
	all, err := v.client.ListSecretVersionIds(v.t.Context(), &secretsmanager.ListSecretVersionIdsInput{SecretId: &v.arn})
	must(v.t, err)
	ids := map[string]*string{}
	for _, version := range all.Versions {
		for _, stage := range version.VersionStages {
			ids[stage] = version.VersionId
		}
	}
	current := "AWSCURRENT"
	_, err = v.client.UpdateSecretVersionStage(v.t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &v.arn, VersionStage: &current, MoveToVersionId: ids["AWSPREVIOUS"], RemoveFromVersionId: ids[current],
	})
	must(v.t, err)
}

// post hands an event to the webhook and returns the status of the answer.
func post(t *testing.T, handle func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error), secret lineainps.Secret, at time.Time) int {
	t.Helper()
	body := `{"escalation":"ABCDEFGHIJKLMNOPQRSTUVWXYZ","step":1}`
	h := http.Header{}
	secret.Sign(h, at, []byte(body))
	r := events.APIGatewayV2HTTPRequest{RawPath: "/v1/lineainps/events", Body: body, Headers: map[string]string{}}
	r.RequestContext.HTTP.Method, r.RequestContext.HTTP.Path = http.MethodPost, r.RawPath
	for k := range h {
		r.Headers[strings.ToLower(k)] = h.Get(k)
	}
	answer, err := handle(t.Context(), r)
	must(t, err)
	return answer.StatusCode
}

// TestTheTokenIsReplaced: a function that runs all the time uses the new one when
// its value is old.
func TestTheTokenIsReplaced(t *testing.T) {
	v := newVault(t, firstToken)
	v.deployed()
	values := env.Values{
		env.Table: "t", env.Connections: "https://a.test/v1", env.FiscalKey: env.LocalFiscalKey, env.LineaURL: "https://linea.test", env.LineaToken: v.arn,
	}
	c, _, err := wiring.Chat(t.Context(), slog.New(slog.DiscardHandler), env.Escalate, func(n string) (string, bool) { return values[env.Name(n)], true })
	must(t, err)
	now := time.Now()
	c.Desk.Now = func() time.Time { return now }
	token := c.Escalations.Linea.(*lineainps.Client).Token

	printed, text, err := v.rotate("token-of-today\n", "--token")
	must(t, err)
	soon(t, printed["old_one_unused_from"])
	if v.stored("AWSCURRENT") != "token-of-today" || v.stored("AWSPREVIOUS") != firstToken || strings.Contains(text, "token-of-today") {
		t.Errorf("stored %s and before %s, printed %s", v.stored("AWSCURRENT"), v.stored("AWSPREVIOUS"), text)
	}
	if got := token(t.Context()); got != firstToken {
		t.Errorf("at once: %s", got)
	}
	now = now.Add(secrets.MaxAge)
	if got := token(t.Context()); got != "token-of-today" {
		t.Errorf("when the value is old: %s", got)
	}
}

func TestRotateRefuses(t *testing.T) {
	v := newVault(t, firstToken)
	two := firstSecret + "," + firstSecret
	v.add("two", two)
	v.add("odd", "short,"+firstSecret)
	endpoint := []string{"--endpoint", v.url}
	for name, test := range map[string]struct {
		input string
		args  []string
		want  string
	}{
		"no secret named":            {"", nil, "missing flags"},
		"no such secret":             {"", []string{"--secret", "other"}, "--secret other"},
		"both steps":                 {"", []string{"--secret", "linea", "--finish", "--token"}, "can't be used together"},
		"the token is no secret":     {"", []string{"--secret", "linea"}, "add --token"},
		"no token":                   {"\n", []string{"--secret", "linea", "--token"}, "nothing was changed: want a token"},
		"a token of two words":       {"a secret\n", []string{"--secret", "linea", "--token"}, "nothing was changed: want a token"},
		"the same token":             {firstToken, []string{"--secret", "linea", "--token"}, "stored already"},
		"a token for secrets":        {"token\n", []string{"--secret", "two", "--token"}, "what is stored are secrets"},
		"finish with what is no one": {"", []string{"--secret", "odd", "--finish"}, "is no secret"},
	} {
		_, text, err := ops(t, test.input, append(append([]string{"rotate"}, test.args...), endpoint...)...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		for _, hidden := range []string{firstSecret, firstToken, "a secret"} {
			if err != nil && strings.Contains(text+err.Error(), hidden) && !strings.Contains(test.want, hidden) {
				t.Errorf("%s: a secret is shown: %v %s", name, err, text)
			}
		}
	}
	if got := v.stored("AWSCURRENT"); got != firstToken {
		t.Errorf("it was changed to %s", got)
	}
}

// TestTheKeyOfPseudonymsMayBeAnARN: the commands about people take what the
// functions take.
func TestTheKeyOfPseudonymsMayBeAnARN(t *testing.T) {
	v := newVault(t, env.LocalPseudonymKey)
	v.deployed()
	t.Setenv(string(env.PseudonymKey), v.arn)
	got, err := place{Table: "t"}.person(t.Context(), fiscalCode)
	must(t, err)
	t.Setenv(string(env.PseudonymKey), env.LocalPseudonymKey)
	want, err := place{Table: "t"}.person(t.Context(), fiscalCode)
	must(t, err)
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	t.Setenv(string(env.PseudonymKey), v.arn+"x")
	if _, err := (place{Table: "t"}).person(t.Context(), fiscalCode); err == nil || !strings.Contains(err.Error(), "PSEUDONYM_KEY: secrets manager: status 4") {
		t.Errorf("no such secret: %v", err)
	}
}
