package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
)

// wait lets two people join the queue, of whom one is connected.
func wait(t *testing.T, s store.Store) {
	t.Helper()
	for n := range 2 {
		ticket, _, err := s.Take(t.Context(), queue.WorkerCase, 0)
		must(t, err)
		by := conversation.Actor{Side: identity.SideCitizen, ID: fmt.Sprint("p", n)}
		if n == 0 {
			by.Connection = "c1"
		}
		must(t, s.Commit(t.Context(), store.StepFor(conversation.Entry{}, conversation.Join(conversation.Command{At: time.Now(), By: by}, ticket, conversation.Profile{Person: identity.PersonID(by.ID)}, "", nil))))
	}
}

// closeAndOpen closes the desk of a place, twice, and opens it again.
func closeAndOpen(t *testing.T, place ...string) {
	t.Helper()
	do := func(args ...string) (map[string]any, string, error) { return ops(t, "", append(args, place...)...) }
	if _, _, err := do("close", "--reason", "guasto\ndegli impianti"); err == nil || !strings.Contains(err.Error(), "nothing has happened") {
		t.Errorf("a reason of two lines: %v", err)
	}
	if _, _, err := do("close", "--reason", "guasto", "--until", "2020-01-01T00:00:00Z"); err == nil || !strings.Contains(err.Error(), "nothing has happened") {
		t.Errorf("until yesterday: %v", err)
	}
	for _, ended := range []float64{2, 0} { // and once more does no harm
		v, text, err := do("close", "--reason", "guasto degli impianti", "--until", time.Now().Add(time.Hour).Format("2006-01-02T15:00:00Z07:00"))
		if err != nil || v["ended"] != ended || v["left"] != 0.0 || v["closure"].(map[string]any)["reason"] != "guasto degli impianti" {
			t.Errorf("closed: %s, %v, want %v ended", text, err, ended)
		}
	}
	v, text, err := do("open")
	if err != nil || len(v["ended"].([]any)) != 1 {
		t.Errorf("open: %s, %v", text, err)
	}
	_, text, err = do("accesses", "desk")
	if err != nil || strings.Count(text, `"close_desk"`) != 1 || strings.Count(text, `"open_desk"`) != 1 || strings.Count(text, `"who": "ops:`) < 2 {
		t.Errorf("accesses: %s, %v", text, err)
	}
	if v, text, err := do("open"); err != nil || len(v["ended"].([]any)) != 0 {
		t.Errorf("open twice: %s, %v", text, err)
	}
}

func TestTheDeskOfOneMachineIsClosed(t *testing.T) {
	dir := t.TempDir()
	tab, err := bolt.Open(filepath.Join(dir, "infocig.db"))
	must(t, err)
	s := store.New(tab)
	wait(t, s)
	must(t, tab.Close())
	closeAndOpen(t, "--data", dir)
}

// TestTheDeskOfAStageIsClosed: those who are connected are told.
func TestTheDeskOfAStageIsClosed(t *testing.T) {
	t.Chdir("..")
	a := newAccount(t)
	a.install()
	var told atomic.Int32
	connections := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/v1/@connections/c1") {
			told.Add(1)
		}
	}))
	t.Cleanup(connections.Close)
	wait(t, store.New(dynamo.New(a.dynamo(), "infocig-dev-table")))
	if _, text, err := ops(t, "", "close", "--reason", "prova", "--stage", "dev", "--endpoint", a.url, "--owner", a.owner); err != nil || !strings.Contains(text, "infocig-dev-socket") || !strings.Contains(text, `"ended": 2`) {
		t.Errorf("without a socket: %s, %v", text, err)
	}
	if _, text, err := a.ops("", "open"); err != nil {
		t.Errorf("open: %s, %v", text, err)
	}
	a.stack("socket", a.something(), map[string]any{"SocketUrl": "ws" + strings.TrimPrefix(connections.URL, "http") + "/v1"})
	must(t, a.dynamoForget("infocig-dev-table"))
	wait(t, store.New(dynamo.New(a.dynamo(), "infocig-dev-table")))
	closeAndOpen(t, "--stage", "dev", "--endpoint", a.url, "--owner", a.owner)
	if told.Load() != 1 {
		t.Errorf("%d were told, want 1", told.Load())
	}
}
