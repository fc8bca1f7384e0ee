package conversation

import (
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"infocig/shared/code"
	"infocig/shared/plain"
	"infocig/shared/redact"
)

// Text is what a person wrote. A log shows only its length.
type Text string

// LogValue returns the length of the text, so that no text is in a log.
func (t Text) LogValue() slog.Value {
	return slog.StringValue(fmt.Sprintf("[%d chars]", utf8.RuneCountInString(string(t))))
}

// MaxText is how many code points a text may have.
const MaxText = 4000

// A BadText says why a text is refused. It is an Invalid.
type BadText struct{ *plain.Refused }

// Unwrap makes *BadText an Invalid.
func (b *BadText) Unwrap() error { return code.Invalid }

// NewText returns a written text as it may be stored. Package plain has the rules. The error
// is a *BadText, which names the character that no text may have.
func NewText(raw string) (Text, error) {
	clean, err := plain.Text(raw, MaxText)
	var refused *plain.Refused
	if errors.As(err, &refused) {
		return "", &BadText{refused}
	}
	return Text(clean), err
}

// Written is NewText with the numbers of bank accounts and payment cards hidden. It also
// returns the kinds of numbers that were hidden.
func Written(raw string) (Text, []redact.Kind, error) {
	text, err := NewText(raw)
	if err != nil {
		return "", nil, err
	}
	clean, hidden := redact.Text(string(text))
	return Text(clean), hidden, nil
}
