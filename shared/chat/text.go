package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many code points a message may have.
const MaxText = 4000

// NewText returns what a person wrote as it may be stored. It returns Invalid
// for what is not UTF-8, longer than MaxText, only white space, or contains
// control characters other than newline and tab, or characters that change the
// direction of writing (U+202A–202E, U+2066–2069). Zero-width characters
// outside emoji are removed. The caller has normalised raw to NFC.
func NewText(raw string) (Text, error) {
	if !utf8.ValidString(raw) || utf8.RuneCountInString(raw) > MaxText {
		return "", Invalid
	}
	var b strings.Builder
	var before rune
	for _, r := range strings.ReplaceAll(raw, "\r\n", "\n") {
		switch {
		case r == '\n' || r == '\t':
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == utf8.RuneError:
			return "", Invalid
		case r == 0x200D || r == 0xFE0F: // joiner and variation selector, between pictures only
			if before < 0x2190 && !unicode.IsDigit(before) {
				continue
			}
		case r == 0x200B, r == 0x200C, r == 0x200E, r == 0x200F, r == 0x2060, r == 0xFEFF:
			continue
		}
		b.WriteRune(r)
		before = r
	}
	if strings.TrimSpace(b.String()) == "" {
		return "", Invalid
	}
	return Text(b.String()), nil
}
