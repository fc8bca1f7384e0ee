// Package sqs is the queue between the desk and Linea INPS: Amazon SQS. A
// message is the id of an escalation and nothing else, so that what people
// wrote is in no queue, dead letter or trace.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/go-json-experiment/json"

	"infocig/shared/chat"
)

// A Queue sends escalations on.
type Queue struct {
	client *sqs.Client
	url    string
}

var _ chat.Relay = (*Queue)(nil)

// New returns the queue at url.
func New(client *sqs.Client, url string) *Queue { return &Queue{client, url} }

// Send implements chat.Relay. The SDK repeats it where no answer comes: twice is
// as good as once.
func (q *Queue) Send(ctx context.Context, id chat.EscalationID) error {
	body, err := Body(id)
	if err != nil {
		return err
	}
	if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: aws.String(body)}); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
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
