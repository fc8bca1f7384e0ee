package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"infocig/shared/app/env"
	"infocig/shared/aws/secrets"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/identity"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
)

// A place is where data are.
type place struct {
	Stage string `xor:"place" required:"" placeholder:"NAME" help:"Installation in AWS, as dev or prod: its stacks say which table."`
	Table string `xor:"place" required:"" placeholder:"NAME" help:"DynamoDB table, in $AWS_REGION. What needs $PSEUDONYM_KEY says so."`
	Data  string `xor:"place" required:"" placeholder:"DIR" help:"Data of one machine. Its service must not be running."`
	cloud
}

// A target is a table of DynamoDB, with the ledger of the erasures from it.
type target struct {
	cfg          aws.Config
	name, ledger string
	stage        *installation // whose it is; nil if it was given by its name
}

func (t target) client() *dynamodb.Client { return dynamodb.NewFromConfig(t.cfg) }

// there returns an error if AWS says that there is no such table. Whoever may not ask finds out later.
func (t target) there(ctx context.Context) error {
	_, err := t.client().DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if _, none := errors.AsType[*types.ResourceNotFoundException](err); none {
		return fmt.Errorf("--table %s: there is none in region %s of the account of these credentials", t.name, t.cfg.Region)
	}
	return nil
}

// target returns the table of the place, which is none of one machine.
func (p place) target(ctx context.Context) (target, error) {
	if p.Stage == "" {
		cfg, err := awsConfig(ctx, p.Endpoint)
		t := target{cfg: cfg, name: p.Table, ledger: p.Table + ledgerSuffix}
		if err == nil {
			err = t.there(ctx)
		}
		return t, err
	}
	i, err := p.installation(ctx, p.Stage)
	if err != nil {
		return target{}, err
	}
	t := target{cfg: i.cfg, stage: &i}
	if t.name, err = i.output(ctx, "data", "TableName"); err != nil {
		return target{}, err
	}
	t.ledger, err = i.output(ctx, "data", "LedgerName")
	return t, err
}

// open returns the desk over the data, and how to close them.
func (p place) open(ctx context.Context) (*upkeep.Service, func() error, error) {
	if p.Data == "" {
		t, err := p.target(ctx)
		if err != nil {
			return nil, nil, err
		}
		return deskOver(store.New(dynamo.New(t.client(), t.name))), func() error { return nil }, nil
	}
	file := filepath.Join(p.Data, "infocig.db")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("--data %s: there are no data of INFO CIG", p.Data)
	}
	tab, err := bolt.Open(file)
	if err != nil {
		return nil, nil, err
	}
	return deskOver(store.New(tab)), tab.Close, nil
}

// deskOver returns what operators do over a store.
func deskOver(s store.Store) *upkeep.Service {
	return chat.New(chat.Config{Store: s, Push: nobody{}}).Upkeep
}

// nobody is told of what a command does: their pages ask within half a minute.
type nobody struct{}

func (nobody) Push(context.Context, conversation.ConnectionID, identity.Side, desk.Event) error {
	return nil
}
func (nobody) Close(context.Context, conversation.ConnectionID) error { return nil }

// person returns the id under which somebody is known there.
func (p place) person(ctx context.Context, code string) (identity.PersonID, error) {
	key, err := p.pseudonymKey(ctx)
	if err != nil {
		return "", err
	}
	return identity.PersonID(identity.Pseudonym{Key: []byte(key)}.Of(code)), nil
}

// pseudonymKey returns the key in the environment, where an ARN is that of a secret
// that has it; otherwise that of the stage, or of one machine.
func (p place) pseudonymKey(ctx context.Context) (string, error) {
	key := os.Getenv(string(env.PseudonymKey))
	switch {
	case secrets.IsARN(key):
		cfg, err := awsConfig(ctx, p.Endpoint)
		if err != nil {
			return "", err
		}
		if endpoint := os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"); endpoint != "" {
			cfg.BaseEndpoint = &endpoint
		}
		if key, err = secrets.New(cfg).Read(ctx, key); err != nil {
			return "", fmt.Errorf("%s: %w", env.PseudonymKey, err)
		}
		return key, nil
	case key != "":
		return key, nil
	case p.Data != "":
		return env.LocalPseudonymKey, nil
	case p.Stage != "":
		i, err := p.installation(ctx, p.Stage)
		if err != nil {
			return "", err
		}
		return stored{secretsmanager.NewFromConfig(i.cfg), i.name(secretName(env.PseudonymKey))}.read(ctx)
	default:
		return "", fmt.Errorf("set %s to the key of the deployment, or to the ARN of its secret", env.PseudonymKey)
	}
}
