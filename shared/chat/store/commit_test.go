package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func message(id queue.ConversationID, seq int, text conversation.Text) *conversation.Entry {
	return &conversation.Entry{Conversation: id, Seq: seq, Kind: conversation.KindMessage, At: noon, By: identity.SideCitizen, Text: text}
}

func setLive(id queue.ConversationID) store.SetLive {
	return store.SetLive{Holder: "p", Conversation: id, Seen: noon}
}

func ticket(n int) queue.Ticket { return queue.Ticket{Topic: queue.WorkerCase, N: n} }

// alone is a step of one write, and joined is a step of two.
var (
	alone  = store.Step{Entry: message("c", 1, "x")}
	joined = store.Step{Entry: message("c", 1, "x"), Changes: []store.Change{setLive("c")}}
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestAnAnswerThatWasLost(t *testing.T) {
	t.Parallel()
	escalation := store.Out{Escalation: conversation.Escalation{ID: "e", Case: "x", At: noon}}
	note := store.AddNote{Note: conversation.Note{ID: "n", Conversation: "c", At: noon}}
	rules := store.SetDeskRules{Rules: store.DeskRules{Rev: 1}}
	for name, step := range map[string]store.Step{
		"of an entry":              alone,
		"of a transaction":         joined,
		"of a live mark":           {Changes: []store.Change{setLive("c")}},
		"of an escalation":         {Changes: []store.Change{escalation}},
		"of a note":                {Changes: []store.Change{note}},
		"of rules":                 {Changes: []store.Change{rules}},
		"of changes without entry": {Changes: []store.Change{escalation, note, rules}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{replies: []reply{lose, lose, nil}}
			s := open(t, n)
			if err := s.Commit(t.Context(), step); err != nil {
				t.Fatalf("Commit: %v", err)
			}
			if got := len(n.ops()); got != 3 {
				t.Errorf("%d requests: %v", got, n.ops())
			}
			if n.ops()[0] == "TransactWriteItems" && n.token(t, 0) != n.token(t, 2) {
				t.Error("the repetition has another token")
			}
			if err := s.Commit(t.Context(), step); !errors.Is(err, code.Conflict) {
				t.Errorf("the same step again, later: %v, want Conflict", err)
			}
		})
	}
}

func TestALostAnswerAboutSomebodyElse(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]store.Step{"entry": alone, "transaction": joined} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{}
			s := open(t, n)
			theirs := message("c", 1, "theirs")
			if err := s.Commit(t.Context(), store.Step{Entry: theirs}); err != nil {
				t.Fatal(err)
			}
			n.replies = []reply{lose, nil}
			wantLost(t, s.Commit(t.Context(), step), *theirs)
		})
	}
}

func wantLost(t *testing.T, err error, want conversation.Entry) {
	t.Helper()
	lost, ok := errors.AsType[*store.Lost](err)
	if !ok {
		t.Fatalf("got %v, want Lost", err)
	}
	if d := cmp.Diff(want, lost.Entry); d != "" {
		t.Errorf("winner (-want +got):\n%s", d)
	}
}

// TestALostAnswerOfTheLastSlot: a step that only takes a slot is a transaction with a token,
// because a repeated write would find its own slot taken.
func TestALostAnswerOfTheLastSlot(t *testing.T) {
	t.Parallel()
	n := &network{}
	s := open(t, n)
	commit := func(c store.Change) {
		t.Helper()
		if err := s.Commit(t.Context(), store.Step{Changes: []store.Change{c}}); err != nil {
			t.Fatal(err)
		}
	}
	commit(store.SignIn{Advisor: "a", Epoch: 1, Lease: noon.Add(time.Hour)})
	commit(store.SetPresence{Advisor: "a", Epoch: 1, Presence: conversation.Available, Capacity: 1})
	n.replies = []reply{lose, nil}
	commit(store.TakeSlot{Advisor: "a", Conversation: "c", Epoch: 1, At: noon})
}

func TestTimeIsUpWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	theirs := message("c", 1, "theirs")
	for name, test := range map[string]struct {
		before *conversation.Entry
		step   store.Step
		reply  reply
		check  func(t *testing.T, err error)
	}{
		"an entry that was stored":      {nil, alone, lose, wantNil},
		"a transaction that was stored": {nil, joined, lose, wantNil},
		"a change that was stored":      {nil, store.Step{Changes: []store.Change{setLive("c")}}, lose, wantNil},
		"an entry that never arrived":   {nil, alone, drop, wantUnknown},
		"a change that never arrived":   {nil, store.Step{Changes: []store.Change{setLive("c")}}, drop, wantUnknown},
		"an update that never arrived":  {nil, store.Step{Changes: []store.Change{store.Seen{Holder: "p"}}}, drop, wantUnknown},
		"another has the number":        {theirs, joined, drop, func(t *testing.T, err error) { t.Helper(); wantLost(t, err, *theirs) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{}
			s := open(t, n)
			if test.before != nil {
				if err := s.Commit(t.Context(), store.Step{Entry: test.before}); err != nil {
					t.Fatal(err)
				}
			}
			n.replies = []reply{test.reply}
			test.check(t, s.Commit(within(t, 2300*time.Millisecond), test.step))
		})
	}
}

func wantNil(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("got %v: it was stored", err)
	}
}

func wantUnknown(t *testing.T, err error) {
	t.Helper()
	if code := code.Code(""); !errors.Is(err, errNetwork) || errors.As(err, &code) {
		t.Errorf("got %v, want the network's error and no code", err)
	}
}

// TestAServerThatHangs checks that a server that does not answer costs the time of one
// attempt, not all of the time.
func TestAServerThatHangs(t *testing.T) {
	t.Parallel()
	n := &network{replies: []reply{hang, nil}}
	s := open(t, n)
	if err := s.Commit(within(t, 6*time.Second), alone); err != nil {
		t.Error(err)
	}
}

func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	bad := http.StatusBadRequest
	for name, test := range map[string]struct {
		step  store.Step
		reply reply
	}{
		"throttled":                   {alone, refuse(bad, "ThrottlingException")},
		"throughput exceeded":         {alone, refuse(bad, "ProvisionedThroughputExceededException")},
		"request limit":               {alone, refuse(bad, "RequestLimitExceeded")},
		"conflict with a transaction": {alone, refuse(bad, "TransactionConflictException")},
		"internal error":              {alone, refuse(http.StatusInternalServerError, "InternalServerError")},
		"transaction in progress":     {joined, refuse(bad, "TransactionInProgressException")},
		"transaction throttled":       {joined, refuse(bad, "ThrottlingException")},
		"item in conflict":            {joined, cancel("None", "TransactionConflict")},
		"entry in conflict":           {joined, cancel("TransactionConflict", "None")},
		"item throttled":              {joined, cancel("None", "ThrottlingError")},
		"item over its throughput":    {joined, cancel("ProvisionedThroughputExceeded", "None")},
		"a conflict hides the rest":   {joined, cancel("TransactionConflict", "ConditionalCheckFailed")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{replies: []reply{test.reply, test.reply, nil}}
			s := open(t, n)
			if err := s.Commit(t.Context(), test.step); err != nil {
				t.Fatal(err)
			}
			if got := len(n.ops()); got != 3 {
				t.Errorf("%d requests", got)
			}
			if _, err := s.Tail(t.Context(), "c"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatDoesNotPassIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	bad := http.StatusBadRequest
	for name, test := range map[string]struct {
		step  store.Step
		reply reply
	}{
		"denied":                           {alone, refuse(bad, "AccessDeniedException")},
		"no table":                         {alone, refuse(bad, "ResourceNotFoundException")},
		"malformed":                        {alone, refuse(bad, "ValidationException")},
		"transaction denied":               {joined, refuse(bad, "AccessDeniedException")},
		"item malformed":                   {joined, cancel("None", "ValidationError")},
		"item malformed and another unmet": {joined, cancel("ValidationError", "ConditionalCheckFailed")},
		"too large":                        {joined, cancel("ItemCollectionSizeLimitExceeded", "None")},
		"no reason":                        {joined, cancel()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{replies: []reply{test.reply}}
			err := open(t, n).Commit(t.Context(), test.step)
			if code := code.Code(""); err == nil || errors.As(err, &code) {
				t.Errorf("got %v, want an error without code", err)
			}
			if got := len(n.ops()); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

func TestReasonsOfACancellation(t *testing.T) {
	t.Parallel()
	theirs := message("c", 1, "theirs")
	item := map[string]any{
		"pk": map[string]any{"S": "log#c"}, "sk": map[string]any{"S": "000001"}, "k": map[string]any{"S": "message"},
		"t": map[string]any{"N": fmt.Sprint(noon.UnixMilli())}, "b": map[string]any{"S": "citizen"}, "x": map[string]any{"S": "theirs"},
	}
	const none, unmet = "None", "ConditionalCheckFailed"
	step := store.Step{Entry: alone.Entry, Changes: []store.Change{
		store.ClearLive{Holder: "p", Conversation: "c"}, setLive("c"), store.Out{Escalation: conversation.Escalation{ID: "e"}},
	}}
	for name, test := range map[string]struct {
		codes []string
		want  string // type of the change, "" for Lost
	}{
		"the entry":                     {[]string{unmet, none, none, none}, ""},
		"the entry before any change":   {[]string{unmet, unmet, unmet, unmet}, ""},
		"the entry before a conflict":   {[]string{unmet, "TransactionConflict", none, none}, ""},
		"a change":                      {[]string{none, none, unmet, none}, "store.SetLive"},
		"another change":                {[]string{none, none, none, unmet}, "store.Out"},
		"the first of two":              {[]string{none, none, unmet, unmet}, "store.SetLive"},
		"a change and one that is moot": {[]string{none, unmet, none, unmet}, "store.Out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reasons []map[string]any
			for _, code := range test.codes {
				r := map[string]any{"Code": code}
				if code == unmet {
					r["Item"] = item
				}
				reasons = append(reasons, r)
			}
			n := &network{replies: []reply{refuse(http.StatusBadRequest, "TransactionCanceledException", reasons...)}}
			err := open(t, n).Commit(t.Context(), step)
			if test.want == "" {
				wantLost(t, err, *theirs)
				return
			}
			u, ok := errors.AsType[*store.Unmet](err)
			if !ok || reflect.TypeOf(u.Change).String() != test.want {
				t.Errorf("got %v, want an unmet %s", err, test.want)
			}
		})
	}
}

// TestMootChanges checks that changes with nothing to do are left out, and that the rest of
// the step is stored.
func TestMootChanges(t *testing.T) {
	t.Parallel()
	n := &network{}
	s := open(t, n)
	if err := s.Commit(t.Context(), store.Step{Changes: []store.Change{setLive("other")}}); err != nil {
		t.Fatal(err)
	}
	step := store.Step{Entry: alone.Entry, Changes: []store.Change{
		store.ClearLive{Holder: "p", Conversation: "c"}, store.GiveSlot{Advisor: "nobody", Conversation: "c", Pause: true},
	}}
	if err := s.Commit(t.Context(), step); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"PutItem", "TransactWriteItems", "PutItem"}, n.ops()); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	if l, err := s.Live(t.Context(), "p"); err != nil || l.Conversation != "other" {
		t.Errorf("live: %v, %v", l, err)
	}
	if _, err := s.Tail(t.Context(), "c"); err != nil {
		t.Error(err)
	}
	if all, err := s.Advisors(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("advisors: %v, %v", all, err)
	}
}

// TestEqualStepsAreNotOne checks that equal steps of several Commits are all stored: each
// Commit has its own token.
func TestEqualStepsAreNotOne(t *testing.T) {
	t.Parallel()
	s := open(t, http.DefaultTransport)
	there := store.Step{Changes: []store.Change{store.Return{Topic: queue.WorkerCase, Ticket: ticket(1)}, store.Return{Topic: queue.WorkerCase, Ticket: ticket(2)}}}
	back := store.Step{Changes: []store.Change{store.Unreturn{Topic: queue.WorkerCase, Ticket: ticket(1)}, store.Unreturn{Topic: queue.WorkerCase, Ticket: ticket(2)}}}
	for _, step := range []store.Step{there, back, there} {
		if err := s.Commit(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	l, err := s.Line(t.Context(), queue.WorkerCase, 1)
	if err != nil || len(l.Returned) != 2 {
		t.Errorf("returned: %v, %v", l.Returned, err)
	}
}

func TestThrottledUntilTimeIsUp(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context, store.Store) error{
		"entry":       func(ctx context.Context, s store.Store) error { return s.Commit(ctx, alone) },
		"transaction": func(ctx context.Context, s store.Store) error { return s.Commit(ctx, joined) },
		"take": func(ctx context.Context, s store.Store) error {
			_, _, err := s.Take(ctx, queue.WorkerCase, 0)
			return err
		},
		"pass":   func(ctx context.Context, s store.Store) error { return s.PutPass(ctx, store.Pass{ID: "x"}) },
		"redeem": func(ctx context.Context, s store.Store) error { _, err := s.Redeem(ctx, "x", noon); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &network{replies: []reply{refuse(http.StatusBadRequest, "ThrottlingException")}}
			s := open(t, n)
			ctx := within(t, 2500*time.Millisecond)
			if err := do(ctx, s); !errors.Is(err, code.Throttled) {
				t.Errorf("got %v, want Throttled", err)
			}
			if len(n.calls) < 3 {
				t.Errorf("%d requests", len(n.calls))
			}
			end, _ := ctx.Deadline()
			for _, c := range n.calls {
				if left := end.Sub(c.at); left < 2*time.Second-20*time.Millisecond { // it takes time to arrive
					t.Errorf("a write began with %v left", left)
				}
			}
			if err := do(within(t, 1900*time.Millisecond), s); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with too little time: %v", err)
			}
		})
	}
}

func TestACancelledContextEndsIt(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	n := &network{}
	s := open(t, n)
	n.replies = []reply{func(call, func() (*http.Response, error)) (*http.Response, error) {
		stop()
		return refuse(http.StatusBadRequest, "ThrottlingException")(call{}, nil)
	}}
	if err := s.Commit(ctx, alone); err == nil || len(n.ops()) != 1 {
		t.Errorf("got %v after %v", err, n.ops())
	}
}

// TestLostAnswersOfCounters checks that a ticket or a pass may get lost with its answer, but
// is never given twice.
func TestLostAnswersOfCounters(t *testing.T) {
	t.Parallel()
	n := &network{replies: []reply{lose, nil}}
	s := open(t, n)
	got, _, err := s.Take(t.Context(), queue.WorkerCase, 0)
	if err != nil || got != ticket(2) {
		t.Errorf("Take: %v, %v", got, err)
	}
	n.replies, n.wrote = []reply{lose, nil}, 0
	if _, err = s.Call(t.Context(), queue.WorkerCase, 0, 0, 1); !errors.Is(err, code.Conflict) {
		t.Errorf("Call: %v", err)
	}
	n.replies, n.wrote = []reply{lose, nil}, 0
	if err := s.PutPass(t.Context(), store.Pass{ID: "x", Expires: noon}); err != nil {
		t.Errorf("PutPass: %v", err)
	}
	n.replies, n.wrote = []reply{lose, nil}, 0
	if _, err := s.Redeem(t.Context(), "x", noon.Add(-time.Second)); !errors.Is(err, code.NotFound) {
		t.Errorf("Redeem: %v", err)
	}
}

func TestASecretIsInNoKey(t *testing.T) {
	t.Parallel()
	n := &network{}
	s := open(t, n)
	const secret = "QWERTYUIOPASDFGHJKLZXCVBNM"
	if err := s.PutPass(t.Context(), store.Pass{ID: secret, Expires: noon}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Redeem(t.Context(), secret, noon.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, c := range n.calls {
		if strings.Contains(string(c.body), secret) {
			t.Errorf("%s contains it", c.op)
		}
	}
}

// TestIDsThatNoKeyCanHave checks that there is no conversation for any id that a client may
// send and a key cannot have.
func TestIDsThatNoKeyCanHave(t *testing.T) {
	t.Parallel()
	n := &network{}
	s := open(t, n)
	for _, id := range []string{"", "#", "\x00", strings.Repeat("x", 5000), strings.Repeat("è", 5000)} {
		if _, err := s.Tail(t.Context(), queue.ConversationID(id)); !errors.Is(err, code.NotFound) {
			t.Errorf("%.10q: %v", id, err)
		}
		if got, err := s.Read(t.Context(), queue.ConversationID(id), 0, 10); err != nil || len(got) != 0 {
			t.Errorf("%.10q: %v, %v", id, got, err)
		}
	}
	for _, c := range n.calls {
		if len(c.body) > 2048 { // the limit of a partition key
			t.Errorf("%s with %d bytes", c.op, len(c.body))
		}
	}
	for _, from := range []string{"x", "-1", "8", "99/x"} {
		if _, _, err := s.AllLive(t.Context(), from); !errors.Is(err, code.Invalid) {
			t.Errorf("page from %q: %v", from, err)
		}
	}
}

// TestReadsAreConsistent checks that every read is consistent, because decisions depend on it,
// and that none is a Scan.
func TestReadsAreConsistent(t *testing.T) {
	t.Parallel()
	n := &network{}
	s := open(t, n)
	ctx := t.Context()
	_, _ = s.Tail(ctx, "c")
	_, _ = s.Read(ctx, "c", 0, 10)
	_, _ = s.Live(ctx, "p")
	_, _, _ = s.AllLive(ctx, "")
	_, _ = s.Advisor(ctx, "a")
	_, _ = s.Advisors(ctx)
	_, _ = s.Line(ctx, queue.WorkerCase, 1)
	_, _ = s.Escalation(ctx, "e")
	_, _, _ = s.Escalations(ctx, "")
	_, _ = s.Notes(ctx, "c")
	_, _ = s.DeskRules(ctx)
	_, _ = s.Sockets(ctx, "p")
	_, _ = s.Accesses(ctx, "c")
	if len(n.calls) != 13 {
		t.Errorf("%d requests", len(n.calls))
	}
	for _, c := range n.calls {
		if !slices.Contains([]string{"GetItem", "Query"}, c.op) || !strings.Contains(string(c.body), `"ConsistentRead":true`) {
			t.Errorf("%s %s", c.op, c.body)
		}
	}
}
