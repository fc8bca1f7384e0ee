package redact

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	countries = slices.Sorted(maps.Keys(registry))
	joints    = []string{"", " ", "-", ".", "\u00a0", "\u202f", "\u2009", "\t", "–", "\u200b", "\u00ad", " - "}
)

// drawIBAN makes a valid IBAN, with check digits found by division in full.
func drawIBAN(t *rapid.T, country string) string {
	const digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	bban := ""
	for _, r := range registry[country] {
		from := map[byte]string{'n': digits, 'a': letters, 'c': digits + letters}[r.sort]
		for range r.n {
			bban += string(rapid.SampledFrom([]byte(from)).Draw(t, "sign"))
		}
	}
	var all strings.Builder
	for _, c := range bban + country + "00" {
		fmt.Fprint(&all, strings.IndexRune(digits+letters, c))
	}
	n, _ := new(big.Int).SetString(all.String(), 10)
	return fmt.Sprintf("%s%02d%s", country, 98-n.Mod(n, big.NewInt(97)).Int64(), bban)
}

// drawCard makes a number with a right check digit, found by trying.
func drawCard(t *rapid.T) string {
	kind := rapid.SampledFrom([]struct {
		prefix string
		n      int
	}{
		{"4", 13}, {"4", 16}, {"4", 19}, {"51", 16}, {"55", 16}, {"2221", 16}, {"2720", 16}, {"34", 15}, {"37", 15}, {"6011", 16}, {"644", 16}, {"65", 16},
		{"3528", 16}, {"3589", 16}, {"300", 14}, {"305", 14}, {"36", 14}, {"38", 14}, {"50", 16}, {"56", 13}, {"67", 19}, {"62", 16}, {"62", 19},
	}).Draw(t, "network")
	s := kind.prefix
	for len(s) < kind.n-1 {
		s += string(rapid.SampledFrom([]byte("0123456789")).Draw(t, "digit"))
	}
	for c := '0'; c <= '9'; c++ {
		if goodLuhn(s + string(c)) {
			return s + string(c)
		}
	}
	panic("no check digit")
}

func goodLuhn(s string) bool {
	sum := 0
	for i := range len(s) {
		v := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			v = []int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}[v]
		}
		sum += v
	}
	return sum%10 == 0
}

// inGroups writes s in groups of n.
func inGroups(s string, n int, joint string) string {
	var groups []string
	for part := range slices.Chunk([]byte(s), n) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, joint)
}

// inScript writes s as another keyboard may.
func inScript(s, script string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case script == "lower" && 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		case script == "wide, lower" && 'A' <= r && r <= 'Z':
			return r - 'A' + 'ａ'
		case strings.HasPrefix(script, "wide") && r > ' ' && r < 0x7f && r != '-' && r != '.':
			return r - '!' + '！'
		case script == "arabic" && '0' <= r && r <= '9':
			return r - '0' + '٠'
		}
		return r
	}, s)
}

var scripts = []string{"plain", "lower", "wide", "wide, lower", "arabic"}

func TestIBANsOfEveryCountryAreHidden(t *testing.T) {
	for _, country := range countries {
		t.Run(country, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				in := inGroups(drawIBAN(t, country), rapid.SampledFrom([]int{1, 2, 4, 5, 40}).Draw(t, "size"), rapid.SampledFrom(joints).Draw(t, "joint"))
				in = inScript(in, rapid.SampledFrom(scripts).Draw(t, "script"))
				for _, around := range []string{"%s", "IBAN: %s.", "(%s)", "è «%s», grazie\n", "iban:%s;"} {
					got, hidden := Text(fmt.Sprintf(around, in))
					if got != fmt.Sprintf(around, textIBAN) || !slices.Equal(hidden, []Kind{IBAN}) {
						t.Fatalf("%q becomes %q, %v", fmt.Sprintf(around, in), got, hidden)
					}
				}
			})
		})
	}
}

// lengths are the row "IBAN length" of the registry.
const lengths = `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18
FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24
ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28
TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`

func TestLengthsAreThoseOfTheRegistry(t *testing.T) {
	var got []string
	for _, c := range countries {
		n := 4
		for _, r := range registry[c] {
			n += r.n
		}
		got = append(got, fmt.Sprint(c, n))
	}
	if d := cmp.Diff(strings.Fields(lengths), got); d != "" {
		t.Errorf("countries (-registry +here):\n%s", d)
	}
}

func TestCardsAreHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := inGroups(drawCard(t), rapid.SampledFrom([]int{1, 4, 5, 6, 40}).Draw(t, "size"), rapid.SampledFrom(joints).Draw(t, "joint"))
		in = inScript(in, rapid.SampledFrom(scripts).Draw(t, "script"))
		for _, around := range []string{"%s", "n. %s.", "carta%s", "(%s)", "la carta è %s, scade 12/28"} {
			got, hidden := Text(fmt.Sprintf(around, in))
			if got != fmt.Sprintf(around, textCard) || !slices.Equal(hidden, []Kind{Card}) {
				t.Fatalf("%q becomes %q, %v", fmt.Sprintf(around, in), got, hidden)
			}
		}
	})
}

func TestSlipsOfThePenInItalianIBANsAreHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := []byte(drawIBAN(t, "IT"))
		at := rapid.IntRange(5, 14).Draw(t, "at")
		in[at] = '0' + (in[at]-'0'+1)%10
		if got, _ := Text(string(in)); got != textIBAN {
			t.Fatalf("%s becomes %s", in, got)
		}
	})
}

func TestCaseAndProtocolNumbersAreNeverHidden(t *testing.T) {
	number := rapid.OneOf(
		rapid.StringMatching(`(?:CIGO|CIGS|CIGD|CIG|CISOA|AIS|FIS|cigo|fis)-\d{4}-\d{3,10}`),
		rapid.StringMatching(`INPS\.(?:CIGO|CIGS|CIGD|AIS|FIS)\.20\d\d\.\d{4}\.\d{3}`),
		rapid.StringMatching(`(?:INPS|inps)\.\d{4}\.[0-3]\d/[01]\d/20\d\d\.\d{7}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		n := number.Draw(t, "number")
		for _, around := range []string{"%s", "pratica %s.", "(%s)", "4111111111111111 %s", "IT60 %s 4111 1111 1111 1111", "%s@x.it"} {
			in := fmt.Sprintf(around, n)
			if got, _ := Text(in); !strings.Contains(got, n) {
				t.Fatalf("Text: %q becomes %q", in, got)
			}
			if got := Log(in); !strings.Contains(got, n) {
				t.Fatalf("Log: %q becomes %q", in, got)
			}
		}
	})
}

func TestDigitsThatFailTheCheckStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`\d{12,24}`).Filter(func(s string) bool { return len(s) < 13 || len(s) > 19 || !goodLuhn(s) }).Draw(t, "digits")
		if got, _ := Text(s); got != s {
			t.Fatalf("%s becomes %s", s, got)
		}
	})
}

// drawMess makes texts out of what the rules look for.
func drawMess(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			it, "IT60", "X0542811101", "000000123456", "4111111111111111", "4111 1111", "1111 1111", "RSSMRA85T10A562S", "a@b.it", "@", "x.it", ".", "-", " ", "+", "+39",
			"3331234567", "06 1234567", jwtExample, "eyJ", "CIGO-2026-0012345", "INPS.7000.14/11/2026.0123456", "22:21:03.123456", "05/11/2026", "\n", "\u200b", "/", ",", "(", "é",
			"\xff", "[card]", "[email]", "%40", "it", "39", "33312345-6789-4111-8111-123456789012", "ＩＴ", "٤",
		}),
		rapid.StringMatching(`[0-9]{1,5}`), rapid.StringMatching(`[A-Za-z]{1,4}`), rapid.String(),
	)
	return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawMess(t)
		checkLaws(t, s, onlyText, textMarks)
		checkLaws(t, s, Log, logMarks)
	})
}
