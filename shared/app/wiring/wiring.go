// Package wiring is what the mains of the functions have in common: it builds
// the desk and the API from a function's environment, with nothing in them that
// the function has no variable for.
package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/app/env"
	"infocig/shared/aws/metrics"
	"infocig/shared/aws/push"
	"infocig/shared/aws/sqs"
	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/httpapi"
	"infocig/shared/chat/socket"
	"infocig/shared/chat/store"
	"infocig/shared/http/portal"
	"infocig/shared/identity"
	"infocig/shared/lineainps"
	"infocig/shared/table/dynamo"
)

// A Wire builds the handler of a function: what lambda.Start takes.
type Wire func(ctx context.Context, log *slog.Logger, lookup env.Lookup) (any, error)

// Start runs the function, or says all that its environment lacks and ends it.
func Start(wire Wire) {
	log := Logger(os.Stdout)
	handle, err := wire(context.Background(), log, os.LookupEnv)
	if err != nil {
		log.Error("cannot start", "err", err)
		os.Exit(1)
	}
	lambda.Start(Handler(handle))
}

// answerTime is how long a request to AWS may take, before the SDK tries again.
const answerTime = 3 * time.Second

// Chat returns the chat of a function that has the set, and the set's values, secrets as
// they are in the environment. Without the endpoint of connections it has no Push, without
// the key of pseudonyms no Cases, without the address of Linea INPS no Linea.
func Chat(ctx context.Context, log *slog.Logger, set env.Set, lookup env.Lookup) (*chat.Chat, env.Values, error) {
	v, err := env.Read(set, lookup)
	if err != nil {
		return nil, nil, err
	}
	c, err := configOf(log, v)
	if err != nil {
		return nil, nil, err
	}
	all := chat.New(c)
	keys, err := secretsOf(ctx, func() time.Time { return all.Desk.Now() }, log, v)
	if err != nil {
		return nil, nil, err
	}
	if keys[env.PseudonymKey] != nil {
		if all.Desk.Cases, _, err = bookOf(ctx, keys); err != nil {
			return nil, nil, err
		}
	}
	if url := v[env.LineaURL]; url != "" {
		if all.Escalations.Linea, err = lineaOf(ctx, url, keys); err != nil {
			return nil, nil, err
		}
	}
	return all, v, nil
}

// parallel is how many conversations a function gives to advisors at once: enough to
// fill the slots of a national day within a second.
const parallel = 64

// configOf returns what a chat needs, without what needs secrets.
func configOf(log *slog.Logger, v env.Values) (chat.Config, error) {
	cfg := Session()
	now, err := clock()
	if err != nil {
		return chat.Config{}, err
	}
	c := chat.Config{
		Store:    store.New(dynamo.New(dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { elsewhere("DYNAMODB", &o.BaseEndpoint) }), v[env.Table])),
		Parallel: parallel, Relay: relay(cfg, v), Now: now, Log: log,
	}
	if endpoint := v[env.Connections]; endpoint != "" {
		c.Push = socket.Pusher{Poster: push.New(cfg, endpoint)}
	}
	return c, nil
}

// Session returns what the runtime of AWS Lambda says in the variables that it
// sets itself. The SDK's own loader knows many more places to look for them, which
// are 2 MB of the binary.
func Session() aws.Config {
	return aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(answerTime),
	}
}

// elsewhere sends a client to another server than AWS's, if the variable is set
// that the SDK has for its service: on one machine and in tests.
func elsewhere(service string, endpoint **string) {
	if url := os.Getenv("AWS_ENDPOINT_URL_" + service); url != "" {
		*endpoint = &url
	}
}

// clock returns the time, moved where a variable says so.
func clock() (func() time.Time, error) {
	value := os.Getenv(env.ClockOffset)
	if value == "" {
		return time.Now, nil
	}
	offset, err := time.ParseDuration(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", env.ClockOffset, err)
	}
	return func() time.Time { return time.Now().Add(offset) }, nil
}

// relay returns the queue of a function that has one.
func relay(cfg aws.Config, v env.Values) escalation.Relay {
	if v[env.Queue] == "" {
		return nil
	}
	elsewhere("SQS", &cfg.BaseEndpoint)
	return sqs.New[conversation.EscalationID](cfg, v[env.Queue], escalation.EscalationKind)
}

// lineaOf returns the client of Linea INPS.
func lineaOf(ctx context.Context, url string, keys keyring) (*lineainps.Client, error) {
	sealer, err := sealerOf(keys[env.FiscalKey].Value(ctx))
	if err != nil {
		return nil, err
	}
	return &lineainps.Client{
		URL: url, Token: keys[env.LineaToken].Value,
		Open: func(p conversation.Profile) (string, error) { return sealer.Open(p.Sealed, string(p.Person)) },
	}, nil
}

// Webhook returns the API of what gets the events of Linea INPS: it has no desk
// but the queue.
func Webhook(ctx context.Context, log *slog.Logger, set env.Set, lookup env.Lookup) (*httpapi.API, error) {
	v, err := env.Read(set, lookup)
	if err != nil {
		return nil, err
	}
	now, err := clock()
	if err != nil {
		return nil, err
	}
	api := &httpapi.API{Relay: relay(Session(), v), Now: now, Log: log}
	keys, err := secretsOf(ctx, func() time.Time { return api.Now() }, log, v)
	if err != nil {
		return nil, err
	}
	api.Secrets = func(ctx context.Context) []lineainps.Secret {
		all, _ := lineainps.ParseSecrets(keys[env.LineaSecret].Value(ctx)) // a value that is refused is never returned
		return all
	}
	return api, nil
}

// API returns the API of a function that has the set.
func API(ctx context.Context, log *slog.Logger, set env.Set, lookup env.Lookup) (*httpapi.API, error) {
	v, err := env.Read(set, lookup)
	if err != nil {
		return nil, err
	}
	c, err := configOf(log, v)
	if err != nil {
		return nil, err
	}
	issuers, err := IssuersOf(v[env.Issuers])
	if err != nil {
		return nil, err
	}
	keys, err := secretsOf(ctx, c.Now, log, v)
	if err != nil {
		return nil, err
	}
	all := chat.New(c)
	api := &httpapi.API{
		Desk: all.Desk, Escalations: all.Escalations, Upkeep: all.Upkeep, Now: c.Now,
		Socket: v[env.Socket], Log: log, Verifier: verifierOf(ctx, log, issuers, c.Now, v[env.Stage]),
	}
	if key := keys[env.FiscalKey]; key != nil {
		if api.Sealer, err = sealerOf(key.Value(ctx)); err != nil {
			return nil, err
		}
	}
	api.Cases, api.Pseudonym, err = bookOf(ctx, keys)
	return api, err
}

// verifierOf returns a verifier that logs outages of issuers and counts them for the
// alarm.
func verifierOf(ctx context.Context, log *slog.Logger, issuers []portal.Issuer, now func() time.Time, stage string) *portal.Verifier {
	v := portal.New(context.WithoutCancel(ctx), issuers, now)
	v.Log = log
	v.Missed = func() {
		if err := metrics.Write(os.Stdout, stage, now(), map[metrics.Name]float64{metrics.IssuerUnreachable: 1}); err != nil {
			log.WarnContext(ctx, "cannot write metrics", "err", err)
		}
	}
	return v
}

// bookOf returns the cases and the pseudonyms by which their owners are known.
// Without the key cases are found by their id only: staff has no others.
func bookOf(ctx context.Context, keys keyring) (book *cases.Book, pseudonym identity.Pseudonym, err error) {
	if key := keys[env.PseudonymKey]; key != nil {
		pseudonym.Key = []byte(key.Value(ctx))
	}
	book, err = cases.Synthetic(pseudonym.Of)
	return book, pseudonym, err
}

// Origins returns the origins in a variable.
func Origins(v env.Values) []string {
	var all []string
	for o := range strings.SplitSeq(v[env.Origins], ",") {
		all = append(all, strings.TrimSpace(o))
	}
	return all
}

// IssuersOf returns the issuers in a variable.
func IssuersOf(value string) ([]portal.Issuer, error) {
	var all []portal.Issuer
	d := json.NewDecoder(strings.NewReader(value))
	d.DisallowUnknownFields()
	err := d.Decode(&all)
	for _, i := range all {
		door := i.Door == portal.MyINPS || i.Door == portal.Cassetto || i.Door == portal.Institute
		if !door || i.URL == "" || i.Audience == "" || i.JWKS == "" {
			err = errors.Join(err, fmt.Errorf("issuer %q of door %q is not whole", i.URL, i.Door))
		}
	}
	if err == nil && len(all) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", env.Issuers, err)
	}
	return all, nil
}
