package httpapi

import (
	"context"
	"slices"
	"strings"

	"infocig/shared/chat/conversation"
	"infocig/shared/hours"
	"infocig/shared/identity"
	"infocig/shared/text"
)

const (
	stamp  = "02/01/2006 15:04"
	margin = "                  " // as wide as a stamp and two blanks
)

// transcriptOf writes a conversation as plain text: a head that says what it is about, and
// then what each side said and when, in the time of Italy. Only an entry begins with a time.
// The further lines of a text are indented, so that no text can look like an entry of the
// other side. Technical entries are left out.
func (a *API) transcriptOf(ctx context.Context, entries []conversation.Entry, language string) string {
	var b strings.Builder
	say := func(key string) string { return text.Sentence(language, key) }
	a.head(&b, entries, say)
	for i, e := range entries {
		for _, line := range a.lines(ctx, e, entries[:i], language) {
			b.WriteString(e.At.In(hours.Rome()).Format(stamp) + "  " + indented(line) + "\n")
		}
	}
	return b.String()
}

// indented returns a text in which every line but the first begins with the margin.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n"+margin) }

// head writes what the conversation is about.
func (a *API) head(b *strings.Builder, entries []conversation.Entry, say func(string) string) {
	b.WriteString(say("transcript.title") + "\n")
	if len(entries) == 0 {
		return
	}
	line := func(key, value string) {
		if value != "" {
			b.WriteString(say("transcript.head."+key) + ": " + indented(value) + "\n")
		}
	}
	first, last := entries[0], entries[len(entries)-1]
	if p := first.Profile; p != nil {
		line("person", p.Name)
		line("company", p.CompanyName)
	}
	line("topic", say("topic."+string(first.State.Topic)))
	for _, c := range last.State.Cases {
		line("case", string(c.ID))
	}
	protocol := ""
	for _, e := range entries {
		if e.Escalation != nil && e.Escalation.Protocol != "" {
			protocol = e.Escalation.Protocol
		}
	}
	line("protocol", protocol)
	line("conversation", string(first.Conversation))
	b.WriteString("\n")
}

// lines returns the texts in the transcript for the entry e, which comes after the entries
// before.
func (a *API) lines(ctx context.Context, e conversation.Entry, before []conversation.Entry, language string) []string {
	say := func(key string) string { return text.Sentence(language, key) }
	format := func(key string, args text.Args) []string {
		line, _ := text.Load(language).Format(key, args)
		return []string{line}
	}
	spoken := func(line string, by string) []string {
		if e.Text == "" {
			return []string{line}
		}
		return []string{line, by + ": " + string(e.Text)}
	}
	switch e.Kind {
	case conversation.KindMessage:
		who := say("transcript.you")
		if e.By == identity.SideAdvisor {
			who = e.Name + " (" + say("transcript.advisor") + ")"
		}
		return []string{who + ": " + string(e.Text)}
	case conversation.KindJoined:
		return spoken(say("transcript.joined"), say("transcript.you"))
	case conversation.KindAccepted:
		return []string{e.Name + " " + say("transcript.accepted")}
	case conversation.KindTransferred:
		return format("transcript.transferred", text.Args{"name": e.Name})
	case conversation.KindRequeued:
		if served(before) {
			return []string{say("advisor.lost")}
		}
	case conversation.KindEscalated:
		return []string{say("transcript.escalated")}
	case conversation.KindProgressed:
		line := say("escalation.news." + string(e.Escalation.Status))
		if e.Reason == conversation.OfficeLate {
			line = say("escalation.late")
		}
		office := a.officeOf(ctx, *e.Escalation)
		if e.Escalation.Status == conversation.EscalationDelivered {
			line += " " + office + ", " + e.Escalation.Protocol
		}
		return spoken(line, office)
	case conversation.KindClosed:
		switch {
		case e.Text != "":
			return format("transcript.closed.closure", text.Args{"closure": string(e.Text)})
		case e.Reason == conversation.Silent:
			return []string{say("ended.silent")}
		case e.Reason == conversation.IdleTooLong, e.Reason == conversation.AwayTooLong:
			return []string{say("ended.idle")}
		}
		return []string{say("transcript.closed." + string(e.State.Outcome))}
	}
	return nil
}

// served reports whether an advisor has accepted the conversation and has kept it until the
// last of entries.
func served(entries []conversation.Entry) bool {
	for _, e := range slices.Backward(entries) {
		switch e.Kind {
		case conversation.KindAccepted:
			return true
		case conversation.KindTransferred, conversation.KindRequeued:
			return false
		}
	}
	return false
}
