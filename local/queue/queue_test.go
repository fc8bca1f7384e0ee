package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"infocig/local/queue"
	"infocig/shared/test/servers"
)

var limits = queue.Limits{Visibility: time.Second, MaxReceive: 2}

// both runs a test on the queue in this process and on a server.
func both(t *testing.T, test func(t *testing.T, q queue.Queue)) {
	t.Run("in this process", func(t *testing.T) {
		n := 0
		test(t, queue.NewMemory(limits, func() string { n++; return fmt.Sprint("id", n) }))
	})
	t.Run("on a server", func(t *testing.T) {
		s, err := servers.Moto(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		client := sqs.NewFromConfig(aws.Config{Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")},
			func(o *sqs.Options) { o.BaseEndpoint = &s.URL })
		for range 2 { // the second time they are there
			q, err := queue.OpenSQS(t.Context(), client, "q", "dead", limits)
			if err != nil {
				t.Fatal(err)
			}
			test(t, q)
		}
	})
}

func bodies(t *testing.T, q queue.Queue) []string {
	t.Helper()
	got, err := q.Receive(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range got {
		all = append(all, fmt.Sprint(m.Body, m.Receives))
	}
	return all
}

func TestAMessageComesUntilItIsDeleted(t *testing.T) {
	both(t, func(t *testing.T, q queue.Queue) {
		for _, body := range []string{"a", "b"} {
			if err := q.Send(t.Context(), body); err != nil {
				t.Fatal(err)
			}
		}
		first, err := q.Receive(t.Context(), 1)
		if err != nil || len(first) != 1 || first[0].Receives != 1 {
			t.Fatalf("got %+v, %v", first, err)
		}
		if got := bodies(t, q); len(got) != 1 || strings.HasPrefix(got[0], first[0].Body) {
			t.Errorf("while it is hidden: %v", got)
		}
		if err := q.Delete(t.Context(), first[0].Receipt); err != nil {
			t.Fatal(err)
		}
		other := map[string]string{"a": "b", "b": "a"}[first[0].Body]
		if d := cmp.Diff([]string{other + "2"}, bodies(t, q)); d != "" { // waits until it can be seen
			t.Errorf("after the visibility timeout: %s", d)
		}
		time.Sleep(limits.Visibility + 100*time.Millisecond)
		if got := bodies(t, q); got != nil {
			t.Errorf("received more often than allowed: %v", got)
		}
		if m, ok := q.(*queue.Memory); ok && len(m.Dead()) != 1 {
			t.Errorf("dead letters: %v", m.Dead())
		}
	})
}

func TestSourceDeletesWhatDidNotFail(t *testing.T) {
	n := 0
	q := queue.NewMemory(queue.Limits{Visibility: 50 * time.Millisecond, MaxReceive: 3}, func() string { n++; return fmt.Sprint("id", n) })
	var mu sync.Mutex
	seen := map[string]int{}
	handled := make(chan struct{}, 100)
	s := queue.Source{
		Queue: q, Batch: 10, Concurrency: 2, Timeout: time.Second, ARN: "arn", Region: "eu-south-1", Log: slog.New(slog.DiscardHandler),
		Invoke: func(_ context.Context, payload []byte) ([]byte, error) {
			defer func() { handled <- struct{}{} }()
			var e events.SQSEvent
			if err := json.Unmarshal(payload, &e); err != nil {
				t.Error(err)
			}
			var r events.SQSEventResponse
			mu.Lock()
			defer mu.Unlock()
			for _, m := range e.Records {
				seen[m.Body]++
				switch {
				case m.Body == "crashes" && m.Attributes["ApproximateReceiveCount"] == "1":
					return nil, errors.New("function died")
				case m.Body == "fails":
					r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
				}
			}
			return json.Marshal(r)
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	for _, body := range []string{"good", "fails", "crashes"} {
		if err := q.Send(t.Context(), body); err != nil {
			t.Fatal(err)
		}
		<-handled
	}
	for end := time.Now().Add(10 * time.Second); len(q.Dead()) == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-done
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff(map[string]int{"good": 1, "fails": 3, "crashes": 2}, seen); d != "" {
		t.Errorf("invocations (-want +got):\n%s", d)
	}
	if d := q.Dead(); len(d) != 1 || d[0].Body != "fails" {
		t.Errorf("dead letters: %v", d)
	}
}
