package httpapi

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
	"infocig/shared/text"
)

// TestTranscript has the whole text of a conversation in which lines of a message look like
// entries of the other side.
func TestTranscript(t *testing.T) {
	book, err := cases.Synthetic(func(code string) string { return code })
	if err != nil {
		t.Fatal(err)
	}
	at := func(minute int) time.Time { return time.Date(2026, 11, 26, 14, minute, 0, 0, time.UTC) }
	state := conversation.State{Topic: queue.WorkerCase, Cases: []cases.Ref{{ID: "INPS.CIGO.2026.0417.001", Office: "RM-EUR"}}}
	escalated := &conversation.Escalation{ID: "e", Case: "INPS.CIGO.2026.0417.001", Office: "RM-EUR", Status: conversation.EscalationDelivered, Protocol: "INPS.7000.26/11/2026.0000001"}
	needs := *escalated
	needs.Status = conversation.EscalationNeeds
	closed := state
	closed.Outcome = conversation.Escalated
	entries := []conversation.Entry{
		{Conversation: "worker_case.0.5", Seq: 1, Kind: conversation.KindJoined, At: at(0), By: identity.SideCitizen, Text: "Quando mi pagano?\n26/11/2026 15:00  Marta Sorgenti (operatore): domani", Profile: &conversation.Profile{Name: "Giuliana Ferrantini"}, State: state},
		{Seq: 2, Kind: conversation.KindAssigned, At: at(1), State: state},
		{Seq: 3, Kind: conversation.KindAccepted, At: at(1), By: identity.SideAdvisor, Name: "Marta Sorgenti", State: state},
		{Seq: 4, Kind: conversation.KindMessage, At: at(2), By: identity.SideCitizen, Text: "ciao\n26/11/2026 15:00  Marta Sorgenti (operatore): Confermo\n\nOk?", State: state},
		{Seq: 5, Kind: conversation.KindMessage, At: at(3), By: identity.SideAdvisor, Name: "Marta Sorgenti", Text: "Buongiorno", State: state},
		{Seq: 6, Kind: conversation.KindEscalated, At: at(4), By: identity.SideAdvisor, Name: "Marta Sorgenti", Text: "per la sede", Escalation: escalated, State: state},
		{Seq: 7, Kind: conversation.KindClosed, At: at(5), By: identity.SideAdvisor, State: closed},
		{Seq: 8, Kind: conversation.KindProgressed, At: at(6), Escalation: escalated, State: closed},
		{Seq: 9, Kind: conversation.KindProgressed, At: at(7), Escalation: &needs, Text: "serve l'accordo\nfirmato", State: closed},
	}
	got := (&API{Cases: book}).transcriptOf(t.Context(), entries, "")
	want := `Conversazione con INFO CIG
Persona: Giuliana Ferrantini
Argomento: La mia pratica e il pagamento
Pratica: INPS.CIGO.2026.0417.001
Numero di protocollo: INPS.7000.26/11/2026.0000001
Conversazione: worker_case.0.5

26/11/2026 15:00  Hai chiesto di parlare con un operatore.
26/11/2026 15:00  Tu: Quando mi pagano?
                  26/11/2026 15:00  Marta Sorgenti (operatore): domani
26/11/2026 15:01  Marta Sorgenti è in linea.
26/11/2026 15:02  Tu: ciao
                  26/11/2026 15:00  Marta Sorgenti (operatore): Confermo
                  
                  Ok?
26/11/2026 15:03  Marta Sorgenti (operatore): Buongiorno
26/11/2026 15:04  L'operatore ha inoltrato la segnalazione alla sede INPS competente.
26/11/2026 15:05  L'operatore ha chiuso la conversazione.
26/11/2026 15:06  NEWS Roma EUR, INPS.7000.26/11/2026.0000001
26/11/2026 15:07  NEEDS
26/11/2026 15:07  Roma EUR: serve l'accordo
                  firmato
`
	want = strings.NewReplacer("NEWS", text.Sentence("", "escalation.news.delivered"), "NEEDS", text.Sentence("", "escalation.news.needs_document")).Replace(want)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	_, body, _ := strings.Cut(got, "\n\n")
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if !regexp.MustCompile(`^(\d\d/\d\d/\d{4} \d\d:\d\d  |` + margin + `)`).MatchString(line) {
			t.Errorf("a line without its time or margin: %q", line)
		}
	}
}

func TestTranscriptBlamesNobody(t *testing.T) {
	joined := conversation.Entry{Kind: conversation.KindJoined, By: identity.SideCitizen}
	accepted := conversation.Entry{Kind: conversation.KindAccepted, By: identity.SideAdvisor, Name: "Marta"}
	lost := conversation.Entry{Kind: conversation.KindRequeued, Reason: conversation.AdvisorLost}
	passed := conversation.Entry{Kind: conversation.KindTransferred, By: identity.SideAdvisor, Name: "Marta"}
	ended := func(r conversation.Reason, o conversation.Outcome) conversation.Entry {
		return conversation.Entry{Kind: conversation.KindClosed, Reason: r, State: conversation.State{Outcome: o}}
	}
	tests := map[string]struct {
		entries []conversation.Entry
		last    string
	}{
		"a supervisor moves who waits":       {[]conversation.Entry{joined, {Kind: conversation.KindRequeued, Reason: conversation.Reordered}}, text.Sentence("", "transcript.joined")},
		"an offer is missed":                 {[]conversation.Entry{joined, {Kind: conversation.KindRequeued, Reason: conversation.OfferMissed}}, text.Sentence("", "transcript.joined")},
		"an advisor is lost":                 {[]conversation.Entry{joined, accepted, lost}, text.Sentence("", "advisor.lost")},
		"a supervisor moves who was served":  {[]conversation.Entry{joined, accepted, passed, {Kind: conversation.KindRequeued, Reason: conversation.Reordered}}, "Marta passa la conversazione a un collega."},
		"the citizen leaves":                 {[]conversation.Entry{joined, ended(conversation.LeftByCitizen, conversation.Abandoned)}, text.Sentence("", "transcript.closed.abandoned")},
		"no answer to are you still there":   {[]conversation.Entry{joined, ended(conversation.Silent, conversation.Abandoned)}, text.Sentence("", "ended.silent")},
		"the citizen has not come back":      {[]conversation.Entry{joined, ended(conversation.AwayTooLong, conversation.Abandoned)}, text.Sentence("", "ended.idle")},
		"no answer to the advisor's request": {[]conversation.Entry{joined, accepted, ended(conversation.IdleTooLong, conversation.NoAnswer)}, text.Sentence("", "ended.idle")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lines := strings.Split(strings.TrimSpace((&API{}).transcriptOf(t.Context(), tt.entries, "")), "\n")
			_, got, _ := strings.Cut(lines[len(lines)-1], "  ")
			if got != tt.last {
				t.Errorf("got %q, want %q", got, tt.last)
			}
		})
	}
}
