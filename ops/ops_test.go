package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"infocig/shared/app/env"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/fiscal"
	"infocig/shared/identity"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
	"infocig/shared/test/servers"
)

const (
	fiscalCode = "FRRGLN84C52Z999T"
	other      = "BRMTTR79S02Z999W"
)

// fill stores an ended conversation of the person, with a note, read by staff.
func fill(t *testing.T, s store.Store, code string, ended time.Time) queue.ConversationID {
	t.Helper()
	ctx := t.Context()
	ticket, _, err := s.Take(ctx, queue.WorkerCase, 0)
	must(t, err)
	person := identity.Pseudonym{Key: []byte(env.LocalPseudonymKey)}.Of(code)
	sealer, err := fiscal.NewSealer(bytes.Repeat([]byte{1}, fiscal.KeySize))
	must(t, err)
	first := conversation.Join(conversation.Command{At: ended.Add(-time.Hour), By: conversation.Actor{Side: identity.SideCitizen, ID: person}}, ticket,
		conversation.Profile{Person: identity.PersonID(person), Name: "Persona inventata", Sealed: sealer.Seal(code, person)}, "parole di "+conversation.Text(code), nil)
	last, v := conversation.Decide(first, conversation.Command{At: ended, By: conversation.Actor{Side: identity.SideCitizen, ID: person}, Act: conversation.Leave{}})
	if !v.Append {
		t.Fatal(v)
	}
	for _, step := range []store.Step{
		{Entry: &first}, store.StepFor(first, last),
		{Changes: []store.Change{store.AddNote{Note: conversation.Note{ID: "a#1", Conversation: first.Conversation, Text: "nota"}}}},
		{Changes: []store.Change{store.AddAccess{Access: store.Access{ID: "x", At: ended, Who: "a", What: store.ReadNotes, Conversation: first.Conversation}}}},
	} {
		must(t, s.Commit(ctx, step))
	}
	return first.Conversation
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ops runs a command and returns what it prints.
func ops(t *testing.T, input string, args ...string) (map[string]any, string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, terminal{bufio.NewReader(strings.NewReader(input)), &out, &errs})
	var v map[string]any
	_ = json.Unmarshal(out.Bytes(), &v) // not every command prints JSON
	return v, out.String() + errs.String(), err
}

// TestReorder: somebody who waits goes first, and what cannot be is said.
func TestReorder(t *testing.T) {
	dir := t.TempDir()
	tab, err := bolt.Open(filepath.Join(dir, "infocig.db"))
	must(t, err)
	s := store.New(tab)
	for n := range 2 {
		ticket, _, err := s.Take(t.Context(), queue.WorkerCase, 0)
		must(t, err)
		who := fmt.Sprint("p", n)
		first := conversation.Join(conversation.Command{At: time.Now(), By: conversation.Actor{Side: identity.SideCitizen, ID: who}}, ticket, conversation.Profile{Person: identity.PersonID(who)}, "", nil)
		must(t, s.Commit(t.Context(), store.StepFor(conversation.Entry{}, first)))
	}
	must(t, tab.Close())
	for _, c := range []struct{ id, reason, want string }{
		{"worker_case.0.2", "friend", "want one of deadline"}, {"worker_case.0.9", "deadline", "no conversation"},
		{"worker_case.0.2", "deadline", "is at the front"}, {"worker_case.0.2", "deadline", "does not wait in line"},
	} {
		_, out, err := ops(t, "", "reorder", "--data", dir, c.id, "--reason", c.reason)
		if said := fmt.Sprint(out, err); !strings.Contains(said, c.want) {
			t.Errorf("%v: %s", c, said)
		}
	}
	_, out, err := ops(t, "", "waiting", "--data", dir)
	if first, second := strings.Index(out, "worker_case.0.2"), strings.Index(out, "worker_case.0.1"); err != nil || first < 0 || second < first {
		t.Errorf("%s, %v", out, err)
	}
}

// TestGrade: promises of a day are graded, on the data of one machine.
func TestGrade(t *testing.T) {
	dir := t.TempDir()
	tab, err := bolt.Open(filepath.Join(dir, "infocig.db"))
	must(t, err)
	s := store.New(tab)
	fill(t, s, fiscalCode, time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC))
	must(t, tab.Close())
	for day, joined := range map[string]float64{"2026-11-24": 0, "2026-11-25": 1} {
		v, out, err := ops(t, "", "grade", "--data", dir, "--day", day)
		if err != nil || v["joined"] != joined || v["left"] != joined {
			t.Errorf("%s: %s, %v", day, out, err)
		}
	}
	if _, out, err := ops(t, "", "grade", "--data", dir, "--day", "yesterday"); err == nil || !strings.Contains(err.Error(), "2026-11-25") {
		t.Errorf("%s, %v", out, err)
	}
}

// TestAPersonsRights runs the commands on the data of one machine and on a table.
func TestAPersonsRights(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (args []string, with func(func(store.Store))){
		"data of one machine": func(t *testing.T) ([]string, func(func(store.Store))) {
			dir := t.TempDir()
			return []string{"--data", dir}, func(do func(store.Store)) {
				tab, err := bolt.Open(filepath.Join(dir, "infocig.db"))
				must(t, err)
				s := store.New(tab)
				do(s)
				must(t, tab.Close()) // the commands need the file for themselves
			}
		},
		"a table": func(t *testing.T) ([]string, func(func(store.Store))) {
			server, err := servers.Dynoxide(t.Context(), "")
			must(t, err)
			t.Cleanup(server.Stop)
			cfg, err := awsConfig(t.Context(), server.URL)
			must(t, err)
			client := dynamodb.NewFromConfig(cfg)
			must(t, dynamo.Create(t.Context(), client, "infocig"))
			must(t, dynamo.Create(t.Context(), client, "infocig"+ledgerSuffix))
			t.Setenv(string(env.PseudonymKey), env.LocalPseudonymKey)
			return []string{"--table", "infocig", "--endpoint", server.URL}, func(do func(store.Store)) { do(store.New(dynamo.New(client, "infocig"))) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			args, with := open(t)
			long, recent := time.Now().AddDate(-3, 0, 0), time.Now().Add(-time.Hour)
			with(func(s store.Store) {
				fill(t, s, other, long)
				fill(t, s, fiscalCode, recent)
				fill(t, s, other, recent)
			})
			v, text, err := ops(t, strings.ToLower(fiscalCode)+"\n", append([]string{"export"}, args...)...)
			must(t, err)
			if len(v["conversations"].([]any)) != 1 || v["fiscal_code"] != fiscalCode || !strings.Contains(text, "parole di "+fiscalCode) || strings.Contains(text, other) {
				t.Errorf("exported: %s", text)
			}
			_, text, err = ops(t, "", append([]string{"accesses", "worker_case.0.2"}, args...)...)
			must(t, err)
			if !strings.Contains(text, `"who": "a"`) || !strings.Contains(text, `"who": "ops:`) {
				t.Errorf("accesses: %s", text)
			}
			v, _, err = ops(t, "", append([]string{"retain", "--days", "730"}, args...)...)
			must(t, err)
			if v["conversations"] != 1.0 {
				t.Errorf("retained: %v", v)
			}
			_, _, err = ops(t, fiscalCode+"\nno\n", append([]string{"erase"}, args...)...)
			if err == nil || !strings.Contains(err.Error(), "nothing was erased") {
				t.Errorf("not confirmed: %v", err)
			}
			v, _, err = ops(t, fiscalCode+"\nyes\n", append([]string{"erase"}, args...)...)
			must(t, err)
			if v["conversations"] != 1.0 || v["notes"] != 1.0 || len(v["kept"].([]any)) != 1 {
				t.Errorf("erased: %v", v)
			}
			for who, n := range map[string]int{fiscalCode: 0, other: 1} {
				v, _, err = ops(t, who+"\n", append([]string{"export"}, args...)...)
				must(t, err)
				if len(v["conversations"].([]any)) != n {
					t.Errorf("%s has %v afterwards", who, v)
				}
			}
		})
	}
}

func TestClearErrors(t *testing.T) {
	busy := t.TempDir()
	tab, err := bolt.Open(filepath.Join(busy, "infocig.db"))
	must(t, err)
	t.Cleanup(func() { _ = tab.Close() })
	for name, test := range map[string]struct {
		input string
		args  []string
		want  string
	}{
		"no place":          {fiscalCode, []string{"export"}, "missing flags"},
		"two places":        {fiscalCode, []string{"export", "--data", "x", "--table", "y"}, "can't be used together"},
		"no data":           {fiscalCode, []string{"export", "--data", t.TempDir()}, "no data of INFO CIG"},
		"a running service": {fiscalCode, []string{"export", "--data", busy}, "in use by another process"},
		"no key":            {fiscalCode, []string{"export", "--table", "x", "--endpoint", "http://127.0.0.1:1"}, "PSEUDONYM_KEY"},
		"no person":         {"Giuliana\n", []string{"export", "--data", busy}, "no codice fiscale"},
		"no days":           {"", []string{"retain", "--data", busy}, "--days"},
		"unknown command":   {"", []string{"delete"}, "unexpected argument delete"},
	} {
		if _, _, err := ops(t, test.input, test.args...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if _, text, err := ops(t, ""); err != nil || !strings.Contains(text, "redrive") {
		t.Errorf("without arguments: %v %s", err, text)
	}
}

func TestDeadLettersAreSentOnAgain(t *testing.T) {
	server, err := servers.Moto(t.Context())
	must(t, err)
	t.Cleanup(server.Stop)
	cfg, err := awsConfig(t.Context(), server.URL)
	must(t, err)
	client := awssqs.NewFromConfig(cfg)
	urls := map[string]*string{}
	for _, name := range []string{"q", "dead"} {
		out, err := client.CreateQueue(context.Background(), &awssqs.CreateQueueInput{QueueName: &name})
		must(t, err)
		urls[name] = out.QueueUrl
	}
	for range 13 {
		body := `{"escalation":"abc"}`
		_, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: urls["dead"], MessageBody: &body})
		must(t, err)
	}
	args := []string{"redrive", "--queue", "q", "--dead", "dead", "--endpoint", server.URL}
	for _, want := range []float64{13, 0} {
		v, _, err := ops(t, "", args...)
		must(t, err)
		if v["moved"] != want {
			t.Errorf("moved %v, want %v", v["moved"], want)
		}
	}
	out, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: urls["q"], MaxNumberOfMessages: 10})
	if err = errors.Join(err); err != nil || len(out.Messages) != 10 || *out.Messages[0].Body != `{"escalation":"abc"}` {
		t.Errorf("in the queue: %v, %v", out, err)
	}
	_, _, err = ops(t, "", "redrive", "--queue", "q", "--dead", "other", "--endpoint", server.URL)
	if err == nil || !strings.Contains(err.Error(), "--dead other") {
		t.Errorf("no such queue: %v", err)
	}
}
