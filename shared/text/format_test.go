package text_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/text"
)

const trial = `{
	"format.date": "{weekday} {day} {month} {year}", "format.day": "{day} {month} {year}",
	"weekday.0": "domenica", "weekday.1": "lunedì", "month.2": "febbraio", "month.3": "marzo", "month.10": "ottobre",
	"error.internal": "Riprova.",
	"plain": "Ciao.", "name": "{name} è in linea.", "n": "{ n } persone", "date": "da {t, date}", "day": "del {t,day}",
	"time": "alle {t, time}", "both": "{t, date} alle {t, time}", "wait": "{w, minutes} minuti"
}`

func TestFormat(t *testing.T) {
	monday := time.Date(2023, time.February, 13, 14, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		key  string
		args text.Args
		want string
		err  error
	}{
		"no placeholder":                   {"plain", nil, "Ciao.", nil},
		"text":                             {"name", text.Args{"name": "Anna"}, "Anna è in linea.", nil},
		"whole number":                     {"n", text.Args{"n": 3}, "3 persone", nil},
		"number zero is a number":          {"n", text.Args{"n": 0}, "0 persone", nil},
		"date in full":                     {"date", text.Args{"t": monday}, "da lunedì 13 febbraio 2023", nil},
		"date without weekday":             {"day", text.Args{"t": monday}, "del 13 febbraio 2023", nil},
		"time in Italy":                    {"time", text.Args{"t": monday}, "alle 15:00", nil},
		"one argument in two forms":        {"both", text.Args{"t": monday}, "lunedì 13 febbraio 2023 alle 15:00", nil},
		"late in UTC is tomorrow in Italy": {"both", text.Args{"t": time.Date(2023, 2, 12, 23, 5, 0, 0, time.UTC)}, "lunedì 13 febbraio 2023 alle 00:05", nil},
		"summer time":                      {"both", text.Args{"t": time.Date(2023, 3, 26, 13, 0, 0, 0, time.UTC)}, "domenica 26 marzo 2023 alle 15:00", nil},
		"minutes are rounded up":           {"wait", text.Args{"w": 6*time.Minute + time.Second}, "7 minuti", nil},
		"whole minutes are kept":           {"wait", text.Args{"w": 6 * time.Minute}, "6 minuti", nil},
		"an argument is not a placeholder": {"name", text.Args{"name": "{n}"}, "{n} è in linea.", nil},
		"arguments too many do no harm":    {"plain", text.Args{"x": 1}, "Ciao.", nil},
		"missing text":                     {"name", nil, "— è in linea.", text.ErrArgument},
		"empty text":                       {"name", text.Args{"name": ""}, "— è in linea.", text.ErrArgument},
		"missing date":                     {"date", text.Args{"t": time.Time{}}, "da —", text.ErrArgument},
		"text for a date":                  {"date", text.Args{"t": "2023-02-13"}, "da —", text.ErrArgument},
		"time without a format":            {"name", text.Args{"name": monday}, "— è in linea.", text.ErrArgument},
		"number for minutes":               {"wait", text.Args{"w": 7}, "— minuti", text.ErrArgument},
		"duration without a format":        {"n", text.Args{"n": time.Minute}, "— persone", text.ErrArgument},
		"month without a name":             {"date", text.Args{"t": time.Date(2023, 5, 1, 12, 0, 0, 0, time.UTC)}, "da —", text.ErrArgument},
		"unknown key":                      {"nothing", nil, "Riprova.", text.ErrKey},
	}
	c, err := text.Parse("xx", []byte(trial))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := c.Format(tt.key, tt.args)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, error %v; want %q, error %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// Whatever is missing, nobody ever reads a brace.
func TestNobodyReadsABrace(t *testing.T) {
	c := text.Load(text.Default)
	args := []any{nil, "", "Anna", 3, time.Now(), time.Time{}, time.Minute, 3.5, []string{"x"}}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom(append(c.Keys(), "no.such.key")).Draw(t, "key")
		given := text.Args{}
		for _, placeholder := range c.Placeholders(key) {
			name, _, _ := strings.Cut(placeholder, ",")
			given[name] = rapid.SampledFrom(args).Draw(t, name)
		}
		if s, _ := c.Format(key, given); s == "" || strings.ContainsAny(s, "{}") {
			t.Fatalf("%s reads %q", key, s)
		}
	})
}

func TestSentence(t *testing.T) {
	if got, want := text.Sentence("it", "queue.first"), "Tocca a te tra poco."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := text.Sentence("xx", "no.such.key"), text.Sentence("it", "error.internal"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
