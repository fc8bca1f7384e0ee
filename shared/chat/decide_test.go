package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// edges are the only ways from one status to another. docs/design.md, "A conversation is a log".
var edges = map[conversation.Status][]conversation.Status{
	conversation.Queued:      {conversation.Assigned, conversation.StatusEnded},
	conversation.Assigned:    {conversation.CitizenAway, conversation.StatusEnded, conversation.Queued},
	conversation.CitizenAway: {conversation.Assigned, conversation.StatusEnded, conversation.Queued},
}

// anyActor draws the citizen, one of two advisors or the system, from one of
// several connections.
func anyActor(t *rapid.T) conversation.Actor {
	epoch := rapid.Int64Range(1, 4).Draw(t, "epoch")
	conn := conversation.ConnectionID(fmt.Sprint("c", epoch))
	switch who := rapid.SampledFrom([]string{"p", "p", "p", "q", "a", "a", "b", ""}).Draw(t, "who"); who {
	case "p", "q":
		return conversation.Actor{Side: identity.SideCitizen, ID: who, Connection: conn, Epoch: epoch}
	case "a", "b":
		return conversation.Actor{Side: identity.SideAdvisor, ID: who, Name: who, Connection: conn, Epoch: epoch}
	default:
		return conversation.Actor{Side: identity.SideSystem}
	}
}

func anyAct(t *rapid.T, now time.Time, s conversation.State) conversation.Act {
	number := rapid.IntRange(-1, 6)
	advisor := identity.StaffID(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "advisor"))
	return rapid.OneOf(
		rapid.Just[conversation.Act](conversation.Connect{}),
		rapid.Just[conversation.Act](conversation.Ask{Within: 10 * time.Second}),
		rapid.Just[conversation.Act](conversation.Expect{Within: 10 * time.Second}),
		rapid.Just[conversation.Act](conversation.StepAside{}),
		rapid.Just[conversation.Act](conversation.Here{}),
		rapid.Just[conversation.Act](conversation.Accept{}),
		rapid.Just[conversation.Act](conversation.Leave{}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Send{Number: number.Draw(t, "number"), Text: conversation.Text(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text"))}
		}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Away{
				Connection: rapid.SampledFrom([]conversation.ConnectionID{s.Citizen.Connection, "c1", "c4"}).Draw(t, "gone"),
				Reason:     rapid.SampledFrom([]conversation.Reason{conversation.Disconnected, conversation.LeaseExpired}).Draw(t, "reason"),
			}
		}),
		rapid.Just[conversation.Act](conversation.Assign{Advisor: advisor, Connection: "d", Epoch: 2, Until: now.Add(20 * time.Second)}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			reasons := []conversation.Reason{conversation.OfferMissed, conversation.AdvisorLost, conversation.NobodyFree, conversation.TicketSkipped, conversation.Silent, conversation.Absent, conversation.AdvisorLeft}
			return conversation.Requeue{Advisor: advisor, Epoch: 4, Reason: rapid.SampledFrom(reasons).Draw(t, "reason")}
		}),
		rapid.Just[conversation.Act](conversation.Transfer{To: advisor}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Escalate{
				Number: number.Draw(t, "number"), ID: "e", Case: rapid.SampledFrom([]cases.ID{"k", "none"}).Draw(t, "case"), Text: "t",
			}
		}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Progress{
				Escalation: conversation.Escalation{
					ID: "e", Step: rapid.IntRange(0, 4).Draw(t, "step"), Overdue: rapid.Bool().Draw(t, "overdue"),
					Status: rapid.SampledFrom([]conversation.EscalationStatus{conversation.EscalationTaken, conversation.EscalationSettled, conversation.EscalationFailed}).Draw(t, "status"),
				},
				Reason: rapid.SampledFrom([]conversation.Reason{"", conversation.OfficeLate, conversation.OfficeRefused}).Draw(t, "reason"),
			}
		}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Close{Outcome: rapid.SampledFrom([]conversation.Outcome{conversation.Settled, conversation.Escalated, conversation.NoAnswer, conversation.Abandoned}).Draw(t, "outcome")}
		}),
		rapid.Custom(func(t *rapid.T) conversation.Act {
			return conversation.Expire{Reason: rapid.SampledFrom([]conversation.Reason{conversation.AwayTooLong, conversation.IdleTooLong, conversation.DeskClosed, conversation.Silent}).Draw(t, "reason")}
		}),
	).Draw(t, "act")
}

// bySystem reports what is asked by the desk itself and by nobody over a socket.
func bySystem(act conversation.Act) bool {
	switch act.(type) {
	case conversation.Away, conversation.Assign, conversation.Requeue, conversation.Expire, conversation.Progress, conversation.Ask, conversation.StepAside:
		return true
	}
	return false
}

// rounds is how often TestAnyHistory draws histories until they went over every
// edge. One round in 36 misses a rare one.
const rounds = 20

// TestAnyHistory lets anybody ask anything in any order and states what holds
// for every step.
func TestAnyHistory(t *testing.T) {
	visited := map[[2]conversation.Status]bool{}
	for range rounds {
		rapid.Check(t, anyHistory(visited))
		if missing := neverTaken(visited); t.Failed() || len(missing) == 0 {
			return
		}
	}
	t.Errorf("the histories never took %v", neverTaken(visited))
}

// neverTaken returns the edges that no history took.
func neverTaken(visited map[[2]conversation.Status]bool) (missing [][2]conversation.Status) {
	for from, all := range edges {
		for _, to := range all {
			if edge := [2]conversation.Status{from, to}; !visited[edge] {
				missing = append(missing, edge)
			}
		}
	}
	return missing
}

func anyHistory(visited map[[2]conversation.Status]bool) func(*rapid.T) {
	return func(t *rapid.T) {
		now := opening
		tail := conversation.Join(conversation.Command{At: now, By: conversation.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c1", Epoch: 1}},
			queue.Ticket{Topic: queue.WorkerCase, N: 1}, conversation.Profile{Person: "p"}, "", []cases.Ref{{ID: "k", Office: "o"}})
		open, live, outbox, front := "", true, 0, false
		for range 100 {
			now = now.Add(time.Duration(rapid.IntRange(0, 15).Draw(t, "seconds")) * time.Second)
			act := anyAct(t, now, tail.State)
			by := anyActor(t)
			if bySystem(act) {
				by = conversation.Actor{Side: identity.SideSystem}
			}
			next, v := conversation.Decide(tail, conversation.Command{At: now, By: by, Act: act})
			if !v.Append {
				if next.Seq != 0 {
					t.Fatalf("%T: no append, but entry %d", act, next.Seq)
				}
				continue
			}
			was, is := tail.State, next.State
			if v.Err != "" || next.Seq != tail.Seq+1 || next.Conversation != tail.Conversation || next.Kind == "" {
				t.Fatalf("%T: %+v %+v", act, v, next)
			}
			if was.Status != is.Status && !slices.Contains(edges[was.Status], is.Status) {
				t.Fatalf("%T: %s → %s is no edge", act, was.Status, is.Status)
			}
			visited[[2]conversation.Status{was.Status, is.Status}] = true
			if by.Side == identity.SideCitizen && by.ID != "p" || by.Side == identity.SideAdvisor && by.ID != was.Advisor.ID {
				t.Fatalf("%T: %s is no party", act, by.ID)
			}
			if is.Ticket != was.Ticket || is.Citizen.ID != "p" || is.Citizen.Epoch < was.Citizen.Epoch || is.Citizen.Number < was.Citizen.Number {
				t.Fatalf("%T: ticket, person, epoch or number went back: %+v → %+v", act, was, is)
			}
			if (is.Status == conversation.StatusEnded) != (is.Outcome != "") {
				t.Fatalf("%T: %s with outcome %q", act, is.Status, is.Outcome)
			}
			if is.Aside && (is.AnswerUntil == nil || is.Status != conversation.Queued) || was.Aside && is.Status == conversation.Assigned {
				t.Fatalf("%T: aside in %s, and in %s", act, was.Status, is.Status)
			}
			if is.Open() != (is.Advisor.ID != "") && is.Status != conversation.StatusEnded {
				t.Fatalf("%T: %s with advisor %q", act, is.Status, is.Advisor.ID)
			}
			for _, c := range store.StepFor(tail, next).Changes {
				switch c := c.(type) {
				case store.TakeSlot:
					if open != "" {
						t.Fatalf("%T: slot of %s taken while %s has one", act, c.Advisor, open)
					}
					open = string(c.Advisor)
				case store.GiveSlot:
					if open != string(c.Advisor) {
						t.Fatalf("%T: slot of %s given back, but %q has it", act, c.Advisor, open)
					}
					open = ""
				case store.ClearLive:
					live = false
				case store.Return:
					front = true
				case store.Unreturn:
					front = false
				case store.Out:
					outbox++
				}
			}
			if (open != "") != is.Open() || live == (is.Status == conversation.StatusEnded) || front != (is.Status == conversation.Queued && is.Returned && !is.Aside && is.Citizen.Connection != "") {
				t.Fatalf("%T to %s: slot of %q, live %v, at the front %v", act, is.Status, open, live, front)
			}
			if (outbox == 1) != (is.Escalation != "") || outbox > 1 {
				t.Fatalf("%T: %d escalations", act, outbox)
			}
			again, v2 := conversation.Decide(next, conversation.Command{At: now, By: by, Act: act})
			if v2.Append && again.Kind == conversation.KindMessage {
				t.Fatalf("the same message is stored twice")
			}
			tail = next
		}
	}
}

func TestNewText(t *testing.T) {
	long := make([]rune, conversation.MaxText+1)
	for i := range long {
		long[i] = 'è'
	}
	for name, test := range map[string]struct {
		in   string
		want conversation.Text
		bad  bool
	}{
		"plain":                          {in: "Buongiorno", want: "Buongiorno"},
		"lines and tabs stay":            {in: "a\r\nb\tc", want: "a\nb\tc"},
		"markup is text":                 {in: `<script>{{7*7}}</script>`, want: `<script>{{7*7}}</script>`},
		"emoji with joiners stay":        {in: "👩‍👧 ❤️ 1️⃣", want: "👩‍👧 ❤️ 1️⃣"},
		"zero width is removed":          {in: "a\u200bb\ufeffc\u200dd", want: "abcd"},
		"the longest":                    {in: string(long[1:]), want: conversation.Text(long[1:])},
		"one more":                       {in: string(long), bad: true},
		"empty":                          {in: "", bad: true},
		"only white space":               {in: " \n\t ", bad: true},
		"only zero width":                {in: "\u200b\u2060", bad: true},
		"NUL":                            {in: "a\x00b", bad: true},
		"escape":                         {in: "a\x1b[31m", bad: true},
		"carriage return alone":          {in: "a\rb", want: "a\nb"},
		"right-to-left override":         {in: "a\u202eb", want: "ab"},
		"isolate":                        {in: "a\u2066b", want: "ab"},
		"not UTF-8":                      {in: "a\xffb", bad: true},
		"replacement character, as sent": {in: "a\ufffdb", want: "a\ufffdb"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := conversation.NewText(test.in)
			if (err != nil) != test.bad || got != test.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestARefusedTextSaysWhy: the code is invalid, and the character is named.
func TestARefusedTextSaysWhy(t *testing.T) {
	_, err := conversation.NewText("ciao\x07")
	bad, ok := errors.AsType[*conversation.BadText](err)
	if !ok || !errors.Is(err, code.Invalid) || bad.Character() != "U+0007" {
		t.Errorf("got %v", err)
	}
}

// TestWritten: what is removed hides no number of an account.
func TestWritten(t *testing.T) {
	text, hidden, err := conversation.Written("IT60\u200B X054\u202E2811 1010\u00AD 0000 0123 456")
	if err != nil || text != "[IBAN]" || len(hidden) != 1 {
		t.Errorf("got %q, %v, %v", text, hidden, err)
	}
}

func TestIDsAreExact(t *testing.T) {
	for id, want := range map[queue.ConversationID]bool{
		"worker_case.0.5": true, "employer_benefits.15.1000000": true,
		"": false, "worker_case.0.5\x00": false, "worker_case.0.05": false, "worker_case.+0.5": false, "worker_case.0.0": false, "worker_case.0.-1": false,
		"worker_case.0": false, "worker_case.0.5.6": false, "gardens.0.5": false, " worker_case.0.5": false, "WORKER_CASE.0.5": false, "worker_case.0.5é": false,
		"worker_case.0.99999999999999999999": false,
	} {
		if id.Valid() != want {
			t.Errorf("%q: got %v", id, !want)
		}
	}
	for id, want := range map[identity.StaffID]bool{"advisor-1": true, "m.sorgenti@inps": true, "a\x00": false, "è": false, identity.StaffID(strings.Repeat("a", 256)): false} {
		if id.Valid() != want {
			t.Errorf("%q: got %v", id, !want)
		}
	}
}

func TestPick(t *testing.T) {
	on := func(id string, capacity, open int, assigned time.Duration) conversation.Advisor {
		return conversation.Advisor{
			ID: identity.StaffID(id), Topics: []queue.Topic{queue.WorkerCase}, Presence: conversation.Available, Capacity: capacity,
			Open: make([]queue.ConversationID, open), Connection: "d", Lease: opening.Add(time.Minute), AssignedAt: opening.Add(assigned),
		}
	}
	self := on("s", 5, 0, 0)
	self.Person = "p"
	paused, lost, gone, other := on("x", 3, 0, 0), on("y", 3, 0, 0), on("g", 3, 0, 0), on("z", 3, 0, 0)
	gone.Connection = ""
	paused.Presence, lost.Lease, other.Topics = conversation.Paused, opening, []queue.Topic{queue.EmployerCase}
	for name, test := range map[string]struct {
		of    []conversation.Advisor
		state conversation.State
		want  identity.StaffID
	}{
		"nobody": {},
		"paused, lost, gone, full or other topics": {of: []conversation.Advisor{paused, lost, gone, other, on("f", 2, 2, 0)}},
		"most free slots":                          {of: []conversation.Advisor{on("a", 3, 1, 0), on("b", 4, 1, 0), on("c", 5, 4, 0)}, want: "b"},
		"then longest since the last":              {of: []conversation.Advisor{on("a", 3, 1, -1), on("b", 3, 1, -3), on("c", 3, 1, -2)}, want: "b"},
		"the addressee first":                      {of: []conversation.Advisor{on("a", 5, 0, 0), on("b", 3, 2, 0)}, state: conversation.State{For: "b"}, want: "b"},
		"not an addressee who is full":             {of: []conversation.Advisor{on("a", 5, 0, 0), on("b", 2, 2, 0)}, state: conversation.State{For: "b"}, want: "a"},
		"who just had it comes last":               {of: []conversation.Advisor{on("a", 5, 0, 0), on("b", 3, 2, 0)}, state: conversation.State{Last: "a"}, want: "b"},
		"nobody the own question":                  {of: []conversation.Advisor{self, on("a", 3, 2, 0)}, state: conversation.State{Citizen: conversation.Party{ID: "p"}}, want: "a"},
		"however few there are":                    {of: []conversation.Advisor{self}, state: conversation.State{For: "s", Citizen: conversation.Party{ID: "p"}}},
		"others":                                   {of: []conversation.Advisor{self}, state: conversation.State{Citizen: conversation.Party{ID: "q"}}, want: "s"},
		"but comes":                                {of: []conversation.Advisor{on("a", 5, 0, 0)}, state: conversation.State{Last: "a"}, want: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			test.state.Topic = queue.WorkerCase
			got, ok := conversation.Pick(test.of, test.state, opening)
			if ok != (test.want != "") || got.ID != test.want {
				t.Errorf("got %q, want %q", got.ID, test.want)
			}
		})
	}
}
