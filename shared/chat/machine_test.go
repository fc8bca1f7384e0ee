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
	"infocig/shared/chat"
	"infocig/shared/identity"
)

var update = flag.Bool("update", false, "write docs/state_machine.md")

// A move is a way from one status to another, or back to the same.
type move struct {
	from   chat.Status
	kind   chat.Kind
	reason chat.Reason
	by     identity.Side
	to     chat.Status
}

// moves asks everything of every kind of conversation and returns what is stored.
func moves() []move {
	now := opening.Add(time.Hour)
	citizen := chat.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c2", Epoch: 2}
	advisor := chat.Actor{Side: identity.SideAdvisor, ID: "a", Connection: "a2", Epoch: 2}
	system := chat.Actor{Side: identity.SideSystem}
	var acts []chat.Command
	ask := func(by chat.Actor, all ...chat.Act) {
		for _, act := range all {
			acts = append(acts, chat.Command{At: now, By: by, Act: act})
		}
	}
	ask(advisor, chat.Expect{Within: time.Minute})
	ask(citizen, chat.Send{Number: 9, Text: "x"}, chat.Connect{}, chat.Here{}, chat.Leave{})
	ask(advisor, chat.Send{Number: 9, Text: "x"}, chat.Connect{}, chat.Accept{}, chat.Transfer{To: "b"},
		chat.Escalate{Number: 9, ID: "e", Case: "k", Text: "x"}, chat.Close{Outcome: chat.Settled}, chat.Close{Outcome: chat.Escalated}, chat.Close{Outcome: chat.NoAnswer})
	ask(system, chat.Assign{Advisor: "a", Connection: "a2", Epoch: 2, Until: now.Add(time.Minute)})
	ask(system, chat.Ask{Within: time.Minute}, chat.StepAside{})
	for _, r := range []chat.Reason{chat.Disconnected, chat.LeaseExpired, chat.Unreachable} {
		ask(system, chat.Away{Connection: "c1", Reason: r})
	}
	for _, r := range []chat.Reason{chat.OfferMissed, chat.AdvisorLost, chat.NobodyFree, chat.TicketSkipped, chat.Silent, chat.Absent, chat.AdvisorLeft} {
		ask(system, chat.Requeue{Reason: r, Advisor: "a", Epoch: 1})
	}
	for _, r := range []chat.Reason{chat.AwayTooLong, chat.IdleTooLong, chat.DeskClosed, chat.Silent} {
		ask(system, chat.Expire{Reason: r})
	}
	for _, r := range []chat.Reason{"", chat.OfficeLate, chat.OfficeRefused} {
		for step, status := range []chat.EscalationStatus{chat.EscalationFailed, chat.EscalationDelivered, chat.EscalationSettled} {
			ask(system, chat.Progress{Reason: r, Escalation: chat.Escalation{ID: "e", Status: status, Step: step}})
		}
	}
	var all []move
	for _, tail := range everyKind() {
		for _, c := range acts {
			next, v := chat.Decide(tail, c)
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

func order(s chat.Status) int {
	return slices.Index([]chat.Status{chat.Queued, chat.Assigned, chat.CitizenAway, chat.StatusEnded}, s)
}

// everyKind returns the last entries of conversations that Decide can tell apart.
func everyKind() []chat.Entry {
	lapsed := opening.Add(time.Minute)
	var all []chat.Entry
	for _, s := range []chat.State{{Status: chat.Queued}, {Status: chat.Queued, Returned: true},
		{Status: chat.Queued, AnswerUntil: &lapsed}, {Status: chat.Queued, AnswerUntil: &lapsed, Aside: true}, {Status: chat.Assigned}, {Status: chat.Assigned, AnswerUntil: &lapsed}, {Status: chat.CitizenAway}, {Status: chat.CitizenAway, AnswerUntil: &lapsed}, {Status: chat.StatusEnded}} {
		s.Topic, s.Ticket, s.Cases = chat.WorkerCase, chat.Ticket{Topic: chat.WorkerCase, N: 1}, []cases.Ref{{ID: "k", Office: "o"}}
		s.Citizen = chat.Party{ID: "p", Connection: "c1", Epoch: 1}
		if s.Status != chat.Queued {
			s.Advisor = chat.Party{ID: "a", Connection: "a1", Epoch: 1, Number: 3, Seq: 3}
		}
		if s.Status == chat.StatusEnded {
			s.Outcome = chat.Escalated
		}
		for _, away := range []bool{false, true} {
			for _, offered := range []bool{false, true} {
				for _, escalated := range []bool{false, true} {
					t := s
					if away || s.Status == chat.CitizenAway {
						t.Citizen.Connection = ""
					}
					if offered && s.Open() {
						t.OfferUntil = &lapsed
					}
					if escalated {
						t.Escalation = "e"
					}
					all = append(all, chat.Entry{Conversation: "worker_case.0.1", Seq: 5, State: t})
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
