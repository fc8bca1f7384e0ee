package store_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
	"infocig/shared/table/dynamo"
	"infocig/shared/table/dynamo/dynamotest"
)

// silent pushes nothing.
type silent struct{}

func (silent) Push(context.Context, conversation.ConnectionID, identity.Side, desk.Event) error {
	return nil
}
func (silent) Close(context.Context, conversation.ConnectionID) error { return nil }

// everybodys has one case, which belongs to every citizen.
type everybodys struct{}

func (everybodys) Refs(context.Context, identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: "CIGO-2026-0012345", Office: "RM-EUR"}}, nil
}

// TestUnits measures what each event of the table of docs/design.md, "Counts", consumes in the
// desk and the store alone. TestCounts of package local measures everything.
func TestUnits(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC) // Monday, 15:00 in Italy
	m := &dynamotest.Meter{}
	s, table := openTable(t, m)
	clock := func() time.Time { return now }
	ids := 0
	d := chat.New(chat.Config{
		Store: s, Push: silent{}, Cases: everybodys{}, Policy: desk.CacheRules(s, clock).Policy,
		Now: clock, NewID: func() string { ids++; return fmt.Sprintf("id%024d", ids) },
	}).Upkeep
	d.Times.CitizenPace, d.Times.AdvisorPace = conversation.Pace{}, conversation.Pace{}
	if _, err := d.Policy(ctx); err != nil {
		t.Fatal(err)
	}
	epoch := now.UnixMilli() - 1_000_000
	connection := func() conversation.Connection {
		epoch++
		return conversation.Connection{ID: conversation.ConnectionID(fmt.Sprintf("R1kmxc2%07dA=", epoch%1e7)), Epoch: epoch}
	}
	worker := func(n int) conversation.Caller {
		return conversation.Caller{
			Identity: identity.Identity{
				Side:     identity.SideCitizen,
				ID:       fmt.Sprintf("%032x", n),
				Name:     "Maria Antonietta Bianchi",
				Login:    identity.Login{Scheme: identity.SPID, Level: 2},
				Audience: identity.Worker,
				Role:     identity.RoleWorker,
				Province: "RM",
			},
		}
	}
	question := conversation.Text(strings.Repeat("q", 500))
	join := func(n int, c conversation.Connection) queue.ConversationID {
		t.Helper()
		j, err := d.Join(ctx, worker(n).Over(c), desk.JoinRequest{Topic: queue.WorkerCase, Question: question, Cases: []cases.ID{"CIGO-2026-0012345"}})
		if err != nil || !j.Decision.Admitted() {
			t.Fatalf("join: %+v, %v", j.Decision, err)
		}
		return j.View.Last.Conversation
	}
	// event measures one event.
	event := func(name string, writes, reads float64, do func() error) {
		t.Helper()
		before := len(m.Requests())
		if err := do(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var written, read float64
		for _, r := range m.Requests()[before:] {
			written, read = written+r.Writes, read+r.Reads
		}
		t.Logf("%-34s %4.1f written (goal %2.0f) %4.1f read (goal %2.0f)", name, written, writes, read, reads)
		if written > writes || read > reads {
			t.Errorf("%s: %v written, %v read; want at most %v, %v", name, written, read, writes, reads)
		}
	}
	text := conversation.Text(strings.Repeat("x", 600))
	send := func(who conversation.Caller, id queue.ConversationID, n int) func() error {
		return func() error {
			_, err := d.Send(ctx, who, id, conversation.Send{Number: n, Text: text})
			return err
		}
	}
	me, mine := worker(0), connection()
	var id queue.ConversationID
	event("join, nobody waits or is free", 5, 1+1, func() error { id = join(0, mine); return nil })
	for n := 1; n < 10; n++ {
		join(n, connection())
	}
	event("join, 10 wait", 5, 1, func() error { join(10, connection()); return nil })
	for n := 11; n < 200; n++ {
		join(n, connection())
	}
	event("join, 200 wait", 5, 1, func() error { join(200, connection()); return nil })
	next := 201
	for _, length := range []int{10_000, 1_000_000} {
		next++
		waits(t, table, length)
		event(fmt.Sprintf("join, %d wait", length), 5, 1, func() error { join(next, connection()); return nil })
	}
	waits(t, table, 201)

	expert := conversation.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: "advisor-0f8fad5b-d9cb-469f", Name: "Anna Maria Verdi"}}
	socket := connection()
	event("advisor connects", 2, 2, func() error { return d.Connected(ctx, expert.Over(socket), "") })
	event("presence, and assignment", 1+6, 1+2, func() error {
		_, err := d.SetPresence(ctx, expert.Over(socket), conversation.Available, 1)
		return err
	})
	event("accept", 1, 1, func() error { _, err := d.Accept(ctx, expert.Over(socket), id); return err })
	event("message of the citizen", 1, 1, send(me.Over(mine), id, 1))
	event("message of the advisor", 1, 1, send(expert.Over(socket), id, 1))
	event("duplicate", 0, 1, send(expert.Over(socket), id, 1))
	event("citizen disconnects", 2, 1, func() error { return d.Disconnected(ctx, me.Over(mine), id) })
	mine = connection()
	event("citizen connects", 2, 1, func() error { return d.Connected(ctx, me.Over(mine), id) })
	for n := 2; n <= 10; n++ {
		for _, do := range []func() error{send(me.Over(mine), id, n), send(expert.Over(socket), id, n)} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	event("resume, 20 messages of 600 B", 0, 1+4, func() error { _, err := d.Resume(ctx, me.Over(mine), id, 6); return err })
	event("escalation", 5, 1, func() error {
		_, err := d.Escalations.Escalate(ctx, expert.Over(socket), id, 11, "CIGO-2026-0012345", text[:400])
		return err
	})
	event("close, and the next assignment", 6+6, 1+1+2, func() error { _, err := d.Close(ctx, expert.Over(socket), id, conversation.Escalated); return err })

	later := func(by time.Duration) { // the rules are read again
		now = now.Add(by)
		if _, err := d.Policy(ctx); err != nil {
			t.Fatal(err)
		}
	}
	later(2*time.Hour + 55*time.Minute)
	event("a slip, when it is full", 4, 3, func() error {
		d, who, err := d.Reserve(ctx, worker(9000))
		if err == nil && who.Slip.IsZero() {
			err = fmt.Errorf("none: %+v", d)
		}
		return err
	})
	later(21 * time.Hour) // 14:50 the next day
	pass, err := d.NewPass(ctx, worker(9000))
	if err != nil {
		t.Fatal(err)
	}
	event("join with a slip, 200 wait", 11, 1+1, func() error {
		j, err := d.Join(ctx, pass.Identity.Over(connection()), desk.JoinRequest{Topic: queue.WorkerCase, Question: question})
		if err == nil && j.View.Last.Reason != conversation.HasSlip {
			err = fmt.Errorf("without one: %+v", j.Decision)
		}
		return err
	})
	for i := range 100 {
		e := conversation.Escalation{
			ID: conversation.EscalationID(fmt.Sprintf("ID%024d", i)), Conversation: queue.ConversationID(fmt.Sprintf("worker_case.0.%d", 10_000+i)), Seq: 12,
			Case: "INPS.CIGO.2026.0417.001", Office: "RM-EUR", Advisor: "advisor-1", Person: identity.PersonID(fmt.Sprintf("%032x", i)), At: now,
			Status: conversation.EscalationTaken, Step: 2, Protocol: "INPS.7000.26/11/2026.0012345", Due: now.Add(14 * 24 * time.Hour), Next: now,
		}
		if err := s.Commit(ctx, store.Step{Changes: []store.Change{store.Out{Escalation: e}}}); err != nil {
			t.Fatal(err)
		}
	}
	event("one's escalations, 100 under way", 0, 8, func() error { // of each of four partitions: ADR 0037
		all, err := d.Escalations.List(ctx, worker(7))
		if err == nil && len(all) != 1 {
			err = fmt.Errorf("%d", len(all))
		}
		return err
	})
	for _, f := range m.Faults() {
		t.Error(f)
	}
}

// waits makes a line in which n tickets were taken and some hundred citizens have left.
func waits(t *testing.T, table string, n int) {
	t.Helper()
	endpoint, err := server()
	if err != nil {
		t.Fatal(err)
	}
	raw := client(endpoint, http.DefaultTransport)
	_, err = raw.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &table, UpdateExpression: aws.String("SET taken = :n"),
		Key: map[string]types.AttributeValue{
			dynamo.PartitionKey: &types.AttributeValueMemberS{Value: "queue#worker_case"}, dynamo.SortKey: &types.AttributeValueMemberS{Value: "line#counter"},
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(dynamo.New(raw, table))
	for i := range 300 {
		gone := store.Gone{Ticket: queue.Ticket{Topic: queue.WorkerCase, N: 205 + i}, At: time.Now()}
		if err := s.Commit(t.Context(), store.Step{Changes: []store.Change{gone}}); err != nil {
			t.Fatal(err)
		}
	}
}
