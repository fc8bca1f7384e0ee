// Package sqs is Amazon SQS between who commits something that has to be handed on and who
// hands it on. A message is the id of that and nothing else, so that what people wrote is
// in no queue, dead letter or trace.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"

	"infocig/shared/aws/awsjson"
)

// A Queue sends ids of one kind on.
type Queue[ID ~string] struct {
	cfg  aws.Config
	url  string
	kind string
}

// New returns the queue at url, which is asked with the credentials of cfg, at its
// BaseEndpoint if it has one. Kind is the name of the ids in its messages.
func New[ID ~string](cfg aws.Config, url, kind string) *Queue[ID] { return &Queue[ID]{cfg, url, kind} }

// Send puts a message about id into the queue. It is repeated where no answer comes: twice
// is as good as once.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func (q *Queue[ID]) Send(ctx context.Context, id ID) error {
	body, err := Body(q.kind, id)
	if err != nil {
		return err
	}
	address := q.url
	if q.cfg.BaseEndpoint != nil {
		address = *q.cfg.BaseEndpoint
	}
	host, err := hostOf(address)
	if err != nil {
		return err
	}
	_, err = awsjson.Do(ctx, q.cfg, awsjson.Request{
		Service: "sqs", Region: q.cfg.Region, URL: host, Version: "1.0", Target: "AmazonSQS.SendMessage",
		Body: struct {
			QueueUrl, MessageBody string //nolint:revive // names of AWS
		}{q.url, body},
	})
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
}

// hostOf returns the address of the host of a URL: queues are in the body of
// requests, not in their path.
func hostOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", errors.New("the address of the queue is none")
	}
	return u.Scheme + "://" + u.Host, nil
}

// Body returns the body of the message about an id: {"<kind>":"<id>"}.
func Body[ID ~string](kind string, id ID) (string, error) {
	raw, err := json.Marshal(map[string]ID{kind: id})
	return string(raw), err
}

// maxID is the longest id that a message can have.
const maxID = 64

var errBody = errors.New("the body is no message of ours")

func idOf[ID ~string](kind, body string) (ID, error) {
	var m map[string]ID
	if err := json.Unmarshal([]byte(body), &m); err != nil || len(m) != 1 || m[kind] == "" || len(m[kind]) > maxID {
		return "", errBody
	}
	return m[kind], nil
}

// A Consumer is the function behind the queue.
type Consumer[ID ~string] struct {
	Kind    string // as in New
	Forward func(ctx context.Context, id ID) error
	Log     *slog.Logger
}

// Handle forwards everything of a batch. Only what failed comes again: what cannot be
// forwarded does not hold up the rest.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func (c Consumer[ID]) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	r := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, m := range batch.Records {
		if err := c.one(ctx, m); err != nil {
			c.Log.WarnContext(ctx, "cannot forward", "action", c.Kind, "message_id", m.MessageId, "attempt", m.Attributes["ApproximateReceiveCount"], "err", err)
			r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return r, nil
}

// one forwards what a message is about. A panic is an error of this one.
func (c Consumer[ID]) one(ctx context.Context, m events.SQSMessage) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	id, err := idOf[ID](c.Kind, m.Body)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.Forward(ctx, id)
}
