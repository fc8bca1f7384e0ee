package plain

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	nonJoiner = 0x200C
	keycap    = 0x20E3
	blackFlag = 0x1F3F4
	tagEnd    = 0xE007F
	virama    = 9 // Canonical_Combining_Class
)

func joiner(r rune) bool       { return unicode.Is(unicode.Join_Control, r) }
func presentation(r rune) bool { return r == 0xFE0E || r == 0xFE0F }
func tag(r rune) bool          { return r >= 0xE0020 && r <= tagEnd }

// inContext leaves out joiners, presentation selectors and tags that mean nothing
// where they stand.
func inContext(in []rune) []rune {
	out := make([]rune, 0, len(in))
	at := func(i int) rune {
		if i < len(in) {
			return in[i]
		}
		return 0
	}
	last := func(n int) rune {
		if len(out) < n {
			return 0
		}
		return out[len(out)-n]
	}
	for i := 0; i < len(in); i++ {
		r := in[i]
		switch {
		case joiner(r):
			if joins(last(1), r, at(i+1)) || r != nonJoiner && linked(last(1), last(2)) && picture(at(i+1)) {
				out = append(out, r)
			}
		case presentation(r):
			if picture(last(1)) || keycapBase(last(1)) && at(i+1) == keycap {
				out = append(out, r)
			}
		case tag(r):
			n := tags(in[i:])
			if last(1) == blackFlag && n > 1 && in[i+n-1] == tagEnd {
				out = append(out, in[i:i+n]...)
			}
			i += n - 1
		default:
			out = append(out, r)
		}
	}
	return out
}

// tags returns how many tags in begins with, up to the first end.
func tags(in []rune) int {
	for i, r := range in {
		if !tag(r) {
			return i
		}
		if r == tagEnd {
			return i + 1
		}
	}
	return len(in)
}

// joins reports whether a joiner spells a word: after a virama, or between letters
// or marks of scripts that join.
func joins(before, r, after rune) bool {
	if norm.NFC.PropertiesString(string(before)).CCC() == virama {
		return true
	}
	return joining(before) && (joining(after) || r != nonJoiner)
}

// scripts are those whose letters join, or whose words are spelt with joiners.
var scripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mandaic, unicode.Nko, unicode.Mongolian, unicode.Phags_Pa, unicode.Adlam, unicode.Hanifi_Rohingya,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada,
	unicode.Malayalam, unicode.Sinhala, unicode.Tibetan, unicode.Myanmar, unicode.Khmer, unicode.Balinese, unicode.Javanese, unicode.Tai_Tham,
}

func joining(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r)) && unicode.In(r, scripts...)
}

// picture reports whether r may be drawn as an emoji. Go has no table of
// Extended_Pictographic; these classes have all of it, and symbols besides, after
// which a selector does no harm.
func picture(r rune) bool {
	switch r {
	case 0x203C, 0x2049, 0x2139, 0x3030, 0x303D: // ‼ ⁉ ℹ 〰 〽, which are no symbols
		return true
	case utf8.RuneError, 0xFFFC:
		return false
	}
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sm, r) && r >= 0x2190
}

// linked reports whether a picture ends here, to which another one can be joined.
func linked(last, before rune) bool {
	skin := func(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }
	return picture(last) || skin(last) || last == 0xFE0F && (picture(before) || skin(before))
}

func keycapBase(r rune) bool { return r >= '0' && r <= '9' || r == '#' || r == '*' }
