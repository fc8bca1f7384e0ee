package httpapi

import (
	"context"
	"strings"

	"infocig/shared/chat"
	"infocig/shared/hours"
	"infocig/shared/text"
)

// transcriptOf writes a conversation as plain text: who said what and when, in
// the time of Italy. Entries of mere technique are left out.
func (a *API) transcriptOf(ctx context.Context, entries []chat.Entry, language string) string {
	var b strings.Builder
	say := func(key string) string { return text.Sentence(language, key) }
	b.WriteString(say("transcript.title") + "\n\n")
	for _, e := range entries {
		var line string
		switch e.Kind {
		case chat.KindMessage:
			who := say("transcript.you")
			if e.By == chat.SideAdvisor {
				who = e.Name + " (" + say("transcript.advisor") + ")"
			}
			line = who + ": " + string(e.Text)
		case chat.KindJoined:
			line = say("transcript.joined")
			if e.Text != "" {
				line += "\n" + say("transcript.you") + ": " + string(e.Text)
			}
		case chat.KindAccepted:
			line = e.Name + " " + say("transcript.accepted")
		case chat.KindTransferred, chat.KindRequeued:
			line = say("transcript.transferred")
		case chat.KindEscalated:
			line = say("transcript.escalated")
		case chat.KindProgressed:
			line = say("escalation.news." + string(e.Escalation.Status))
			if e.Reason == chat.OfficeLate {
				line = say("escalation.late")
			}
			if e.Escalation.Status == chat.EscalationDelivered {
				line += " " + a.officeOf(ctx, *e.Escalation) + ", " + e.Escalation.Protocol
			}
			if e.Text != "" {
				line += "\n" + string(e.Text)
			}
		case chat.KindClosed:
			line = say("transcript.closed." + string(e.State.Outcome))
			if e.Text != "" {
				line, _ = text.Load(language).Format("transcript.closed.closure", text.Args{"closure": string(e.Text)})
			}
		default:
			continue
		}
		b.WriteString(e.At.In(hours.Rome()).Format("02/01/2006 15:04") + "  " + line + "\n")
	}
	return b.String()
}
