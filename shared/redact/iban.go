package redact

// registry has, by country, how an IBAN goes on behind the two check digits: n
// for a digit, a for a letter, c for either.
//
// Source: ISO 13616, SWIFT IBAN Registry release 102 of June 2026.
var registry = map[string][]run{
	"AD": {{8, 'n'}, {12, 'c'}}, "AE": {{19, 'n'}}, "AL": {{8, 'n'}, {16, 'c'}},
	"AT": {{16, 'n'}}, "AZ": {{4, 'a'}, {20, 'c'}}, "BA": {{16, 'n'}},
	"BE": {{12, 'n'}}, "BG": {{4, 'a'}, {6, 'n'}, {8, 'c'}}, "BH": {{4, 'a'}, {14, 'c'}},
	"BI": {{23, 'n'}}, "BR": {{23, 'n'}, {1, 'a'}, {1, 'c'}}, "BY": {{4, 'c'}, {4, 'n'}, {16, 'c'}},
	"CH": {{5, 'n'}, {12, 'c'}}, "CR": {{18, 'n'}}, "CY": {{8, 'n'}, {16, 'c'}},
	"CZ": {{20, 'n'}}, "DE": {{18, 'n'}}, "DJ": {{23, 'n'}},
	"DK": {{14, 'n'}}, "DO": {{4, 'c'}, {20, 'n'}}, "EE": {{16, 'n'}},
	"EG": {{25, 'n'}}, "ES": {{20, 'n'}}, "FI": {{14, 'n'}},
	"FK": {{2, 'a'}, {12, 'n'}}, "FO": {{14, 'n'}}, "FR": {{10, 'n'}, {11, 'c'}, {2, 'n'}},
	"GB": {{4, 'a'}, {14, 'n'}}, "GE": {{2, 'a'}, {16, 'n'}}, "GI": {{4, 'a'}, {15, 'c'}},
	"GL": {{14, 'n'}}, "GR": {{7, 'n'}, {16, 'c'}}, "GT": {{24, 'c'}},
	"HN": {{4, 'a'}, {20, 'n'}}, "HR": {{17, 'n'}}, "HU": {{24, 'n'}},
	"IE": {{4, 'a'}, {14, 'n'}}, "IL": {{19, 'n'}}, "IQ": {{4, 'a'}, {15, 'n'}},
	"IS": {{22, 'n'}}, "IT": {{1, 'a'}, {10, 'n'}, {12, 'c'}}, "JO": {{4, 'a'}, {4, 'n'}, {18, 'c'}},
	"KW": {{4, 'a'}, {22, 'c'}}, "KZ": {{3, 'n'}, {13, 'c'}}, "LB": {{4, 'n'}, {20, 'c'}},
	"LC": {{4, 'a'}, {24, 'c'}}, "LI": {{5, 'n'}, {12, 'c'}}, "LT": {{16, 'n'}},
	"LU": {{3, 'n'}, {13, 'c'}}, "LV": {{4, 'a'}, {13, 'c'}}, "LY": {{21, 'n'}},
	"MC": {{10, 'n'}, {11, 'c'}, {2, 'n'}}, "MD": {{20, 'c'}}, "ME": {{18, 'n'}},
	"MK": {{3, 'n'}, {10, 'c'}, {2, 'n'}}, "MN": {{16, 'n'}}, "MR": {{23, 'n'}},
	"MT": {{4, 'a'}, {5, 'n'}, {18, 'c'}}, "MU": {{4, 'a'}, {19, 'n'}, {3, 'a'}}, "NI": {{4, 'a'}, {20, 'n'}},
	"NL": {{4, 'a'}, {10, 'n'}}, "NO": {{11, 'n'}}, "OM": {{3, 'n'}, {16, 'c'}},
	"PK": {{4, 'a'}, {16, 'c'}}, "PL": {{24, 'n'}}, "PS": {{4, 'a'}, {21, 'c'}},
	"PT": {{21, 'n'}}, "QA": {{4, 'a'}, {21, 'c'}}, "RO": {{4, 'a'}, {16, 'c'}},
	"RS": {{18, 'n'}}, "RU": {{14, 'n'}, {15, 'c'}}, "SA": {{2, 'n'}, {18, 'c'}},
	"SC": {{4, 'a'}, {20, 'n'}, {3, 'a'}}, "SD": {{14, 'n'}}, "SE": {{20, 'n'}},
	"SI": {{15, 'n'}}, "SK": {{20, 'n'}}, "SM": {{1, 'a'}, {10, 'n'}, {12, 'c'}},
	"SO": {{19, 'n'}}, "ST": {{21, 'n'}}, "SV": {{4, 'a'}, {20, 'n'}},
	"TL": {{19, 'n'}}, "TN": {{20, 'n'}}, "TR": {{6, 'n'}, {16, 'c'}},
	"UA": {{6, 'n'}, {19, 'c'}}, "VA": {{18, 'n'}}, "VG": {{4, 'a'}, {16, 'n'}},
	"XK": {{16, 'n'}}, "YE": {{4, 'a'}, {4, 'n'}, {18, 'c'}},
}

// A run is a number of characters of one sort.
type run struct {
	n    int
	sort byte
}

// fits reports whether the sign is of the sort.
func (s sign) fits(sort byte) bool {
	switch sort {
	case 'n':
		return s.digit()
	case 'a':
		return s.letter()
	default:
		return s.c != 0
	}
}

// ibans hides IBANs: first those whose check digits are right, then the Italian
// ones with a slip of the pen, which are still nearly somebody's account. What
// stands around an IBAN does not matter, so one glued to a label is found.
func (p *page) ibans(with string) bool {
	right := p.each(with, func(i int) int {
		if n := p.ibanForm(i); n > 0 && p.mod97(i, n) == 1 {
			return n
		}
		return 0
	})
	wrong := p.each(with, func(i int) int {
		if p.at(i).c != 'I' || p.at(i+1).c != 'T' {
			return 0
		}
		if n := p.ibanForm(i); n > 0 && p.accountHasDigits(i+15, i+n) {
			return n
		}
		return 0
	})
	return right || wrong
}

// ibanForm returns the length of what has the form of an IBAN at i, 0 if
// nothing has. The form matters because "il 15 …" and "al 30 …" are Italian.
func (p *page) ibanForm(i int) int {
	country := [2]byte{p.at(i).c, p.at(i + 1).c}
	if !p.at(i).letter() || !p.at(i+1).letter() || !p.at(i+1).gap.soft() {
		return 0
	}
	runs := registry[string(country[:])]
	if runs == nil || !p.all(i+2, run{2, 'n'}) {
		return 0
	}
	k := i + 4
	for _, r := range runs {
		if !p.all(k, r) {
			return 0
		}
		k += r.n
	}
	return k - i
}

// all reports whether the run stands at i.
func (p *page) all(i int, r run) bool {
	for k := range r.n {
		if s := p.at(i + k); !s.fits(r.sort) || !s.gap.soft() {
			return false
		}
	}
	return true
}

// mod97 returns the remainder that is 1 for a valid IBAN (ISO 7064, MOD 97-10):
// the first four signs go last, a letter counts from ten.
func (p *page) mod97(i, n int) int {
	sum := 0
	for k := range n {
		if s := p.at(i + (k+4)%n); s.digit() {
			sum = (sum*10 + int(s.c-'0')) % 97
		} else {
			sum = (sum*100 + int(s.c-'A') + 10) % 97
		}
	}
	return sum
}

// accountHasDigits reports whether each group of the signs from i to end has a
// digit, so that no words are taken for the account of an IBAN that breaks off.
func (p *page) accountHasDigits(i, end int) bool {
	digits := false
	for k := i; k < end; k++ {
		s := p.at(k)
		if k > i && s.gap != none {
			if !digits {
				return false
			}
			digits = false
		}
		digits = digits || s.digit()
	}
	return digits
}
