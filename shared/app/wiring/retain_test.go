package wiring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring"
	"infocig/shared/chat"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/table/memory"
)

func upkeepOn() *upkeep.Service {
	return chat.New(chat.Config{Store: store.New(memory.New()), NewID: func() string { return "id" }}).Upkeep
}

// written returns the metrics of the last line.
func written(t *testing.T, out *bytes.Buffer) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return v
}

func TestRetentionIsReported(t *testing.T) {
	var out bytes.Buffer
	retain, err := wiring.Retain(upkeepOn(), env.Values{env.Days: "30", env.Stage: "test"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := retain(t.Context(), struct{}{}); err != nil {
		t.Fatal(err)
	}
	if v := written(t, &out); v["Retained"] != 1.0 || v["RetainedConversations"] != 0.0 {
		t.Errorf("got %v", v)
	}
	out.Reset()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	u := upkeepOn()
	u.Store = unreadable{u.Store}
	retain, _ = wiring.Retain(u, env.Values{env.Days: "30", env.Stage: "test"}, &out)
	if err := retain(ended, struct{}{}); err == nil {
		t.Error("it did not come to its end, and says nothing")
	}
	if v := written(t, &out); v["Retained"] != nil {
		t.Errorf("a run that failed counts: %v", v)
	}
	for _, days := range []string{"", "0", "-1", "x"} {
		if _, err := wiring.Retain(u, env.Values{env.Days: days}, &out); err == nil || !strings.Contains(err.Error(), "CONVERSATION_DAYS") {
			t.Errorf("%q days: %v", days, err)
		}
	}
}

// An unreadable store answers nothing about queues.
type unreadable struct{ store.Store }

// Line implements store.Queue.
func (unreadable) Line(ctx context.Context, _ queue.Topic, _ int) (queue.Line, error) {
	return queue.Line{}, ctx.Err()
}
