package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS is a Queue on a server that speaks as Amazon SQS does.
type SQS struct {
	Client *sqs.Client
	URL    string // of the queue
	ARN    string
}

var _ Queue = (*SQS)(nil)

// OpenSQS returns the queue with that name, and makes it, with its dead letters
// in the queue named dead, if it is not there.
func OpenSQS(ctx context.Context, client *sqs.Client, name, dead string, limits Limits) (*SQS, error) {
	_, deadARN, err := create(ctx, client, dead, nil)
	if err != nil {
		return nil, err
	}
	redrive, err := json.Marshal(map[string]any{"deadLetterTargetArn": deadARN, "maxReceiveCount": limits.MaxReceive})
	if err != nil {
		return nil, err
	}
	url, arn, err := create(ctx, client, name, map[string]string{
		string(types.QueueAttributeNameVisibilityTimeout): strconv.Itoa(int(limits.Visibility.Seconds())),
		string(types.QueueAttributeNameRedrivePolicy):     string(redrive),
	})
	return &SQS{Client: client, URL: url, ARN: arn}, err
}

func create(ctx context.Context, client *sqs.Client, name string, attributes map[string]string) (url, arn string, err error) {
	made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return "", "", fmt.Errorf("create queue %s: %w", name, err)
	}
	got, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: made.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return "", "", fmt.Errorf("queue %s: %w", name, err)
	}
	return *made.QueueUrl, got.Attributes[string(types.QueueAttributeNameQueueArn)], nil
}

// Send implements Queue.
func (q *SQS) Send(ctx context.Context, body string) error {
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.URL, MessageBody: &body})
	return err
}

// Receive implements Queue.
func (q *SQS) Receive(ctx context.Context, limit int) ([]Message, error) {
	out, err := q.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.URL, MaxNumberOfMessages: int32(min(limit, 10)), WaitTimeSeconds: int32(longPoll / time.Second), //nolint:gosec // fits
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, err
	}
	var all []Message
	for _, m := range out.Messages {
		n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			n = 1
		}
		all = append(all, Message{ID: aws.ToString(m.MessageId), Receipt: aws.ToString(m.ReceiptHandle), Body: aws.ToString(m.Body), Receives: n})
	}
	return all, nil
}

// Delete implements Queue.
func (q *SQS) Delete(ctx context.Context, receipt string) error {
	_, err := q.Client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.URL, ReceiptHandle: &receipt})
	return err
}
