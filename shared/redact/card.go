package redact

// A network issues cards whose first four digits lie between two values, with
// certain numbers of digits.
type network struct {
	from, to int
	lengths  []int
}

// networks is by the first four digits.
//
// Source: ISO/IEC 7812 and what the networks publish of their ranges. Discover
// and UnionPay lie within those of Maestro.
var networks = []network{
	{2221, 2720, []int{16}},                         // Mastercard
	{3000, 3059, []int{14, 16}},                     // Diners Club
	{3090, 3099, []int{14, 16}},                     // Diners Club
	{3400, 3499, []int{15}},                         // American Express
	{3528, 3589, []int{16, 17, 18, 19}},             // JCB
	{3600, 3699, []int{14, 16}},                     // Diners Club
	{3700, 3799, []int{15}},                         // American Express
	{3800, 3999, []int{14, 16}},                     // Diners Club
	{4000, 4999, []int{13, 16, 19}},                 // Visa
	{5000, 5099, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro
	{5100, 5599, []int{16}},                         // Mastercard
	{5600, 6999, []int{13, 14, 15, 16, 17, 18, 19}}, // Maestro, Discover 6011 644-65, UnionPay 62
}

const longestCard = 19 // digits, ISO/IEC 7812-1

// cards hides the numbers of payment cards: a known network, Luhn, and groups
// as cards are written.
func (p *page) cards(with string) bool { return p.each(with, p.card) }

// card returns the length of the longest number of a card that starts at i and
// fills its groups of digits, 0 if there is none.
func (p *page) card(i int) int {
	first := p.at(i)
	if !first.digit() || first.gap == none && i > 0 && p.at(i-1).digit() {
		return 0
	}
	shortest := 13
	if first.gap == plus {
		shortest = longestPhone + 1
	}
	var g groups
	best := 0
	for n := 0; n < longestCard; n++ {
		s := p.at(i + n)
		if !s.digit() || n > 0 && !s.gap.soft() {
			break
		}
		g.add(s, n == 0)
		if next := p.at(i + n + 1); next.digit() && next.gap == none {
			continue // within a group
		}
		if n+1 >= shortest && p.ofNetwork(i, n+1) && g.ofCard() && p.luhn(i, n+1) {
			best = n + 1
		}
	}
	return best
}

// ofNetwork reports whether a network issues numbers of n digits that start as
// the one at i does.
func (p *page) ofNetwork(i, n int) bool {
	start := 0
	for k := range 4 {
		start = start*10 + int(p.at(i+k).c-'0')
	}
	for _, w := range networks {
		if w.from <= start && start <= w.to {
			for _, length := range w.lengths {
				if length == n {
					return true
				}
			}
		}
	}
	return false
}

// luhn reports whether the n digits at i end in the right check digit (ISO/IEC
// 7812-1, annex B).
func (p *page) luhn(i, n int) bool {
	sum := 0
	for k := range n {
		v := int(p.at(i+k).c - '0')
		if (n-k)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// groups is how a number is written: what lies between its groups of digits,
// and what each of them is worth.
type groups struct {
	sizes, values [longestCard]int
	n             int
	gap           gap  // the first of the gaps
	mixed         bool // not all gaps are the same
}

// add takes in one digit.
func (g *groups) add(s sign, first bool) {
	if first || s.gap != none {
		switch {
		case first:
		case g.n == 1:
			g.gap = s.gap
		default:
			g.mixed = g.mixed || s.gap != g.gap
		}
		g.n++
	}
	g.sizes[g.n-1]++
	g.values[g.n-1] = g.values[g.n-1]*10 + int(s.c-'0')
}

// ofCard reports whether a card may be written in such groups: in one, or in
// ones of up to six digits, eight or twelve. Longer ones are telephones,
// matricole and fiscal codes that stand side by side. Groups of less than four
// have the same gaps and do not only grow: else they are days, times or a list.
func (g *groups) ofCard() bool {
	if g.n == 1 {
		return true
	}
	short, grows := false, true
	for k := range g.n {
		size := g.sizes[k]
		if size > 6 && size != 8 && size != 12 {
			return false
		}
		short = short || size < 4 && k < g.n-1
		grows = grows && (k == 0 || g.values[k] > g.values[k-1])
	}
	return !short || !g.mixed && !grows
}
