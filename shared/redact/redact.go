// Package redact hides personal data: in what people write before it is
// stored, and in what reaches a log.
//
// Protocol and case numbers are looked for first and never touched, whatever
// digits they have. What is hidden becomes a fixed placeholder; all else stays
// byte for byte. A text that has been through once does not change again, and
// the time taken is linear in its length.
package redact

// A Kind is a sort of personal data.
type Kind string

// The kinds that [Text] hides, in the order in which it reports them.
const (
	IBAN Kind = "iban" // number of a bank account
	Card Kind = "card" // number of a payment card
)

// What [Text] leaves in place of what it hides. The words are read by people
// but are the same in every language, because a text is stored once.
const (
	textIBAN = "[IBAN]"
	textCard = "[carta]"
)

// Text returns what a person wrote without numbers of bank accounts and of
// payment cards, and the kinds that it hid, each once. A codice fiscale and the
// rest stay: the desk works with them.
func Text(s string) (clean string, hidden []Kind) {
	clean, hidden, _ = hideText(s)
	return clean, hidden
}

// hideText is Text; looked counts the characters that it compared.
func hideText(s string) (clean string, hidden []Kind, looked int) {
	if !hasDigits(s) {
		return s, nil, 0
	}
	var iban, card bool
	clean = outside(s, textShield, func(part string) string {
		p := read(part)
		iban = p.ibans(textIBAN) || iban
		card = p.cards(textCard) || card
		looked += p.looked
		return p.clean()
	})
	if iban {
		hidden = append(hidden, IBAN)
	}
	if card {
		hidden = append(hidden, Card)
	}
	return clean, hidden, looked
}

// hasDigits reports whether s can have two digits, the fewest that an IBAN has.
// Other scripts may have some too.
func hasDigits(s string) bool {
	n := 0
	for i := range len(s) {
		if c := s[i]; '0' <= c && c <= '9' || c >= 0x80 {
			if n++; n == 2 {
				return true
			}
		}
	}
	return false
}
