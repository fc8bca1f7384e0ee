package scheduled_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring/scheduled"
	"infocig/shared/chat"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/table/bolt"
)

func chatOn(t *testing.T) *chat.Chat {
	t.Helper()
	tab, err := bolt.Open(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	store := store.New(tab)
	t.Cleanup(func() { _ = tab.Close() })
	return chat.New(chat.Config{Store: store, NewID: func() string { return "id" }})
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
	retain, err := scheduled.Retain(chatOn(t).Upkeep, env.Values{env.Days: "30", env.Stage: "test"}, &out)
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
	u := chatOn(t).Upkeep
	u.Store = unreadable{u.Store}
	retain, _ = scheduled.Retain(u, env.Values{env.Days: "30", env.Stage: "test"}, &out)
	if err := retain(ended, struct{}{}); err == nil {
		t.Error("it did not come to its end, and says nothing")
	}
	if v := written(t, &out); v["Retained"] != nil {
		t.Errorf("a run that failed counts: %v", v)
	}
	for _, days := range []string{"", "0", "-1", "x"} {
		if _, err := scheduled.Retain(u, env.Values{env.Days: days}, &out); err == nil || !strings.Contains(err.Error(), "CONVERSATION_DAYS") {
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

func TestALookIsCounted(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	var out bytes.Buffer
	v := env.Values{env.Pages: s.URL, env.Socket: s.URL, env.Stage: "test", env.Issuers: `[{"door":"institute","url":"` + s.URL + `","audience":"a","jwks":"j"}]`}
	look, err := scheduled.Look(chatOn(t).Desk, v, &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := look(t.Context(), struct{}{}); err != nil {
		t.Fatal(err)
	}
	if got := written(t, &out)["LookFailed"]; got != 5.0 {
		t.Errorf("%v of 5 things are wrong", got)
	}
}
