package queue

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// A Source invokes a function with what is in a queue.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type Source struct {
	Queue       Queue
	Invoke      func(ctx context.Context, payload []byte) ([]byte, error)
	Batch       int           // messages for one invocation
	Concurrency int           // invocations at the same time
	Timeout     time.Duration // of one invocation
	ARN         string        // of the queue, as events name it
	Region      string
	Log         *slog.Logger
}

// pause is how long to wait before asking a queue again that did not answer.
const pause = time.Second

// Run invokes the function until ctx ends, then waits for what is under way.
func (s Source) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range s.Concurrency {
		wg.Go(func() { s.poll(ctx) })
	}
	wg.Wait()
}

func (s Source) poll(ctx context.Context) {
	for ctx.Err() == nil {
		batch, err := s.Queue.Receive(ctx, s.Batch)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "cannot receive from the queue", "err", err)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
		if len(batch) > 0 {
			s.handle(context.WithoutCancel(ctx), batch)
		}
	}
}

// handle invokes the function with a batch and deletes what did not fail. What
// is not deleted comes again.
func (s Source) handle(ctx context.Context, batch []Message) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	failed, err := s.invoke(ctx, batch)
	if err != nil {
		s.Log.WarnContext(ctx, "a batch failed", "count", len(batch), "err", err)
		return
	}
	for _, m := range batch {
		if failed[m.ID] {
			continue
		}
		if err := s.Queue.Delete(ctx, m.Receipt); err != nil {
			s.Log.WarnContext(ctx, "cannot delete a message", "err", err)
		}
	}
}

func (s Source) invoke(ctx context.Context, batch []Message) (failed map[string]bool, err error) {
	event := events.SQSEvent{}
	for _, m := range batch {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: m.ID, ReceiptHandle: m.Receipt, Body: m.Body, EventSource: "aws:sqs", EventSourceARN: s.ARN, AWSRegion: s.Region,
			Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.Receives)},
		})
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	result, err := s.Invoke(ctx, payload)
	if err != nil {
		return nil, err
	}
	var answer events.SQSEventResponse
	if err := json.Unmarshal(result, &answer); err != nil {
		return nil, err
	}
	failed = map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed, nil
}
