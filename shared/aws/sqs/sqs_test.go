package sqs

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func TestOnlyWhatFailsComesAgain(t *testing.T) {
	body := func(id string) string {
		b, err := Body("escalation", id)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var logged strings.Builder
	var forwarded []string
	c := Consumer[string]{
		Kind: "escalation",
		Log:  slog.New(slog.NewTextHandler(&logged, nil)),
		Forward: func(_ context.Context, id string) error {
			forwarded = append(forwarded, id)
			switch id {
			case "fails":
				return errors.New("linea inps is down")
			case "panics":
				panic("nil pointer")
			}
			return nil
		},
	}
	batch := events.SQSEvent{}
	for name, b := range map[string]string{
		"1": body("good"), "2": body("fails"), "3": body("panics"), "4": body("good too"), "5": `ciao`, "6": `{}`, "7": `{"escalation":"x","y":1}`,
		"8": `{"escalation":"` + strings.Repeat("x", 65) + `"}`, "9": `{"escalation":"x"}{}`,
	} {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: name, Body: b})
	}
	r, err := c.Handle(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, f := range r.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	if d := cmp.Diff(map[string]bool{"2": true, "3": true, "5": true, "6": true, "7": true, "8": true, "9": true}, failed); d != "" {
		t.Errorf("failed (-want +got):\n%s", d)
	}
	if len(forwarded) != 4 {
		t.Errorf("forwarded %v", forwarded)
	}
	if strings.Contains(logged.String(), "ciao") {
		t.Error("the log has the body of a message")
	}
}

// TestABatchWithoutTimeComesAgain: what cannot be done in time is not begun.
func TestABatchWithoutTimeComesAgain(t *testing.T) {
	c := Consumer[string]{Kind: "escalation", Log: slog.New(slog.DiscardHandler), Forward: func(context.Context, string) error {
		t.Error("begun without time")
		return nil
	}}
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	r, err := c.Handle(ctx, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: `{"escalation":"x"}`}}})
	if err != nil || len(r.BatchItemFailures) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
}
