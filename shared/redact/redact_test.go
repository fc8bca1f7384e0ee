package redact

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// it is the example of the registry, with no account behind it.
const it = "IT60X0542811101000000123456"

func TestText(t *testing.T) {
	for name, test := range map[string]struct {
		in, want string
		hidden   []Kind
	}{
		"empty":                                      {"", "", nil},
		"nothing to hide":                            {"Quando arriva la cassa?", "Quando arriva la cassa?", nil},
		"IBAN as one word":                           {it, "[IBAN]", []Kind{IBAN}},
		"IBAN in groups, before a full stop":         {"il mio iban è IT60 X054 2811 1010 0000 0123 456.", "il mio iban è [IBAN].", []Kind{IBAN}},
		"IBAN in national groups":                    {"IT 60 X 05428 11101 000000123456", "[IBAN]", []Kind{IBAN}},
		"IBAN in lower case":                         {"(it60x0542811101000000123456)", "([IBAN])", []Kind{IBAN}},
		"IBAN behind a colon":                        {"IBAN:" + it, "IBAN:[IBAN]", []Kind{IBAN}},
		"IBAN glued to its label":                    {"IBAN" + it, "IBAN[IBAN]", []Kind{IBAN}},
		"IBAN glued to the next word":                {it + "intestato", "[IBAN]intestato", []Kind{IBAN}},
		"IBAN in dashes":                             {"IT60-X054-2811-1010-0000-0123-456", "[IBAN]", []Kind{IBAN}},
		"IBAN in dots":                               {"IT60.X054.2811.1010.0000.0123.456", "[IBAN]", []Kind{IBAN}},
		"IBAN with no-break spaces":                  {"IT60\u00a0X054\u00a02811\u00a01010\u00a00000\u00a00123\u00a0456", "[IBAN]", []Kind{IBAN}},
		"IBAN with double spaces":                    {"IT60  X054  2811  1010  0000  0123  456", "[IBAN]", []Kind{IBAN}},
		"IBAN in full width":                         {inScript(it, "wide"), "[IBAN]", []Kind{IBAN}},
		"IBAN in Arabic digits":                      {"IT٦٠X٠٥٤٢٨١١١٠١٠٠٠٠٠٠١٢٣٤٥٦", "[IBAN]", []Kind{IBAN}},
		"IBAN with zero-width characters":            {strings.Join(strings.Split(it, ""), "\u200b"), "[IBAN]", []Kind{IBAN}},
		"IBAN across lines is not found":             {"IT60X0542811101\n000000123456", "IT60X0542811101\n000000123456", nil},
		"two IBANs":                                  {it + " " + it, "[IBAN] [IBAN]", []Kind{IBAN}},
		"foreign IBAN":                               {"DE89 3704 0044 0532 0130 00 ok", "[IBAN] ok", []Kind{IBAN}},
		"foreign IBAN with wrong check":              {"DE88 3704 0044 0532 0130 00 ok", "DE88 3704 0044 0532 0130 00 ok", nil},
		"no such country":                            {"ZZ60X0542811101000000123456", "ZZ60X0542811101000000123456", nil},
		"Italian IBAN with a slip":                   {"IT61X0542811101000000123456", "[IBAN]", []Kind{IBAN}},
		"Italian IBAN that breaks off":               {"IT60X0542811101 000 grazie a tutti", "IT60X0542811101 000 grazie a tutti", nil},
		"whole IBAN behind a broken one":             {"IT60X0542811101 " + it, "IT60X0542811101 [IBAN]", []Kind{IBAN}},
		"Italian prepositions and days":              {"il 15 ottobre 2026, al 30 novembre e dal 12", "il 15 ottobre 2026, al 30 novembre e dal 12", nil},
		"Visa":                                       {"carta 4111111111111111", "carta [carta]", []Kind{Card}},
		"Visa in groups, then expiry and code":       {"4111 1111 1111 1111 12/28 cvv 123", "[carta] 12/28 cvv 123", []Kind{Card}},
		"Visa in groups of all sorts":                {"4111-1111.1111\u202f1111", "[carta]", []Kind{Card}},
		"Visa with irregular groups":                 {"41111 111 11111 111", "[carta]", []Kind{Card}},
		"Visa digit by digit":                        {"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[carta]", []Kind{Card}},
		"Visa in keycaps":                            {strings.Join(strings.Split("4111111111111111", ""), "\ufe0f\u20e3"), "[carta]", []Kind{Card}},
		"Visa glued to its label":                    {"carta4111111111111111scade", "carta[carta]scade", []Kind{Card}},
		"Mastercard":                                 {"5555555555554444", "[carta]", []Kind{Card}},
		"Mastercard of the new range":                {"2223003122003222", "[carta]", []Kind{Card}},
		"American Express":                           {"3782 822463 10005", "[carta]", []Kind{Card}},
		"Discover":                                   {"6011111111111117", "[carta]", []Kind{Card}},
		"JCB":                                        {"3530111333300000", "[carta]", []Kind{Card}},
		"Diners Club":                                {"3056 930902 5904", "[carta]", []Kind{Card}},
		"Maestro":                                    {"6759649826438453", "[carta]", []Kind{Card}},
		"UnionPay":                                   {"6200000000000005", "[carta]", []Kind{Card}},
		"Visa of 19 digits":                          {"4000000000000000006", "[carta]", []Kind{Card}},
		"wrong check digit":                          {"4111111111111112", "4111111111111112", nil},
		"no such network":                            {"1111111111111117", "1111111111111117", nil},
		"part of a longer run":                       {"41111111111111111111", "41111111111111111111", nil},
		"card across lines is not found":             {"4111 1111\n1111 1111", "4111 1111\n1111 1111", nil},
		"IBAN and card, in the order of the kinds":   {"4111111111111111 e " + it, "[carta] e [IBAN]", []Kind{IBAN, Card}},
		"IBAN glued to a card":                       {it + "4111111111111111", "[IBAN][carta]", []Kind{IBAN, Card}},
		"mobile telephones side by side":             {"chiamami 366 1234567 3661234567", "chiamami 366 1234567 3661234567", nil},
		"telephone with country":                     {"+39 06 12345678, 0039 333 1234567", "+39 06 12345678, 0039 333 1234567", nil},
		"plus sign means telephone, up to 15 digits": {"+378282246310005 +4111111111111111", "+378282246310005 +[carta]", []Kind{Card}},
		"partita IVA":                                {"12345678903", "12345678903", nil},
		"matricola":                                  {"matricola 4901234567 402026", "matricola 4901234567 402026", nil},
		"codice fiscale stays":                       {"RSSMRA85T10A562S", "RSSMRA85T10A562S", nil},
		"amounts":                                    {"1.250,00 € e € 4.111.111,11", "1.250,00 € e € 4.111.111,11", nil},
		"days":                                       {"23-11-2026 08-12-2026 24.11.2026 07.12.2026", "23-11-2026 08-12-2026 24.11.2026 07.12.2026", nil},
		"times":                                      {"22.30 22.00 22.15 22.45", "22.30 22.00 22.15 22.45", nil},
		"a list that grows":                          {"giorni 61 62 63 64 65 66 67 68, 500 520 540 560 580", "giorni 61 62 63 64 65 66 67 68, 500 520 540 560 580", nil},
		"protocol number":                            {"prot. INPS.7000.14/11/2026.0123456", "prot. INPS.7000.14/11/2026.0123456", nil},
		"protocol number and card":                   {"inps.7000.14/11/2026.0123456 4111111111111111", "inps.7000.14/11/2026.0123456 [carta]", []Kind{Card}},
		"case number":                                {"CIGO-2026-0012345", "CIGO-2026-0012345", nil},
		"case numbers with a card's digits":          {"ais-4111-1111111111 FIS-4111-1111111111.", "ais-4111-1111111111 FIS-4111-1111111111.", nil},
		"case number of package cases":               {"INPS.CIGO.2026.0417.001", "INPS.CIGO.2026.0417.001", nil},
		"no case number: the name is longer":         {"XCIG-4111-111111111111", "XCIG-[carta]", []Kind{Card}},
		"placeholders stay":                          {"[IBAN] [carta]", "[IBAN] [carta]", nil},
		"invalid UTF-8":                              {"\xff4111111111111111\xfe\xe2\x80", "\xff[carta]\xfe\xe2\x80", []Kind{Card}},
		"NUL and line breaks stay":                   {"a\x00\r\nb 12\t", "a\x00\r\nb 12\t", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, hidden := Text(test.in)
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if d := cmp.Diff(test.hidden, hidden); d != "" {
				t.Errorf("kinds (-want +got):\n%s", d)
			}
		})
	}
}

var (
	textMarks = regexp.MustCompile(`\[IBAN\]|\[carta\]`)
	logMarks  = regexp.MustCompile(`\[(?:iban|card|fiscal_code|email|phone|jwt)\]`)
)

// checkLaws states what holds for every text: a second time changes nothing,
// what is valid stays valid, and only placeholders are new.
func checkLaws(t interface {
	Helper()
	Errorf(string, ...any)
}, in string, hide func(string) string, marks *regexp.Regexp,
) {
	t.Helper()
	out := hide(in)
	if again := hide(out); again != out {
		t.Errorf("%q becomes %q, then %q", in, out, again)
	}
	if utf8.ValidString(in) && !utf8.ValidString(out) {
		t.Errorf("%q becomes %q, invalid", in, out)
	}
	rest := in
	for i, piece := range marks.Split(out, -1) {
		at := strings.Index(rest, piece)
		if at < 0 || i == 0 && at != 0 {
			t.Errorf("%q becomes %q: %q is not of it", in, out, piece)
			return
		}
		rest = rest[at+len(piece):]
	}
	if rest != "" && !marks.MatchString(out) {
		t.Errorf("%q becomes %q", in, out)
	}
}

func onlyText(s string) string {
	s, _ = Text(s)
	return s
}

// The number of signs compared, not the time, is what must stay in proportion.
func TestWorkIsLinear(t *testing.T) {
	for name, unit := range map[string]string{
		"digits apart": "4 ", "digits": "4", "starts of IBANs": "IT60", "starts of IBANs with words": "il 15 ",
		"broken IBANs": "IT60X0542811101 ", "countries": "GT", "any letters": "GT82", "cards": "4111111111111111 ", "cards but for one": "4111 1111 1111 1112 ",
		"zero width": "4\u200b", "marks": "e\u0301", "at signs": "a@", "addresses": "a@b.it@", "labels": "a.b.",
		"tokens": "eyJ", "parts of tokens": "eyJa.", "codes": "RSSMRA85T10A562", "telephones": "06 ", "plus signs": "+39 ", "protocols": "INPS.7000.14/11/2026.",
		"cases": "CIGO-2026-", "invalid": "\xff4",
	} {
		t.Run(name, func(t *testing.T) {
			const perSign = 160
			short, long := strings.Repeat(unit, 400), strings.Repeat(unit, 4000)
			_, _, few := hideText(short)
			_, _, many := hideText(long)
			if many > 11*few+1000 || many > perSign*len(long) {
				t.Errorf("Text: %d signs compared for %d bytes, %d for %d", few, len(short), many, len(long))
			}
			_, few = hideLog(short)
			_, many = hideLog(long)
			if many > 11*few+1000 || many > perSign*len(long) {
				t.Errorf("Log: %d signs compared for %d bytes, %d for %d", few, len(short), many, len(long))
			}
		})
	}
}

func TestNothingIsAllocatedWhereNothingCanBeHidden(t *testing.T) {
	for name, f := range map[string]func(){
		"text": func() { _, _ = Text("Quando arriva la cassa di ottobre?") },
		"log":  func() { Log("cannot push") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) { checkLaws(t, s, onlyText, textMarks) })
}

func FuzzLog(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) { checkLaws(t, s, Log, logMarks) })
}

// TestWhatPagesPreview has the texts with which pages test their preview of Text.
func TestWhatPagesPreview(t *testing.T) {
	file, err := os.ReadFile("testdata/written.json")
	if err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string
	if err := json.Unmarshal(file, &pairs); err != nil || len(pairs) == 0 {
		t.Fatal(len(pairs), err)
	}
	for _, pair := range pairs {
		if got, _ := Text(pair[0]); got != pair[1] {
			t.Errorf("%q became %q, pages show %q", pair[0], got, pair[1])
		}
	}
}
