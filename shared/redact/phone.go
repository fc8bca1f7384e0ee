package redact

const longestPhone = 15 // digits with the country code, ITU-T E.164

// phone returns the length of the telephone number that starts at i, 0 if there
// is none: with a country code behind a plus sign (ITU-T E.164) or behind 0039,
// a mobile one (320 to 399), or one of the fixed network, from eight digits on.
// It stands alone and is not the end of a decimal number.
//
// Source: Piano di numerazione nazionale, AGCOM resolution 8/15/CIR.
func (p *page) phone(i int) int {
	first := p.at(i)
	if !first.digit() || first.gap == none {
		return 0
	}
	if (first.gap == dot || first.gap == comma) && (i == 0 || p.at(i-1).digit()) {
		return 0 // at the start, the digits before may have been protected
	}
	best, head := 0, 0 // head is the size of the first group
	for n := 0; n < longestPhone+2; n++ {
		s := p.at(i + n)
		if !s.digit() || n > 0 && !s.gap.soft() && s.gap != slash {
			break
		}
		if n > 0 && s.gap != none && head == 0 {
			head = n
		}
		if next := p.at(i + n + 1); next.c != 0 && next.gap == none {
			if !next.digit() {
				break // a word that starts with digits
			}
			continue // within a group
		}
		if p.dials(i, n+1, head) {
			best = n + 1
		}
	}
	return best
}

// dials reports whether the n digits at i can be called; head is the size of
// the first of several groups, 0 if there is only one.
func (p *page) dials(i, n, head int) bool {
	if n < 8 {
		return false
	}
	a, b, c, d := p.at(i).c, p.at(i+1).c, p.at(i+2).c, p.at(i+3).c
	switch {
	case p.at(i).gap == plus:
		return a != '0' && n <= longestPhone
	case a == '0' && b == '0':
		return c == '3' && d == '9' && 10 <= n && n <= longestPhone+2
	case a == '0':
		return n <= 11 && (head == 0 || 2 <= head && head <= 4)
	case a == '3' && b == '9' && c == '3' && n == 12:
		return true
	case a == '3' && b >= '2':
		return 9 <= n && n <= 10 && (head == 0 || head >= 3)
	}
	return false
}
