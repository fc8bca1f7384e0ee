package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type redriveCommand struct {
	Stage string `xor:"where" required:"" placeholder:"NAME" help:"Installation in AWS, as dev or prod: its stacks say which queues."`
	Queue string `xor:"where" required:"" placeholder:"NAME" help:"The queue to Linea INPS."`
	Dead  string `placeholder:"NAME" help:"The queue of its dead letters, beside --queue."`
	cloud
}

// Run moves every dead letter to the queue: sent first, deleted then, so that
// none is lost; one that is sent twice has its effect once.
func (c redriveCommand) Run(ctx context.Context, t terminal) error {
	cfg, err := c.queues(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(cfg)
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

// queues looks up which they are, where a stage was given.
func (c *redriveCommand) queues(ctx context.Context) (aws.Config, error) {
	if c.Stage == "" {
		if c.Dead == "" {
			return aws.Config{}, errors.New("--queue: give --dead, too")
		}
		return awsConfig(ctx, c.Endpoint)
	}
	i, err := c.installation(ctx, c.Stage)
	if err != nil {
		return aws.Config{}, err
	}
	if c.Queue, err = i.output(ctx, "messaging", "QueueName"); err != nil {
		return aws.Config{}, err
	}
	c.Dead, err = i.output(ctx, "messaging", "DeadLetterQueueName")
	return i.cfg, err
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
