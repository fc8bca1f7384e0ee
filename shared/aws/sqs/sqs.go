// Package sqs is the queue between the desk and Linea INPS: Amazon SQS. A
// message is the id of an escalation and nothing else, so that what people
// wrote is in no queue, dead letter or trace.
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
	"infocig/shared/chat"
)

// A Queue sends escalations on.
type Queue struct {
	cfg aws.Config
	url string
}

var _ chat.Relay = (*Queue)(nil)

// New returns the queue at url, which is asked with the credentials of cfg, at its
// BaseEndpoint if it has one.
func New(cfg aws.Config, url string) *Queue { return &Queue{cfg, url} }

// Send implements chat.Relay. It is repeated where no answer comes: twice is as
// good as once.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func (q *Queue) Send(ctx context.Context, id chat.EscalationID) error {
	body, err := Body(id)
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

// A message is what a queue carries.
type message struct {
	Escalation chat.EscalationID `json:"escalation"`
}

// Body returns the body of the message about an escalation.
func Body(id chat.EscalationID) (string, error) {
	raw, err := json.Marshal(message{id})
	return string(raw), err
}

// maxID is the longest id that a message can have.
const maxID = 64

var errBody = errors.New("the body is no message of ours")

func idOf(body string) (chat.EscalationID, error) {
	var m message
	if err := json.Unmarshal([]byte(body), &m, json.RejectUnknownMembers(true)); err != nil || m.Escalation == "" || len(m.Escalation) > maxID {
		return "", errBody
	}
	return m.Escalation, nil
}

// A Consumer is the function behind the queue.
type Consumer struct {
	Forward func(ctx context.Context, id chat.EscalationID) error
	Log     *slog.Logger
}

// Handle forwards every escalation of a batch. Only those that failed come
// again: one that cannot be forwarded does not hold up the others.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func (c Consumer) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	r := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, m := range batch.Records {
		if err := c.one(ctx, m); err != nil {
			c.Log.WarnContext(ctx, "cannot forward an escalation", "message_id", m.MessageId, "attempt", m.Attributes["ApproximateReceiveCount"], "err", err)
			r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return r, nil
}

// one forwards the escalation of a message. A panic is an error of this one.
func (c Consumer) one(ctx context.Context, m events.SQSMessage) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	id, err := idOf(m.Body)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.Forward(ctx, id)
}
