package fiscal

import (
	"errors"
	"testing"
)

func TestParseCode(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want Code
		err  error
	}{
		"example of the revenue agency":     {"RSSMRA85T10A562S", "RSSMRA85T10A562S", nil},
		"lower case and spaces":             {" rssmra 85t10 a562s\n", "RSSMRA85T10A562S", nil},
		"woman: day plus 40":                {"RSSMRA85T50A562W", "RSSMRA85T50A562W", nil},
		"omocodia, last digit":              {"RSSMRA85T10A56NH", "RSSMRA85T10A56NH", nil},
		"omocodia, all seven":               {"RSSMRAURTMLARSNL", "RSSMRAURTMLARSNL", nil},
		"short name":                        {"FOXMRA85T10A562G", "FOXMRA85T10A562G", nil},
		"29 February":                       {"RSSMRA84B29A562Y", "RSSMRA84B29A562Y", nil},
		"a name of one vowel":               {"AXXMRA85T10A562D", "AXXMRA85T10A562D", nil},
		"wrong check letter":                {"RSSMRA85T10A562T", "", BadCheck},
		"omocodia with the old letter":      {"RSSMRA85T10A56NS", "", BadCheck},
		"empty":                             {"", "", BadLength},
		"too short":                         {"RSSMRA85T10A562", "", BadLength},
		"too long":                          {"RSSMRA85T10A562SS", "", BadLength},
		"digit in the name":                 {"RSSM1A85T10A562S", "", BadForm},
		"consonant after a vowel in a name": {"RASMRA85T10A562S", "", BadForm},
		"no such month":                     {"RSSMRA85F10A562S", "", BadForm},
		"A is not omocodia":                 {"RSSMRA8AT10A562S", "", BadForm},
		"accent":                            {"RSSMRÀ85T10A56S", "", BadForm},
		"day 0":                             {"RSSMRA85T00A562S", "", BadDate},
		"day 32":                            {"RSSMRA85T32A562S", "", BadDate},
		"day 40":                            {"RSSMRA85T40A562S", "", BadDate},
		"day 72":                            {"RSSMRA85T72A562S", "", BadDate},
		"31 November":                       {"RSSMRA85S31A562S", "", BadDate},
		"30 February":                       {"RSSMRA85B70A562S", "", BadDate},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCode(test.in)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("%q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestPlainUndoesOmocodia(t *testing.T) {
	for _, in := range []Code{"RSSMRA85T10A562S", "RSSMRA85T10A56NH", "RSSMRAURTMLARSNL"} {
		if got := in.Plain(); got != "RSSMRA85T10A562S" {
			t.Errorf("%s.Plain() = %s", in, got)
		}
	}
}

func TestParseVAT(t *testing.T) {
	for name, test := range map[string]struct {
		in   string
		want VAT
		err  error
	}{
		"valid":             {"12345678903", "12345678903", nil},
		"a doubled 5":       {"05000000009", "05000000009", nil},
		"spaces":            {" 123 4567 8903 ", "12345678903", nil},
		"wrong check digit": {"12345678904", "", BadCheck},
		"two digits turned": {"12345687903", "", BadCheck},
		"short":             {"1234567890", "", BadLength},
		"letter":            {"1234567890A", "", BadForm},
		"zeros":             {"00000000000", "", BadForm},
		"country prefix":    {"IT12345678903", "", BadLength},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseVAT(test.in)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("%q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}

func FuzzCode(f *testing.F) {
	for _, s := range []string{"RSSMRA85T10A562S", "rssmra85t10a56nh", "", "12345678903", "ǆ ß", "\xff", "AAAAAA00A00A000A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Normalize(s)
		if again := Normalize(n); again != n {
			t.Errorf("Normalize(%q) = %q, then %q", s, n, again)
		}
		c, err := ParseCode(s)
		if again, err2 := ParseCode(string(c)); err == nil && (again != c || err2 != nil) {
			t.Errorf("ParseCode(%q) = %q, then %q, %v", s, c, again, err2)
		}
		_, _ = ParseVAT(s)
	})
}
