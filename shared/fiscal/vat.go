package fiscal

// A VAT is a well-formed partita IVA: eleven digits. Only ParseVAT makes one.
// It also is the codice fiscale of most companies.
type VAT string

const vatLength = 11

// ParseVAT normalizes s and checks it: eleven digits, the last by Luhn. The
// error is a Reason.
//
// Source: decreto del Ministero delle finanze 23 December 1976, article 1.
func ParseVAT(s string) (VAT, error) {
	s = Normalize(s)
	if len(s) != vatLength {
		return "", BadLength
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", BadForm
		}
	}
	if s == "00000000000" {
		return "", BadForm
	}
	if s[10] != CheckDigit(s[:10]) {
		return "", BadCheck
	}
	return VAT(s), nil
}

// CheckDigit returns the eleventh digit of a partita IVA. It needs ten digits;
// for anything else the digit means nothing.
func CheckDigit(first10 string) byte {
	sum := 0
	for i := range len(first10) {
		v := int(first10[i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return '0' + byte((10-sum%10)%10)
}
