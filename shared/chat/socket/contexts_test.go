package socket

import (
	"testing"

	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
)

func consultant(company string) conversation.Caller {
	return conversation.Caller{
		Identity: identity.Identity{
			Side:        identity.SideCitizen,
			ID:          "p",
			Name:        "Giuliana Ferrantini",
			Audience:    identity.Intermediary,
			Role:        identity.RoleConsultant,
			Province:    "MI",
			Login:       identity.Login{Scheme: identity.SPID, Level: 2},
			Company:     identity.CompanyID(company),
			CompanyName: "Tessitura " + company,
		},
	}
}

// TestAConversationElsewhere checks over the wire that a conversation of another company is
// named, kept apart, and ended on request, and that no question is dropped.
func TestAConversationElsewhere(t *testing.T) {
	s := newService(t)
	first, second := s.connect(consultant("A")), s.connect(consultant("B"))
	joined := first.ask(`{"action":"join","topic":"employer_case","question":"a che punto è?"}`)
	same(t, "joined", joined["event"], any("queued"))
	other := any(map[string]any{"id": "A", "company": "Tessitura A"})
	welcome := second.ask(`{"action":"hello"}`)
	same(t, "hello", []any{welcome["event"], welcome["elsewhere"], welcome["snapshot"]}, []any{"welcome", other, nil})
	refused := second.ask(`{"action":"join","topic":"employer_benefits","question":"quali prestazioni?"}`)
	same(t, "join", []any{refused["event"], refused["code"], refused["elsewhere"]}, []any{"error", "conflict", other})
	same(t, "both", second.raw(`{"action":"leave","conversation":"employer_case.0.1","elsewhere":true}`)["code"], any("invalid"))
	same(t, "neither", second.raw(`{"action":"leave"}`)["code"], any("invalid"))
	same(t, "ending it", second.ask(`{"action":"leave","elsewhere":true}`)["event"], any("ack"))
	same(t, "again", second.ask(`{"action":"leave","elsewhere":true}`)["code"], any("not_found"))
	told := s.pushed[first.id]
	same(t, "its page", told[len(told)-1]["event"], any("ended"))
	asked := second.ask(`{"action":"join","topic":"employer_benefits","question":"quali prestazioni?"}`)
	same(t, "joined then", asked["event"], any("queued"))
}

// TestAnAdvisorAsksForAnAnswer checks over the wire that the citizen is asked.
func TestAnAdvisorAsksForAnAnswer(t *testing.T) {
	s, c, a := talk(t)
	ack := a.ask(`{"action":"ask","conversation":"worker_case.0.1"}`)
	same(t, "ack", ack["event"], any("ack"))
	told := s.pushed[c.id]
	last := told[len(told)-1]
	if last["event"] != "asked" || last["item"].(map[string]any)["answer_until"] == nil {
		t.Errorf("the citizen is told %v", last)
	}
	same(t, "typing answers", c.ask(`{"action":"typing","conversation":"worker_case.0.1"}`)["event"], any("ack"))
	told = s.pushed[a.id]
	same(t, "the advisor sees it", told[len(told)-1]["item"].(map[string]any)["kind"], any("here"))
}
