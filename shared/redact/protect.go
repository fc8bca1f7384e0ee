package redact

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Numbers that are never hidden. Go's regular expressions take linear time.
const (
	// protocol is the number under which an office registers a paper: ours to
	// define, INPS.<office>.<day of registration>.<number>.
	protocol = `INPS\.\d{4}\.\d{2}/\d{2}/\d{4}\.\d{7}`

	// caseNumber is INPS.CIGO.2026.0417.001, as in package cases, or
	// CIGO-2026-0012345, as people copy it. A new benefit is a new name here.
	caseNumber = `(?:INPS[.-])?(?:CIG[OSD]?|CISOA|AIS|FIS)(?:-\d{4}-\d{1,10}|\.\d{4}\.\d{1,7}(?:\.\d{1,3})?)`

	// Identifiers of machines: UUID, AWS X-Ray trace, digests in hexadecimal,
	// crypto/rand.Text, request ids of DynamoDB.
	machine = `[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}` +
		`|1-[0-9a-f]{8}-[0-9a-f]{24}|[0-9a-f]{32,}|[A-Z2-7]{26}|[A-Z0-9]{52}`

	// Days as Italians write them, and the time of day, which could be taken
	// for telephone numbers.
	moment = `\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|\d{2}:\d{2}:\d{2}(?:[.,]\d+)?`
)

var (
	textShield = pattern(`(?i:` + protocol + `|` + caseNumber + `)`)
	logShield  = pattern(`(?i:` + protocol + `|` + caseNumber + `)|` + machine + `|` + moment)
)

// pattern returns what compiles expr when it is first asked for, and panics if it
// is none: to compile all would be a sixth of the time that a function takes to
// start, and most of what is read has nothing to hide.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// outside returns s with hide applied to what lies between the matches of
// shield that stand alone, not inside a longer word or number.
func outside(s string, shield func() *regexp.Regexp, hide func(part string) string) string {
	found := shield().FindAllStringIndex(s, -1)
	if len(found) == 0 {
		return hide(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	last := 0
	for _, m := range found {
		if !alone(s, m[0], m[1]) {
			continue
		}
		b.WriteString(hide(s[last:m[0]]))
		b.WriteString(s[m[0]:m[1]])
		last = m[1]
	}
	b.WriteString(hide(s[last:]))
	return b.String()
}

// alone reports whether neither neighbour of s[from:to] that can be seen is a
// letter or digit.
func alone(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s[:from], unseen))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s[to:], unseen))
	return !unicode.In(before, unicode.L, unicode.N) && !unicode.In(after, unicode.L, unicode.N)
}

// unseen reports whether r takes no room of its own: a format character, such
// as the zero-width space, or a mark on the character before.
func unseen(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me)
}
