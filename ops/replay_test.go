package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/app/env"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/table/dynamo"
	"infocig/shared/test/servers"
)

// TestARestoredTableIsErasedAgain goes through docs/runbooks/restore.md: a table
// is restored to a point in time, and brings back who was erased since.
func TestARestoredTableIsErasedAgain(t *testing.T) {
	server, err := servers.Moto(t.Context())
	must(t, err)
	t.Cleanup(server.Stop)
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	client := dynamodb.NewFromConfig(cfg)
	must(t, dynamo.Create(t.Context(), client, "chat"))
	must(t, dynamo.Create(t.Context(), client, "chat"+ledgerSuffix))
	t.Setenv(string(env.PseudonymKey), env.LocalPseudonymKey)
	live := store.New(dynamo.New(client, "chat"))
	erased := fill(t, live, fiscalCode, time.Now().Add(-time.Hour))
	kept := fill(t, live, other, time.Now().Add(-time.Hour))

	backup := time.Now()
	// moto restores what is there now, whatever the time: so this is the backup.
	_, err = client.RestoreTableToPointInTime(t.Context(), &dynamodb.RestoreTableToPointInTimeInput{
		SourceTableName: aws.String("chat"), TargetTableName: aws.String("chat-2"), UseLatestRestorableTime: aws.Bool(true),
	})
	must(t, err)
	v, _, err := ops(t, fiscalCode+"\nyes\n", "erase", "--table", "chat", "--endpoint", server.URL)
	must(t, err)
	if v["conversations"] != 1.0 {
		t.Fatalf("erased: %v", v)
	}
	restored := store.New(dynamo.New(client, "chat-2"))
	if _, err := restored.Tail(t.Context(), erased); err != nil {
		t.Fatalf("the backup lacks the conversation: %v", err)
	}
	replay := []string{"replay", "--table", "chat-2", "--ledger", "chat" + ledgerSuffix, "--since", backup.UTC().Format(time.RFC3339), "--endpoint", server.URL}
	for _, want := range []float64{1, 0} { // and once more does nothing
		v, _, err = ops(t, "", replay...)
		must(t, err)
		if v["erasures"] != 1.0 || v["conversations"] != want {
			t.Errorf("erased again: %v, want %v", v, want)
		}
	}
	if _, err := restored.Tail(t.Context(), erased); !errors.Is(err, code.NotFound) {
		t.Errorf("the erased conversation is back: %v", err)
	}
	if _, err := restored.Tail(t.Context(), kept); err != nil {
		t.Errorf("somebody else's is gone: %v", err)
	}
	v, _, err = ops(t, "", "replay", "--table", "chat-2", "--ledger", "chat"+ledgerSuffix, "--since", time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "--endpoint", server.URL)
	must(t, err)
	if v["erasures"] != 0.0 {
		t.Errorf("before the backup: %v", v)
	}
}

func TestLedgerOfOneMachine(t *testing.T) {
	dir := t.TempDir()
	l := fileLedger(filepath.Join(dir, "erasures.jsonl"))
	now := time.Now().UTC().Truncate(time.Millisecond)
	all, err := l.since(t.Context(), now)
	if err != nil || len(all) != 0 {
		t.Errorf("without a file: %v, %v", all, err)
	}
	for i := range 3 {
		must(t, l.add(t.Context(), erasure{At: now.Add(time.Duration(i) * time.Hour), Conversations: []queue.ConversationID{"worker_case.0.1"}}))
	}
	all, err = l.since(t.Context(), now.Add(time.Hour))
	if err != nil || len(all) != 2 || !all[0].At.Equal(now.Add(time.Hour)) || all[0].Conversations[0] != "worker_case.0.1" {
		t.Errorf("since: %v, %v", all, err)
	}
	must(t, os.WriteFile(string(l), []byte("nonsense\n"), 0o600))
	if _, err := l.since(t.Context(), now); err == nil {
		t.Error("nonsense was read")
	}
}

// TestNothingIsErasedWithoutALine: what is erased and not in the ledger would come
// back with a backup.
func TestNothingIsErasedWithoutALine(t *testing.T) {
	server, err := servers.Dynoxide(t.Context(), "")
	must(t, err)
	t.Cleanup(server.Stop)
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	client := dynamodb.NewFromConfig(cfg)
	must(t, dynamo.Create(t.Context(), client, "chat")) // and no ledger
	t.Setenv(string(env.PseudonymKey), env.LocalPseudonymKey)
	live := store.New(dynamo.New(client, "chat"))
	id := fill(t, live, fiscalCode, time.Now().Add(-time.Hour))
	if _, _, err := ops(t, fiscalCode+"\nyes\n", "erase", "--table", "chat", "--endpoint", server.URL); err == nil {
		t.Error("it says that it has erased")
	}
	if _, err := live.Tail(t.Context(), id); err != nil {
		t.Errorf("it has erased: %v", err)
	}
}

// TestALineOfTheLedgerHasAnyLength: a person of thousands of conversations is one line.
func TestALineOfTheLedgerHasAnyLength(t *testing.T) {
	l := fileLedger(filepath.Join(t.TempDir(), "erasures.jsonl"))
	e := erasure{At: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	for n := range 5000 {
		e.Conversations = append(e.Conversations, queue.Ticket{Topic: queue.WorkerCase, N: n + 1}.Conversation())
	}
	must(t, l.add(t.Context(), e))
	must(t, l.add(t.Context(), erasure{At: e.At.Add(time.Hour)}))
	all, err := l.since(t.Context(), e.At)
	if err != nil || len(all) != 2 || len(all[0].Conversations) != 5000 {
		t.Errorf("%d lines, %v", len(all), err)
	}
}
