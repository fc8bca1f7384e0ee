package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type redriveCommand struct {
	Queue    string `required:"" placeholder:"NAME" help:"The queue to Linea INPS."`
	Dead     string `required:"" placeholder:"NAME" help:"The queue of its dead letters."`
	Endpoint string `placeholder:"URL" help:"Of an SQS server that is not AWS's."`
}

// Run moves every dead letter to the queue: sent first, deleted then, so that
// none is lost; one that is sent twice has its effect once.
func (c redriveCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := awsConfig(ctx, c.Endpoint)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = orNil(c.Endpoint) })
	to, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &c.Queue})
	if err != nil {
		return fmt.Errorf("--queue %s: %w", c.Queue, err)
	}
	from, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &c.Dead})
	if err != nil {
		return fmt.Errorf("--dead %s: %w", c.Dead, err)
	}
	moved, err := move(ctx, client, from.QueueUrl, to.QueueUrl)
	return errors.Join(t.print(struct {
		Moved int `json:"moved"`
	}{moved}), err)
}

func move(ctx context.Context, client *sqs.Client, from, to *string) (moved int, err error) {
	for {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: from, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
		if err != nil || len(out.Messages) == 0 {
			return moved, err
		}
		for _, m := range out.Messages {
			if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: to, MessageBody: m.Body}); err != nil {
				return moved, err
			}
			if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: from, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return moved, err
			}
			moved++
		}
	}
}
