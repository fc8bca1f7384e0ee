package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"infocig/infra/topology"
	"infocig/local/queue"
	"infocig/shared/aws/sqs"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/store"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
	"infocig/shared/table/memory"
	"infocig/shared/test/servers"
)

const (
	region = "eu-south-1"
	table  = "infocig"
)

// aws is how this machine asks servers that are not AWS's.
func awsConfig() aws.Config {
	return aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
}

// A backend is where the service keeps what it must not lose.
type backend struct {
	store  store.Store
	close  io.Closer // of the store, nil if there is nothing to close
	queue  queue.Queue
	relay  escalation.Relay
	sqsURL string // of the queue, for functions elsewhere
	sqsARN string

	secretsURL string // of the server with the secrets, "" if there is none

	servers []*servers.Server // that were started for it
}

// openBackend opens what the flags ask for, and starts the servers that they
// name: o has their addresses then.
func openBackend(ctx context.Context, o *options) (b backend, err error) {
	if err := b.startServers(ctx, o); err != nil {
		return b, errors.Join(err, b.shut())
	}
	if b.store, b.close, err = openStore(ctx, *o); err == nil {
		err = b.openQueue(ctx, *o)
	}
	if err != nil {
		return b, errors.Join(err, b.shut())
	}
	if o.relay != nil {
		b.relay = o.relay(b.relay)
	}
	return b, nil
}

func (b *backend) startServers(ctx context.Context, o *options) error {
	b.secretsURL = o.secrets
	if o.dynamodb == dynoxide {
		file := ""
		if o.data != "memory" {
			file = filepath.Join(o.data, "dynoxide.db")
		}
		s, err := servers.Dynoxide(ctx, file)
		if err != nil {
			return err
		}
		b.servers, o.dynamodb = append(b.servers, s), s.URL
	}
	if o.sqs == moto {
		s, err := servers.Moto(ctx)
		if err != nil {
			return err
		}
		b.servers, o.sqs, b.secretsURL = append(b.servers, s), s.URL, s.URL // moto is both
	}
	return nil
}

func openStore(ctx context.Context, o options) (store.Store, io.Closer, error) {
	switch {
	case o.dynamodb != "":
		store, err := openDynamo(ctx, o)
		if err != nil {
			return nil, nil, fmt.Errorf("-dynamodb %s: %w", o.dynamodb, cause(err))
		}
		return store, nil, nil
	case o.data == "memory":
		return store.New(memory.New()), nil, nil
	}
	tab, err := bolt.Open(filepath.Join(o.data, "infocig.db"))
	if err != nil {
		return nil, nil, fmt.Errorf("-data %s: %w", o.data, cause(err))
	}
	return store.New(tab), tab, nil
}

// answerTime is how long a server on this machine may take to answer.
const answerTime = 10 * time.Second

// openDynamo returns the store in the table of a server, which it makes if it is
// not there.
func openDynamo(ctx context.Context, o options) (store.Store, error) {
	client := dynamodb.NewFromConfig(awsConfig(), func(c *dynamodb.Options) {
		c.BaseEndpoint = &o.dynamodb
		if o.transport != nil {
			c.HTTPClient = &http.Client{Transport: o.transport}
		}
	})
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		err = dynamo.Create(ctx, client, table)
	}
	return store.New(dynamo.New(client, table)), err
}

func (b *backend) openQueue(ctx context.Context, o options) error {
	limits := queue.Limits{Visibility: topology.Visibility * time.Second, MaxReceive: topology.MaxReceive}
	if o.sqs == "" {
		b.queue = doubling{queue.NewMemory(limits, rand.Text), o.faults}
		b.relay, b.sqsARN = sender{b.queue}, "arn:aws:sqs:"+region+":000000000000:"+topology.Queue
		return nil
	}
	client := awssqs.NewFromConfig(awsConfig(), func(c *awssqs.Options) { c.BaseEndpoint = &o.sqs })
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	q, err := queue.OpenSQS(ctx, client, topology.Queue, topology.DeadLetter, limits)
	if err != nil {
		return fmt.Errorf("-sqs %s: %w", o.sqs, cause(err))
	}
	cfg := awsConfig()
	cfg.BaseEndpoint = &o.sqs
	b.queue, b.relay, b.sqsURL, b.sqsARN = q, sqs.New[conversation.EscalationID](cfg, q.URL, escalation.EscalationKind), q.URL, q.ARN
	return nil
}

func (b *backend) shut() (err error) {
	if b.close != nil {
		err = b.close.Close()
	}
	for _, s := range b.servers {
		s.Stop()
	}
	return err
}

// sender is a escalation.Relay over a queue in this process.
type sender struct{ queue queue.Queue }

// Send implements escalation.Relay.
func (s sender) Send(ctx context.Context, id conversation.EscalationID) error {
	body, err := sqs.Body(escalation.EscalationKind, id)
	if err != nil {
		return err
	}
	return s.queue.Send(ctx, body)
}
