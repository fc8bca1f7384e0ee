package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/local/lambda"
	loginportal "infocig/local/portal"
	"infocig/shared/app/env"
	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/httpapi"
	"infocig/shared/chat/socket"
	"infocig/shared/fiscal"
	"infocig/shared/http/portal"
	"infocig/shared/identity"
	"infocig/shared/lineainps"
)

// newInvoker returns what runs the functions, and how to stop it.
func (s *server) newInvoker(ctx context.Context) (gateway.Invoker, func(context.Context) error, error) {
	nothing := func(context.Context) error { return nil }
	switch s.options.functions {
	case inProcess:
		f, err := s.handlers(ctx)
		return f, nothing, err
	case bootstrap:
		return s.processes(ctx)
	default:
		if err := s.writeVariables(ctx); err != nil {
			return nil, nil, err
		}
		return &lambda.Endpoint{URL: strings.TrimSuffix(s.options.functions, "/")}, nothing, nil
	}
}

// handlers wires every function to one desk in this process.
func (s *server) handlers(ctx context.Context) (inprocess, error) {
	pseudonym := identity.Pseudonym{Key: []byte(env.LocalPseudonymKey)}
	book, err := cases.Synthetic(pseudonym.Of)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(env.LocalFiscalKey)
	if err != nil {
		return nil, err
	}
	sealer, err := fiscal.NewSealer(key)
	if err != nil {
		return nil, err
	}
	c := chat.Config{
		Store: s.store, Cases: book, Push: socket.Pusher{Poster: connections{s}}, Relay: s.relay,
		Linea: &lineainps.Client{
			URL: s.base + "/linea", Token: func(context.Context) string { return env.LocalLineaToken },
			Open: func(p conversation.Profile) (string, error) { return sealer.Open(p.Sealed, string(p.Person)) },
		},
		Now: s.clock.Now, Log: s.log, Times: desk.DefaultTimes,
	}
	if s.options.unhurried {
		c.Times.CitizenPace, c.Times.AdvisorPace = conversation.Pace{}, conversation.Pace{}
	}
	all := chat.New(c)
	verifier := portal.New(context.WithoutCancel(ctx), issuers(s.base), s.clock.Now)
	verifier.Log = s.log
	api := &httpapi.API{
		Desk: all.Desk, Escalations: all.Escalations, Upkeep: all.Upkeep, Relay: s.relay, Now: s.clock.Now, Cases: book, Pseudonym: pseudonym, Sealer: sealer, Log: s.log,
		Secrets: func(context.Context) []lineainps.Secret {
			return []lineainps.Secret{lineainps.Secret(env.LocalLineaSecret)}
		},
		Verifier: verifier, Socket: s.socketURL(),
	}
	v, err := s.values()
	if err != nil {
		return nil, err
	}
	return handlers(all, api, v, s.log)
}

func (s *server) socketURL() string { return "ws" + strings.TrimPrefix(s.base, "http") + "/socket" }

// processes builds the real binaries and runs each as AWS Lambda does, with the
// environment that it would have there.
func (s *server) processes(ctx context.Context) (gateway.Invoker, func(context.Context) error, error) {
	values, err := s.environment(ctx)
	if err != nil {
		return nil, nil, err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, nil, err
	}
	out, built := s.options.binaries, s.options.binaries != ""
	if !built {
		if out, err = os.MkdirTemp("", "infocig-functions-"); err != nil {
			return nil, nil, err
		}
	}
	c := lambda.Config{Region: region, Output: os.Stderr, Log: s.log}
	var names []string
	for _, f := range topology.Functions {
		names = append(names, string(f))
		own := s.variables(f, values)
		own["AWS_ACCESS_KEY_ID"] = string(f) // its own, as each has a role of its own
		c.Functions = append(c.Functions, lambda.Function{
			Name: string(f), Path: lambda.Binary(out, string(f)), Env: own, Timeout: time.Duration(topology.TimeoutOf(f)) * time.Second, MaxProcesses: 4,
		})
	}
	if !built {
		if err := lambda.Build(ctx, root, out, names); err != nil {
			return nil, nil, fmt.Errorf("-functions bootstrap: %w", err)
		}
	}
	r, err := lambda.New(c)
	if err != nil {
		return nil, nil, err
	}
	s.runtime = r
	return r, func(ctx context.Context) error {
		err := r.Close(ctx)
		if !built {
			_ = os.RemoveAll(out) // of a temporary folder
		}
		return err
	}, nil
}

// variables are those of a function outside this process: what it has in the
// cloud, the addresses of the servers, and the clock.
func (s *server) variables(f topology.Function, values env.Values) map[string]string {
	own := map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": s.options.dynamodb, "AWS_ENDPOINT_URL_SQS": s.options.sqs,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": s.secretsURL, env.ClockOffset: s.clock.offset.String(),
	}
	for _, name := range f.Set() {
		own[string(name)] = values[name]
	}
	return own
}

// moduleRoot is where the functions' sources are.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("-functions bootstrap: go env: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// environment is the value of every variable that functions have outside this process.
// Where there is a server for secrets, it makes them there.
func (s *server) environment(ctx context.Context) (env.Values, error) {
	v, err := s.values()
	if err == nil && s.secretsURL != "" {
		err = storeSecrets(ctx, s.secretsURL, v)
	}
	return v, err
}

// values is the value of every variable that functions have.
func (s *server) values() (env.Values, error) {
	type issuer struct {
		Door     portal.Door `json:"door"`
		URL      string      `json:"url"`
		Audience string      `json:"audience"`
		JWKS     string      `json:"jwks"`
	}
	var all []issuer
	for _, i := range issuers(s.base) {
		all = append(all, issuer(i))
	}
	list, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return env.Values{
		env.Table: table, env.Connections: s.base + "/" + topology.Stage, env.Socket: s.socketURL(), env.Origins: s.base,
		env.Issuers: string(list), env.PseudonymKey: env.LocalPseudonymKey, env.FiscalKey: env.LocalFiscalKey, env.Queue: s.sqsURL,
		env.LineaURL: s.base + "/linea", env.LineaToken: env.LocalLineaToken, env.LineaSecret: env.LocalLineaSecret,
		env.Stage: "local", env.Pages: s.base, env.ClientID: loginportal.ClientID, env.Days: "730",
	}, nil
}
