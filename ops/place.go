package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat"
	"infocig/shared/dynamo"
	"infocig/shared/embedded"
	"infocig/shared/env"
	"infocig/shared/portal"
	"infocig/shared/secrets"
)

// A place is where data are.
type place struct {
	Data     string `xor:"place" required:"" placeholder:"DIR" help:"Data of one machine. Its service must not be running."`
	Table    string `xor:"place" required:"" placeholder:"NAME" help:"DynamoDB table of a deployment. Needs $PSEUDONYM_KEY."`
	Endpoint string `placeholder:"URL" help:"Of a DynamoDB server that is not AWS's."`
}

// open returns the desk over the data, and how to close them.
func (p place) open(ctx context.Context) (*chat.Desk, func() error, error) {
	desk := &chat.Desk{Push: nobody{}, Now: time.Now, NewID: rand.Text, Times: chat.DefaultTimes, Log: slog.New(slog.DiscardHandler)}
	if p.Table != "" {
		cfg, err := awsConfig(ctx, p.Endpoint)
		if err != nil {
			return nil, nil, err
		}
		client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = orNil(p.Endpoint) })
		desk.Store = dynamo.New(client, p.Table)
		desk.Shards = chat.CacheRules(desk.Store, time.Now).Shards
		return desk, func() error { return nil }, nil
	}
	file := filepath.Join(p.Data, "infocig.db")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("--data %s: there are no data of INFO CIG", p.Data)
	}
	store, err := embedded.Open(file)
	if err != nil {
		return nil, nil, err
	}
	desk.Store, desk.Shards = store, chat.CacheRules(store, time.Now).Shards
	return desk, store.Close, nil
}

// nobody is told of what a command does: their pages ask within half a minute.
type nobody struct{}

func (nobody) Push(context.Context, chat.ConnectionID, chat.Side, chat.Event) error { return nil }
func (nobody) Close(context.Context, chat.ConnectionID) error                       { return nil }

// person returns the id under which somebody is known there.
func (p place) person(ctx context.Context, code string) (chat.PersonID, error) {
	key, err := pseudonymKey(ctx)
	if err != nil {
		return "", err
	}
	if p.Data != "" && key == "" {
		key = env.LocalPseudonymKey
	}
	if key == "" {
		return "", fmt.Errorf("set %s to the key of the deployment, or to the ARN of its secret", env.PseudonymKey)
	}
	return chat.PersonID(portal.Pseudonym{Key: []byte(key)}.Of(code)), nil
}

// pseudonymKey returns the key in the environment, "" if there is none. An ARN is
// that of a secret that has it.
func pseudonymKey(ctx context.Context) (string, error) {
	key := os.Getenv(string(env.PseudonymKey))
	if !secrets.IsARN(key) {
		return key, nil
	}
	cfg, err := awsConfig(ctx, os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"))
	if err != nil {
		return "", err
	}
	cfg.BaseEndpoint = orNil(os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"))
	if key, err = secrets.New(cfg).Read(ctx, key); err != nil {
		return "", fmt.Errorf("%s: %w", env.PseudonymKey, err)
	}
	return key, nil
}

// awsConfig is that of whoever runs the command. A server that is not AWS's takes
// any credentials.
func awsConfig(ctx context.Context, endpoint string) (aws.Config, error) {
	var options []func(*config.LoadOptions) error
	if endpoint != "" {
		options = append(options, config.WithRegion("eu-south-1"),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err == nil && cfg.Region == "" {
		err = errors.New("set AWS_REGION to the region of the deployment")
	}
	return cfg, err
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
