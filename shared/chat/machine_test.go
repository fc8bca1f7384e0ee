package chat_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

var update = flag.Bool("update", false, "write docs/state_machine.md")

// A move is a way from one status to another, or back to the same.
type move struct {
	from   conversation.Status
	kind   conversation.Kind
	reason conversation.Reason
	by     identity.Side
	to     conversation.Status
}

// moves asks everything of every kind of conversation and returns what is stored.
func moves() []move {
	now := opening.Add(time.Hour)
	citizen := conversation.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c2", Epoch: 2}
	advisor := conversation.Actor{Side: identity.SideAdvisor, ID: "a", Connection: "a2", Epoch: 2}
	system := conversation.Actor{Side: identity.SideSystem}
	var acts []conversation.Command
	ask := func(by conversation.Actor, all ...conversation.Act) {
		for _, act := range all {
			acts = append(acts, conversation.Command{At: now, By: by, Act: act})
		}
	}
	ask(advisor, conversation.Expect{Within: time.Minute})
	ask(citizen, conversation.Send{Number: 9, Text: "x"}, conversation.Connect{}, conversation.Here{}, conversation.Leave{})
	ask(advisor, conversation.Send{Number: 9, Text: "x"}, conversation.Connect{}, conversation.Accept{}, conversation.Transfer{To: "b"},
		conversation.Escalate{Number: 9, ID: "e", Case: "k", Text: "x"}, conversation.Close{Outcome: conversation.Settled}, conversation.Close{Outcome: conversation.Escalated}, conversation.Close{Outcome: conversation.NoAnswer})
	ask(system, conversation.Assign{Advisor: "a", Connection: "a2", Epoch: 2, Until: now.Add(time.Minute)})
	ask(system, conversation.Ask{Within: time.Minute}, conversation.StepAside{})
	for _, r := range []conversation.Reason{conversation.Disconnected, conversation.LeaseExpired, conversation.Unreachable} {
		ask(system, conversation.Away{Connection: "c1", Reason: r})
	}
	for _, r := range []conversation.Reason{conversation.OfferMissed, conversation.AdvisorLost, conversation.NobodyFree, conversation.TicketSkipped, conversation.Silent, conversation.Absent, conversation.AdvisorLeft} {
		ask(system, conversation.Requeue{Reason: r, Advisor: "a", Epoch: 1})
	}
	for _, r := range []conversation.Reason{conversation.AwayTooLong, conversation.IdleTooLong, conversation.DeskClosed, conversation.Silent} {
		ask(system, conversation.Expire{Reason: r})
	}
	for _, r := range []conversation.Reason{"", conversation.OfficeLate, conversation.OfficeRefused} {
		for step, status := range []conversation.EscalationStatus{conversation.EscalationFailed, conversation.EscalationDelivered, conversation.EscalationSettled} {
			ask(system, conversation.Progress{Reason: r, Escalation: conversation.Escalation{ID: "e", Status: status, Step: step}})
		}
	}
	var all []move
	for _, tail := range everyKind() {
		for _, c := range acts {
			next, v := conversation.Decide(tail, c)
			if v.Append {
				all = append(all, move{tail.State.Status, next.Kind, next.Reason, c.By.Side, next.State.Status})
			}
		}
	}
	slices.SortFunc(all, func(a, b move) int {
		return cmp.Or(cmp.Compare(order(a.from), order(b.from)), cmp.Compare(order(a.to), order(b.to)), cmp.Compare(a.kind, b.kind), cmp.Compare(a.reason, b.reason), cmp.Compare(a.by, b.by))
	})
	return slices.Compact(all)
}

func order(s conversation.Status) int {
	return slices.Index([]conversation.Status{conversation.Queued, conversation.Assigned, conversation.CitizenAway, conversation.StatusEnded}, s)
}

// everyKind returns the last entries of conversations that Decide can tell apart.
func everyKind() []conversation.Entry {
	lapsed := opening.Add(time.Minute)
	var all []conversation.Entry
	for _, s := range []conversation.State{{Status: conversation.Queued}, {Status: conversation.Queued, Returned: true},
		{Status: conversation.Queued, AnswerUntil: &lapsed}, {Status: conversation.Queued, AnswerUntil: &lapsed, Aside: true}, {Status: conversation.Assigned}, {Status: conversation.Assigned, AnswerUntil: &lapsed}, {Status: conversation.CitizenAway}, {Status: conversation.CitizenAway, AnswerUntil: &lapsed}, {Status: conversation.StatusEnded}} {
		s.Topic, s.Ticket, s.Cases = queue.WorkerCase, queue.Ticket{Topic: queue.WorkerCase, N: 1}, []cases.Ref{{ID: "k", Office: "o"}}
		s.Citizen = conversation.Party{ID: "p", Connection: "c1", Epoch: 1}
		if s.Status != conversation.Queued {
			s.Advisor = conversation.Party{ID: "a", Connection: "a1", Epoch: 1, Number: 3, Seq: 3}
		}
		if s.Status == conversation.StatusEnded {
			s.Outcome = conversation.Escalated
		}
		for _, away := range []bool{false, true} {
			for _, offered := range []bool{false, true} {
				for _, escalated := range []bool{false, true} {
					t := s
					if away || s.Status == conversation.CitizenAway {
						t.Citizen.Connection = ""
					}
					if offered && s.Open() {
						t.OfferUntil = &lapsed
					}
					if escalated {
						t.Escalation = "e"
					}
					all = append(all, conversation.Entry{Conversation: "worker_case.0.1", Seq: 5, State: t})
				}
			}
		}
	}
	return all
}

// TestStateMachine compares docs/state_machine.md with the code.
func TestStateMachine(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# The states of a conversation

Made from the code by ` + "`go test ./shared/chat -run TestStateMachine -update`" + `: everything is asked of every kind of
conversation, and what is stored is a row. A test compares. The first entry, *joined*, makes a conversation *queued*; erasure
deletes the log of a closed one and is no entry of it.

` + "```mermaid\nstateDiagram-v2\n  [*] --> queued: joined\n")
	all := moves()
	var drawn []string
	for _, m := range all {
		if line := fmt.Sprintf("  %s --> %s: %s\n", m.from, m.to, m.kind); m.from != m.to && !slices.Contains(drawn, line) {
			drawn = append(drawn, line)
			b.WriteString(line)
		}
		if m.from != m.to && !slices.Contains(edges[m.from], m.to) {
			t.Errorf("%s → %s is no edge of docs/design.md", m.from, m.to)
		}
	}
	b.WriteString("  closed --> [*]: erased\n```\n\n| from | to | entry | reason | by |\n| --- | --- | --- | --- | --- |\n")
	for _, m := range all {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", m.from, m.to, m.kind, m.reason, m.by)
	}
	const file = "../../docs/state_machine.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, file, strings.Split(string(kept), "\n"), strings.Split(b.String(), "\n"))
	for from, to := range edges {
		for _, status := range to {
			if !slices.ContainsFunc(all, func(m move) bool { return m.from == from && m.to == status }) {
				t.Errorf("nothing leads from %s to %s", from, status)
			}
		}
	}
}
