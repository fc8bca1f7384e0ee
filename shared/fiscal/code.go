package fiscal

import "strings"

// A Code is a well-formed codice fiscale of a person: sixteen characters in
// capitals. Only ParseCode makes one.
//
// Source: decreto del Ministero delle finanze 23 December 1976, n. 13813.
type Code string

const (
	months    = "ABCDEHLMPRST"
	omocodia  = "LMNPQRSTUV" // stand for the digits 0 to 9 when two people would share a code
	vowels    = "AEIOU"
	lastDays  = "\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f" // of each month, 29 February included
	codeForm  = "@@@@@@##M##@###@"
	female    = 40 // is added to the day of birth
	codeCheck = 15 // index of the check letter
)

// ParseCode normalizes s and checks it: form, day of birth, check letter.
// Codes changed for omocodia are accepted as they are. The error is a Reason.
func ParseCode(s string) (Code, error) {
	s = Normalize(s)
	if len(s) != len(codeForm) {
		return "", BadLength
	}
	for i := range len(s) {
		if !fits(s[i], codeForm[i]) {
			return "", BadForm
		}
	}
	if !isName(s[0:3]) || !isName(s[3:6]) {
		return "", BadForm
	}
	day := int(digit(s[9])-'0')*10 + int(digit(s[10])-'0')
	if day > female {
		day -= female
	}
	if day < 1 || day > int(lastDays[strings.IndexByte(months, s[8])]) {
		return "", BadDate
	}
	if s[codeCheck] != CheckLetter(s[:codeCheck]) {
		return "", BadCheck
	}
	return Code(s), nil
}

// Plain returns the code as it was before omocodia changed digits into
// letters, with the check letter that belongs to it.
func (c Code) Plain() Code {
	b := []byte(c)
	for i := range b {
		if codeForm[i] == '#' {
			b[i] = digit(b[i])
		}
	}
	b[codeCheck] = CheckLetter(string(b[:codeCheck]))
	return Code(b)
}

// fits reports whether c may stand where the form says '@' for a letter, 'M'
// for a month and '#' for a digit or its substitute.
func fits(c, form byte) bool {
	switch form {
	case '@':
		return 'A' <= c && c <= 'Z'
	case 'M':
		return strings.IndexByte(months, c) >= 0
	default:
		return '0' <= digit(c) && digit(c) <= '9'
	}
}

// digit undoes omocodia for one character.
func digit(c byte) byte {
	if i := strings.IndexByte(omocodia, c); i >= 0 {
		return '0' + byte(i) //nolint:gosec // one of ten
	}
	return c
}

// isName reports whether three letters can stand for a name: consonants, then
// vowels, then X.
func isName(s string) bool {
	rank := 0
	for i := range len(s) {
		switch {
		case strings.IndexByte(vowels, s[i]) >= 0:
			if rank > 1 {
				return false
			}
			rank = 1
		case s[i] == 'X' && rank > 0: // filler, after the vowels
			rank = 2
		case rank > 0:
			return false
		}
	}
	return true
}

// oddValues are the values of 0-9, which are those of A-J, and then of K-Z, at
// the odd places, counted from one.
var oddValues = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// CheckLetter returns the sixteenth character of a codice fiscale. It needs
// fifteen capitals and digits; for anything else the letter means nothing.
func CheckLetter(first15 string) byte {
	sum := 0
	for i := range len(first15) {
		v := int(first15[i])
		switch c := first15[i]; {
		case '0' <= c && c <= '9':
			v = int(c - '0')
		case 'A' <= c && c <= 'Z':
			v = int(c - 'A')
		}
		if i%2 == 0 {
			v = oddValues[v%26]
		}
		sum += v
	}
	return 'A' + byte(sum%26)
}
