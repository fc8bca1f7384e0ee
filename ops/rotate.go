package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"infocig/infra/owner"
	"infocig/shared/app/env"
	"infocig/shared/aws/secrets"
	"infocig/shared/lineainps"
)

type rotateCommand struct {
	Stage  string `xor:"where" required:"" placeholder:"NAME" help:"Installation in AWS, as dev or prod, whose secret or token it is."`
	Secret string `xor:"where" required:"" placeholder:"NAME" help:"Name or ARN of the secret in Secrets Manager."`
	Finish bool   `xor:"step" help:"Drop the old one of two secrets: Linea INPS signs with the new one."`
	Token  bool   `xor:"step" help:"Replace the bearer token by a new one of Linea INPS, which is read from standard input."`
	Yes    bool   `help:"Do not ask whether to drop the old secret before the new one is good everywhere, as in an emergency."`
	cloud
}

// Run makes one step of replacing what we share with Linea INPS.
func (c rotateCommand) Run(ctx context.Context, t terminal) error {
	s, err := c.stored(ctx)
	if err != nil {
		return err
	}
	value, since, err := s.current(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.Token:
		return replaceToken(ctx, t, s, value)
	case c.Finish:
		return finish(ctx, t, s, value, func() error { return c.goodAlready(t, everywhere(since)) })
	default:
		return begin(ctx, t, s, value)
	}
}

// stored returns the secret that the command is about.
func (c rotateCommand) stored(ctx context.Context) (stored, error) {
	if c.Stage == "" {
		cfg, err := awsConfig(ctx, c.Endpoint)
		return stored{secretsmanager.NewFromConfig(cfg), c.Secret}, err
	}
	i, err := c.installation(ctx, c.Stage)
	if err != nil {
		return stored{}, err
	}
	if _, err := i.outputs(ctx, "data"); err != nil {
		return stored{}, err
	}
	name, variable := i.values.Linea.SigningSecret, env.LineaSecret
	if c.Token {
		name, variable = i.values.Linea.TokenSecret, env.LineaToken
	}
	if name == owner.Generate {
		name = i.name(secretName(variable))
	}
	return stored{secretsmanager.NewFromConfig(i.cfg), name}, nil
}

// secretName is what the stack calls the secret of a variable, after the stage.
func secretName(variable env.Name) string {
	return strings.ToLower(strings.ReplaceAll(string(variable), "_", "-"))
}

// goodAlready asks where some function may not have the new secret yet, which refuses what is signed with it.
func (c rotateCommand) goodAlready(t terminal, from time.Time) error {
	if !time.Now().Before(from) || c.Yes {
		return nil
	}
	if !t.confirm("The new secret is good everywhere from %s only: until then functions may refuse what is signed with it, and the old one is dropped.", from.Format(time.RFC3339)) {
		return fmt.Errorf("nothing was changed: good_from of the new secret is %s: wait for it; --yes drops the old one now", from.Format(time.RFC3339))
	}
	return nil
}

// everywhere is when every function has what was stored at a time.
func everywhere(stored time.Time) time.Time {
	return stored.Add(secrets.MaxAge + secrets.RetryAfter).UTC().Truncate(time.Second).Add(time.Second)
}

// begin stores a new secret before the one that is there: both are good.
func begin(ctx context.Context, t terminal, s stored, value string) error {
	all, err := lineainps.ParseSecrets(value)
	if err != nil {
		return fmt.Errorf("--secret %s: what is stored does not sign events (%w): is it the bearer token? Then add --token", s.name, err)
	}
	if len(all) > 1 {
		return fmt.Errorf("--secret %s: there are %d secrets already: give --finish when Linea INPS signs with the new one", s.name, len(all))
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	fresh := base64.RawURLEncoding.EncodeToString(random)
	if err := s.write(ctx, fresh+","+value); err != nil {
		return err
	}
	return t.print(struct {
		Secret string    `json:"secret"`
		New    string    `json:"new_secret"`
		From   time.Time `json:"good_from"`
		Next   string    `json:"next"`
	}{
		s.name, fresh, everywhere(time.Now()),
		"Hand new_secret to Linea INPS, by a way that nobody else reads. It signs with it from good_from on; until then, and until --finish, the old one is good too.",
	})
}

// finish drops all secrets but the new one, if that is good already.
func finish(ctx context.Context, t terminal, s stored, value string, good func() error) error {
	fresh, _, two := strings.Cut(value, ",")
	if !two {
		return fmt.Errorf("--secret %s: there is only one secret, and no old one to drop", s.name)
	}
	if _, err := lineainps.ParseSecrets(fresh); err != nil {
		return fmt.Errorf("--secret %s: the first of what is stored is no secret: %w", s.name, err)
	}
	if err := good(); err != nil {
		return err
	}
	if err := s.write(ctx, fresh); err != nil {
		return err
	}
	return t.print(struct {
		Secret string    `json:"secret"`
		From   time.Time `json:"old_one_refused_from"`
	}{s.name, everywhere(time.Now())})
}

// replaceToken stores the token that is read from standard input.
func replaceToken(ctx context.Context, t terminal, s stored, old string) error {
	fmt.Fprint(t.err, "New token of Linea INPS: ")
	line, err := t.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	token := strings.TrimSpace(line)
	switch err := lineainps.CheckToken(token); {
	case err != nil:
		return fmt.Errorf("nothing was changed: %w", err)
	case token == old:
		return errors.New("this token is stored already: nothing was changed")
	case strings.Contains(old, ","):
		return fmt.Errorf("--secret %s: what is stored are secrets that sign events: nothing was changed", s.name)
	}
	if err := s.write(ctx, token); err != nil {
		return err
	}
	return t.print(struct {
		Secret string    `json:"secret"`
		From   time.Time `json:"old_one_unused_from"`
	}{s.name, everywhere(time.Now())})
}

// A stored secret is one in Secrets Manager.
type stored struct {
	client *secretsmanager.Client
	name   string
}

func (s stored) read(ctx context.Context) (string, error) {
	value, _, err := s.current(ctx)
	return value, err
}

// current returns what is stored now, and since when.
func (s stored) current(ctx context.Context) (value string, since time.Time, err error) {
	out, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.name, VersionStage: aws.String("AWSCURRENT")})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("--secret %s: %w", s.name, err)
	}
	if out.SecretString == nil || *out.SecretString == "" {
		return "", time.Time{}, fmt.Errorf("--secret %s: it has no SecretString", s.name)
	}
	return *out.SecretString, aws.ToTime(out.CreatedDate), nil
}

// write makes value the current version; AWS keeps the one before. The SDK's
// retries carry one token, so that there is one new version.
func (s stored) write(ctx context.Context, value string) error {
	_, err := s.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &s.name, SecretString: &value})
	if known, ok := errors.AsType[smithy.APIError](err); ok {
		return fmt.Errorf("--secret %s: nothing was changed: %s", s.name, known.ErrorCode()) // its words may have the value
	}
	if err != nil {
		return fmt.Errorf("--secret %s: nobody knows whether it was changed: docs/runbooks/linea-secret.md says how to see: %w", s.name, err)
	}
	return nil
}
