package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A page is a text as its letters and digits, which is how numbers are found
// however they are written.
type page struct {
	s      string
	signs  []sign
	spans  []span
	looked int // how many signs were compared
}

// A sign is a letter or digit of a page.
type sign struct {
	c        byte // A-Z and 0-9, whatever the case and script; 0 once hidden
	gap      gap  // what stands before it
	from, to int  // where it is in the text, in bytes
}

// A span of the text is to be replaced.
type span struct {
	from, to int
	with     string
}

// A gap is what stands between two signs.
type gap byte

const (
	none  gap = 0   // nothing, or characters that nobody sees
	space gap = ' ' // one space or tab of any width
	dash  gap = '-' // one hyphen or dash
	dot   gap = '.' // one dot, low or middle
	loose gap = '~' // two or three of those
	slash gap = '/' // up to three of those, slashes and brackets
	comma gap = ',' // one comma
	plus  gap = '+' // anything up to a plus sign, which is the last
	hard  gap = '#' // anything else: a line break, a word in other letters
	start gap = '^' // nothing, at the start of the page

	widest = 3 // characters in a gap that is not hard
)

// soft reports whether a number may go on behind the gap.
func (g gap) soft() bool { return g == none || g == space || g == dash || g == dot || g == loose }

// read takes s apart. It allows for anything, invalid UTF-8 included.
func read(s string) *page {
	p := &page{s: s, signs: make([]sign, 0, len(s))}
	before, width := start, 0
	for at := 0; at < len(s); {
		r, n := rune(s[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[at:])
		}
		if c := fold(r); c != 0 {
			p.signs = append(p.signs, sign{c, before, at, at + n})
			before, width = none, 0
		} else if !unseen(r) {
			width++
			before = before.and(separator(r), width)
		}
		at += n
	}
	return p
}

// and returns the gap that grows by one separator to the given width.
func (g gap) and(next gap, width int) gap {
	switch {
	case next == plus || next == hard:
		return next
	case g == none, g == start && (next == dot || next == comma):
		return next
	case width > widest || next == comma:
		return hard
	case g.soft() && next.soft():
		return loose
	case (g.soft() || g == slash) && (next.soft() || next == slash):
		return slash
	default:
		return hard
	}
}

// fold returns the capital or digit that r stands for, 0 if none: those of
// ASCII, full-width letters, and the decimal digits of every script.
func fold(r rune) byte {
	switch {
	case '0' <= r && r <= '9', 'A' <= r && r <= 'Z':
		return byte(r) //nolint:gosec // ASCII
	case 'a' <= r && r <= 'z':
		return byte(r - 'a' + 'A')
	case r < utf8.RuneSelf:
		return 0
	case 'Ａ' <= r && r <= 'Ｚ':
		return byte(r - 'Ａ' + 'A')
	case 'ａ' <= r && r <= 'ｚ':
		return byte(r - 'ａ' + 'A')
	case unicode.IsDigit(r):
		return '0' + digitValue(r)
	}
	return 0
}

// digitValue returns the value of a decimal digit. Unicode has them in rows of
// ten from zero (The Unicode Standard, 4.6).
func digitValue(r rune) byte {
	zero := r
	for _, rows := range unicode.Nd.R16 {
		if lo := rune(rows.Lo); lo <= r && r <= rune(rows.Hi) {
			zero = lo
		}
	}
	for _, rows := range unicode.Nd.R32 {
		if lo := rune(rows.Lo); lo <= r && r <= rune(rows.Hi) { //nolint:gosec // code points
			zero = lo
		}
	}
	return byte((r - zero) % 10) //nolint:gosec // one of ten
}

// separator says what gap a character makes.
func separator(r rune) gap {
	switch r {
	case ' ', '\t':
		return space
	case '-', '−':
		return dash
	case '.', '·', '．', '‧', '•':
		return dot
	case '/', '(', ')':
		return slash
	case ',':
		return comma
	case '+', '＋':
		return plus
	}
	switch {
	case r < utf8.RuneSelf:
		return hard
	case unicode.Is(unicode.Zs, r):
		return space
	case unicode.Is(unicode.Pd, r):
		return dash
	}
	return hard
}

// at returns the sign at i, and an empty one behind the end.
func (p *page) at(i int) sign {
	p.looked++
	if i >= len(p.signs) {
		return sign{gap: hard}
	}
	return p.signs[i]
}

// digit reports whether the sign is a digit.
func (s sign) digit() bool { return '0' <= s.c && s.c <= '9' }

// letter reports whether the sign is a letter.
func (s sign) letter() bool { return 'A' <= s.c && s.c <= 'Z' }

// each hides what find finds, from left to right: find returns how many signs
// the number that starts at i has, 0 if none does.
func (p *page) each(with string, find func(i int) int) (found bool) {
	for i := 0; i < len(p.signs); i++ {
		n := find(i)
		if n == 0 {
			continue
		}
		found = true
		p.spans = append(p.spans, span{p.signs[i].from, p.signs[i+n-1].to, with})
		for k := range n {
			p.signs[i+k].c = 0
		}
		i += n - 1
	}
	return found
}

// clean returns the text with its spans replaced.
func (p *page) clean() string {
	if len(p.spans) == 0 {
		return p.s
	}
	slices.SortFunc(p.spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	b.Grow(len(p.s))
	last := 0
	for _, s := range p.spans {
		b.WriteString(p.s[last:s.from])
		b.WriteString(s.with)
		last = s.to
	}
	b.WriteString(p.s[last:])
	return b.String()
}
