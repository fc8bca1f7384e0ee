package plain

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	same := func(s string) [2]string { return [2]string{s, s} }
	for name, test := range map[string][2]string{
		"lines of everybody":                {"a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h\ni", "a\nb\nc\nd\ne\nf\ng\nh\ni"},
		"tabs stay":                         same("a\tb"),
		"NFC":                               {"perche\u0301", "perché"},
		"a number pasted from contacts":     {"\u202A+39 333 1234567\u202C", "+39 333 1234567"},
		"isolates":                          {"\u2068+39\u2069 \u2066a\u2069", "+39 a"},
		"marks of direction":                {"a\u061Cb\u200Ec\u200Fd\u202Ee", "abcde"},
		"a replacement character":           same("a\uFFFDb"),
		"soft hyphen, grapheme joiner":      {"cas\u00ADsa\u034F integra\u2060zione\uFEFF", "cassa integrazione"},
		"fillers":                           {"a\u115F\u1160\u17B4\u17B5\u180B\u180E\u2061\u2064\u206A\u3164\uFFA0b", "ab"},
		"a zero-width space":                {"a\u200Bb", "ab"},
		"selectors of no emoji":             {"a\uFE0Fb\uFE00\U000E0100", "ab"},
		"joiners of no script":              {"a\u200Db\u200Cc", "abc"},
		"tags of no flag":                   {"a\U000E0067\U000E0062\U000E007Fb", "ab"},
		"Sinhala":                           same("\u0DC1\u0DCA\u200D\u0DBB\u0DD3"),
		"Persian":                           same("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"),
		"a Persian abbreviation":            same("\u0647\u200D.\u0642"),
		"Bengali at the end of a word":      same("\u09B9\u09A0\u09BE\u09CE \u09A4\u09CD\u200D"),
		"Malayalam at the end of a word":    same("\u0D05\u0D35\u0D28\u0D4D\u200D"),
		"Hindi half form":                   same("\u0915\u094D\u200D\u0937 \u0915\u094D\u200C\u0937"),
		"a joiner behind a Persian word":    {"\u0645\u06CC\u200C ", "\u0645\u06CC "},
		"two joiners":                       {"\u0645\u06CC\u200C\u200C\u062E", "\u0645\u06CC\u200C\u062E"},
		"a joiner before a Persian word":    {"\u200C\u0645", "\u0645"},
		"keycaps":                           same("1\uFE0F\u20E3 #\uFE0F\u20E3 *\uFE0F\u20E3 #\u20E3"),
		"a selector after a digit":          {"1\uFE0F0", "10"},
		"information, hearts, phones":       same("\u2139\uFE0F \u2764\uFE0F \u260E\uFE0E \u203C\uFE0F \u3030\uFE0F"),
		"families":                          same("👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 🧔‍♂️ 👁️‍🗨️ 🏃‍♀️‍➡️ 🙂‍↔️ ❤️‍🔥"),
		"flags":                             same("🇮🇹 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴‍☠️"),
		"a flag of no region":               {"🏴\U000E0067\U000E0062!", "🏴!"},
		"a picture that joins nothing":      {"👩\u200D ciao", "👩 ciao"},
		"Arabic numbers with a sign of own": same("\u0600\u0661"),
		"Braille among words":               same("a\u2800b"),
	} {
		got, err := Text(test[0], 4000)
		if err != nil || got != test[1] {
			t.Errorf("%s: %+q became %+q (%v), want %+q", name, test[0], got, err, test[1])
		}
	}
}

func TestTextsThatAreRefused(t *testing.T) {
	for text, want := range map[string]Refused{
		"a\x00b":                            {Character, 0},
		"\x07":                              {Character, 7},
		"a\x1b[31m":                         {Character, 0x1B},
		"a\u0080":                           {Character, 0x80},
		"a\x7f":                             {Character, 0x7F},
		"":                                  {Blank, 0},
		" \n\t\u00A0\u3000\u2003":           {Blank, 0},
		"\u00AD":                            {Blank, 0},
		"\u034F \u061C \u115F":              {Blank, 0},
		"\u17B4\u180E\u2061\u3164\uFFA0":    {Blank, 0},
		"\u2800 \u2800":                     {Blank, 0},
		"\uFE0F\uFE00\u180B\U000E0101":      {Blank, 0},
		"\u200D\u200C\u200B\u2060\uFEFF":    {Blank, 0},
		"\u202A\u202C\u2066\u2069":          {Blank, 0},
		"\U000E0067\U000E007F\U0001D159":    {Blank, 0},
		"\u0301 \u20E3":                     {Blank, 0},
		"\u2800\u200D\u2800\uFE0F":          {Blank, 0},
		"a\xff":                             {NotUTF8, 0},
		strings.Repeat("è", 11):             {TooLong, 0},
		strings.Repeat("e\u0301", 10) + "!": {TooLong, 0},
	} {
		got, err := Text(text, 10)
		var refused *Refused
		if !errors.As(err, &refused) || *refused != want {
			t.Errorf("%+q: got %+q, %v", text, got, err)
		}
		if err != nil && want.Reason == Character && refused.Character() != fmt.Sprintf("U+%04X", want.Rune) {
			t.Errorf("%+q: named %s", text, refused.Character())
		}
	}
	if _, err := Text(strings.Repeat("e\u0301\u200E", 10), 10); err != nil {
		t.Errorf("ten characters after cleaning: %v", err)
	}
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"Giuliana Ferrantini":               "Giuliana Ferrantini",
		"  Giuliana \n\t  Ferrantini\u2028": "Giuliana Ferrantini",
		"Nicolo\u0300":                      "Nicolò",
		"Anna\u202E\u0007\u200B\u00ADRita":  "AnnaRita",
		"Anna\u2800\u3164Rita":              "Anna Rita",
		"\u200B\u202E \u2800\u3164":         "",
		"":                                  "",
		"a\xffb":                            "a\uFFFDb",
		strings.Repeat("x", 199) + " yz":    strings.Repeat("x", 199),
		strings.Repeat("è", 369):            strings.Repeat("è", 200),
	} {
		if got := Name(in, 200); got != want {
			t.Errorf("%+q: got %+q", in, got)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"a\r\n\u202Ab", "\u0DC1\u0DCA\u200D\u0DBB", "👩🏽‍🚀", "#\uFE0F\u20E3", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "e\u034F\u0301", "\u0647\u200D\u200C\uFE0F\u0647", "\x07", "\u1100\u115F\u1161", "\r\r\n\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := Text(raw, 4000)
		if err == nil {
			again, err := Text(once, 4000)
			if err != nil || again != once {
				t.Errorf("%+q became %+q, and then %+q (%v)", raw, once, again, err)
			}
			if !norm.NFC.IsNormalString(once) || !utf8.ValidString(once) || strings.ContainsAny(once, "\r\v\f\u0085\u2028\u2029\u200E\u200F\u061C\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069") {
				t.Errorf("%+q became %+q", raw, once)
			}
		}
		name := Name(raw, 200)
		if again := Name(name, 200); again != name || utf8.RuneCountInString(name) > 200 || strings.ContainsAny(name, "\n\t\u2028\u202E") {
			t.Errorf("the name %+q became %+q, and then %+q", raw, name, again)
		}
	})
}

// TestTextIsStable draws texts of the characters that the rule is about.
func TestTextIsStable(t *testing.T) {
	alphabet := []rune("a1# \n\r\u0301\u0308\u034F\u00AD\u200B\u200C\u200D\uFE0E\uFE0F\u20E3\u2800👩🏽🚀🏴\U000E0067\U000E007Fک\u0915\u094D\u09CB\u09C7\u09BE\u1100\u1161\u115F\u202E\u2329\u0344")
	rapid.Check(t, func(t *rapid.T) {
		raw := string(rapid.SliceOf(rapid.SampledFrom(alphabet)).Draw(t, "text"))
		once, err := Text(raw, 4000)
		if err != nil {
			return
		}
		if again, err := Text(once, 4000); err != nil || again != once {
			t.Errorf("%+q became %+q, and then %+q (%v)", raw, once, again, err)
		}
	})
}
