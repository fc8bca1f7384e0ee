// Package wiring is what the mains of the functions have in common: it builds
// the desk and the API from a function's environment, with nothing in them that
// the function has no variable for.
package wiring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // Europe/Rome: AWS Lambda has no zone files

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/dynamo"
	"infocig/shared/env"
	"infocig/shared/fiscal"
	"infocig/shared/httpapi"
	"infocig/shared/lineainps"
	"infocig/shared/portal"
	"infocig/shared/push"
	"infocig/shared/redact"
	"infocig/shared/socket"
	"infocig/shared/sqs"
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

// Logger returns the log of a function: JSON lines on w, without what is
// personal.
func Logger(w io.Writer) *slog.Logger { return slog.New(redact.Handler(slog.NewJSONHandler(w, nil))) }

// answerTime is how long a request to AWS may take, before the SDK tries again.
const answerTime = 3 * time.Second

// Desk returns the desk of a function that has the set, and the set's values.
// Without the endpoint of connections it has no Push, without the key of
// pseudonyms no Cases.
func Desk(log *slog.Logger, set env.Set, lookup env.Lookup) (*chat.Desk, env.Values, error) {
	desk, v, err := deskOf(log, set, lookup)
	if err != nil || v[env.PseudonymKey] == "" {
		return desk, v, err
	}
	desk.Cases, _, err = bookOf(v)
	return desk, v, err
}

// deskOf returns a desk without cases, which only joining needs.
func deskOf(log *slog.Logger, set env.Set, lookup env.Lookup) (*chat.Desk, env.Values, error) {
	v, err := env.Read(set, lookup)
	if err != nil {
		return nil, nil, err
	}
	cfg := session()
	now, err := clock()
	if err != nil {
		return nil, nil, err
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { elsewhere("DYNAMODB", &o.BaseEndpoint) }), v[env.Table])
	desk := &chat.Desk{
		Store: store, Policy: chat.CachedPolicy(store, now), Times: chat.DefaultTimes, Relay: relay(cfg, v),
		Now: now, NewID: rand.Text, Log: log,
	}
	if endpoint := v[env.Connections]; endpoint != "" {
		desk.Push = socket.Pusher{Poster: push.New(cfg, endpoint)}
	}
	return desk, v, nil
}

// session returns what the runtime of AWS Lambda says in the variables that it
// sets itself. The SDK's own loader knows many more places to look for them, which
// are 2 MB of the binary.
func session() aws.Config {
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
func relay(cfg aws.Config, v env.Values) chat.Relay {
	if v[env.Queue] == "" {
		return nil
	}
	client := awssqs.NewFromConfig(cfg, func(o *awssqs.Options) { elsewhere("SQS", &o.BaseEndpoint) })
	return sqs.New(client, v[env.Queue])
}

// Linea returns the client of Linea INPS of a function that has the variables.
func Linea(v env.Values) (*lineainps.Client, error) {
	sealer, err := sealerOf(v[env.FiscalKey])
	if err != nil {
		return nil, err
	}
	return &lineainps.Client{
		URL: v[env.LineaURL], Token: v[env.LineaToken],
		Open: func(p chat.Profile) (string, error) { return sealer.Open(p.Sealed, string(p.Person)) },
	}, nil
}

// Webhook returns the API of what gets the events of Linea INPS: it has no desk
// but the queue.
func Webhook(log *slog.Logger, set env.Set, lookup env.Lookup) (*httpapi.API, error) {
	v, err := env.Read(set, lookup)
	if err != nil {
		return nil, err
	}
	now, err := clock()
	if err != nil {
		return nil, err
	}
	api := &httpapi.API{Desk: &chat.Desk{Relay: relay(session(), v), Now: now}, Log: log}
	for secret := range strings.SplitSeq(v[env.LineaSecret], ",") {
		if err := secretKey(env.LineaSecret, secret); err != nil {
			return nil, err
		}
		api.Secrets = append(api.Secrets, lineainps.Secret(secret))
	}
	return api, nil
}

// API returns the API of a function that has the set.
func API(ctx context.Context, log *slog.Logger, set env.Set, lookup env.Lookup) (*httpapi.API, error) {
	desk, v, err := deskOf(log, set, lookup)
	if err != nil {
		return nil, err
	}
	api := &httpapi.API{Desk: desk, Socket: v[env.Socket], Log: log}
	issuers, err := issuersOf(v[env.Issuers])
	if err != nil {
		return nil, err
	}
	api.Verifier = portal.New(context.WithoutCancel(ctx), issuers, desk.Now)
	if key := v[env.FiscalKey]; key != "" {
		if api.Sealer, err = sealerOf(key); err != nil {
			return nil, err
		}
	}
	api.Cases, api.Pseudonym, err = bookOf(v)
	return api, err
}

// bookOf returns the cases and the pseudonyms by which their owners are known.
// Without the key cases are found by their id only: staff has no others.
func bookOf(v env.Values) (book *cases.Book, pseudonym portal.Pseudonym, err error) {
	if key := v[env.PseudonymKey]; key != "" {
		if pseudonym, err = pseudonymOf(key); err != nil {
			return nil, pseudonym, err
		}
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

const minKey = 32

func pseudonymOf(key string) (portal.Pseudonym, error) {
	return portal.Pseudonym{Key: []byte(key)}, secretKey(env.PseudonymKey, key)
}

func secretKey(name env.Name, key string) error {
	if strings.HasPrefix(key, "arn:") || len(key) < minKey {
		return fmt.Errorf("%s: want the key itself, at least %d characters", name, minKey)
	}
	return nil
}

func sealerOf(key string) (fiscal.Sealer, error) {
	raw, err := hex.DecodeString(key)
	if err != nil || len(raw) != fiscal.KeySize {
		return fiscal.Sealer{}, fmt.Errorf("%s: want %d hexadecimal digits", env.FiscalKey, 2*fiscal.KeySize)
	}
	return fiscal.NewSealer(raw)
}

func issuersOf(value string) ([]portal.Issuer, error) {
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
