// Package fiscal checks the form of Italian fiscal identifiers: the codice
// fiscale of a person and the partita IVA of a company. It says nothing on
// whether one has ever been assigned.
package fiscal

import "strings"

// A Reason says why an identifier is not well formed. It is its own sentinel.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	Missing     Reason = "fiscal: none"
	OtherScheme Reason = "fiscal: of another register than the Italian one"
	BadLength   Reason = "fiscal: wrong length"
	BadForm     Reason = "fiscal: wrong character"
	BadDate     Reason = "fiscal: no such day of birth"
	BadCheck    Reason = "fiscal: wrong check character"
)

func (r Reason) Error() string { return string(r) }

// Normalize returns s in capitals without white space; what is not UTF-8 is
// replaced. Normalizing twice changes nothing.
func Normalize(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd") // or bytes around a space could become one character
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}
