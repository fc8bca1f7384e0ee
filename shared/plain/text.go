package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Reason says why a text is refused. Never rename one: it is on the wire.
type Reason string

// The reasons.
const (
	NotUTF8   Reason = "not_utf8"
	Character Reason = "character" // one that no text may have
	Blank     Reason = "blank"     // nothing to see
	TooLong   Reason = "too_long"
)

// A Refused text. Its words are in no error.
type Refused struct {
	Reason Reason
	Rune   rune // with Character
}

func (r *Refused) Error() string {
	if r.Reason == Character {
		return "a text with " + r.Character()
	}
	return "a text that is refused: " + string(r.Reason)
}

// Character returns the name of the character, such as U+0007; "" if the reason is
// another one. Control characters have no other name in Unicode.
func (r *Refused) Character() string {
	if r.Reason != Character {
		return ""
	}
	return fmt.Sprintf("U+%04X", r.Rune)
}

// Text returns raw as the rule of this package has it. Its error is a *[Refused]:
// what is not UTF-8, has a control character, nothing to see, or more than limit
// code points. Text(Text(raw)) is Text(raw).
func Text(raw string, limit int) (string, error) {
	if !utf8.ValidString(raw) {
		return "", &Refused{Reason: NotUTF8}
	}
	raw = strings.ReplaceAll(raw, "\r\n", "\n")
	runes := make([]rune, 0, len(raw))
	for _, r := range norm.NFC.String(raw) {
		switch {
		case isBreak(r):
			runes = append(runes, '\n')
		case r == '\t':
			runes = append(runes, r)
		case unicode.IsControl(r):
			return "", &Refused{Reason: Character, Rune: r}
		case hidden(r) && !joiner(r) && !presentation(r) && !tag(r):
		default:
			runes = append(runes, r)
		}
	}
	clean := norm.NFC.String(string(runes))
	for before := ""; clean != before; { // what is left out lets others come together
		before = clean
		clean = norm.NFC.String(string(inContext([]rune(clean))))
	}
	switch {
	case !visible(clean):
		return "", &Refused{Reason: Blank}
	case utf8.RuneCountInString(clean) > limit:
		return "", &Refused{Reason: TooLong}
	}
	return clean, nil
}

// Name returns raw as a name of one line: in NFC, words with one blank between
// them, no control character and none that nobody sees, and the first limit code
// points of that. It returns "" if nothing is left to see.
func Name(raw string, limit int) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(raw, "\uFFFD")) {
		switch {
		case unicode.IsSpace(r) || isBreak(r) || blank(r):
			b.WriteByte(' ')
		case unicode.IsControl(r) || hidden(r):
		default:
			b.WriteRune(r)
		}
	}
	runes := []rune(norm.NFC.String(strings.Join(strings.Fields(b.String()), " ")))
	clean := strings.TrimSpace(string(runes[:min(len(runes), limit)]))
	if !visible(clean) {
		return ""
	}
	return clean
}

func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// hidden reports whether nobody sees r: Default_Ignorable_Code_Point, derived as
// DerivedCoreProperties.txt does it, and the marks of annotations, which are as
// little to be seen.
func hidden(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) || r >= 0x13430 && r <= 0x13440 { // they stand around digits and hieroglyphs
		return false
	}
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Cf)
}

// blank reports whether r is drawn as nothing although it is no white space: the
// Braille pattern without dots, a note without a head, fillers.
func blank(r rune) bool {
	switch r {
	case 0x2800, 0x1D159, 0x13441, 0x13442, 0x16FE4:
		return true
	}
	return false
}

// visible reports whether there is something to see, other than marks on nothing.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !blank(r) && !unicode.IsMark(r) && !hidden(r)
	})
}
