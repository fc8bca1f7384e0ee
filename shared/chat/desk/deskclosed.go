package desk

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"infocig/shared/chat/conversation"
	"infocig/shared/code"
	"infocig/shared/hours"
)

// MaxReason is how many code points the reason of an emergency closure may have. The reason is
// shown within a sentence.
const MaxReason = 200

// NewReason returns the reason of a closure as it may be stored: a text of one line, of at
// most MaxReason code points. Its error is an Invalid.
func NewReason(raw string) (string, error) {
	text, err := conversation.NewText(raw)
	if err != nil {
		return "", fmt.Errorf("reason: %w", err)
	}
	reason := strings.TrimSpace(string(text))
	if strings.ContainsAny(reason, "\n\t") || utf8.RuneCountInString(reason) > MaxReason {
		return "", fmt.Errorf("reason: want one line of at most %d characters: %w", MaxReason, code.Invalid)
	}
	return reason, nil
}

// Heard is the time after which no function uses rules that are older than a change: the life
// of its cached rules, and about as long again for an invocation.
const Heard = 2 * rulesLife

// AtClosing returns how a waiting conversation ends if the desk is closed at t by calendar c.
func AtClosing(c hours.Calendar, t time.Time) conversation.Expire {
	s := c.At(t)
	e := conversation.Expire{Reason: conversation.DeskClosed, Opens: s.Opens.UTC()}
	if s.Reason == hours.OnClosure {
		e.Words = conversation.Text(s.Name)
	}
	return e
}
