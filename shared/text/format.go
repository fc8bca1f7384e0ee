package text

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"infocig/shared/plain"

	"infocig/shared/hours"
)

// Args are the arguments of a sentence, by name of placeholder: string, int,
// time.Time or time.Duration, as the format wants. An empty string and a zero
// time are missing.
type Args map[string]any

// dash stands where an argument is missing.
const dash = "—"

// ErrKey and ErrArgument are what Format finds at fault: always the program,
// never the person who reads.
var (
	ErrKey      = errors.New("text: no such key")
	ErrArgument = errors.New("text: missing or unfit argument")
)

// Format is the sentence of key with its arguments. What it returns is fit to
// be shown even with an error, which is for the log: a missing or unfit
// argument is a dash, a missing key the sentence of error.internal. Arguments
// are put in as they are: what they hold is never read as a placeholder.
func (c Catalogue) Format(key string, args Args) (string, error) {
	s, ok := c.sentences[key]
	if !ok {
		return cmp.Or(c.Word("error.internal"), dash), fmt.Errorf("%w: %s", ErrKey, key)
	}
	var b strings.Builder
	var errs []error
	for _, p := range s {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		shown, ok := c.show(p.format, args[p.name])
		if !ok {
			shown = dash
			errs = append(errs, fmt.Errorf("%w: %s of %s", ErrArgument, p, key))
		}
		b.WriteString(shown)
	}
	return b.String(), errors.Join(errs...)
}

// Sentence is the sentence of a key that has no placeholders, in a language.
func Sentence(language, key string) string {
	s, _ := Load(language).Format(key, nil)
	return s
}

// BadText is the sentence that tells why a text is refused.
func BadText(language string, why *plain.Refused) string {
	s, _ := Load(language).Format("text."+string(why.Reason), Args{"character": why.Character()})
	return s
}

// show writes one argument, if it is there and fits the format.
func (c Catalogue) show(format string, arg any) (string, bool) {
	switch v := arg.(type) {
	case string:
		return v, v != "" && format == ""
	case int:
		return strconv.Itoa(v), format == ""
	case time.Duration:
		return strconv.Itoa(WholeMinutes(v)), format == formatMinutes
	case time.Time:
		if v.IsZero() {
			return "", false
		}
		return c.showTime(format, v.In(hours.Rome()))
	}
	return "", false
}

func (c Catalogue) showTime(format string, t time.Time) (string, bool) {
	switch format {
	case formatTime:
		return t.Format("15:04"), true
	case formatDate, formatDay:
		date, err := c.Format("format."+format, Args{
			"weekday": c.Word(fmt.Sprintf("weekday.%d", t.Weekday())),
			"day":     t.Day(),
			"month":   c.Word(fmt.Sprintf("month.%d", t.Month())),
			"year":    t.Year(),
		})
		return date, err == nil
	}
	return "", false
}

// Word returns a sentence of one literal, or "".
func (c Catalogue) Word(key string) string {
	if s := c.sentences[key]; len(s) == 1 {
		return s[0].literal
	}
	return ""
}

// WholeMinutes rounds up: nobody is to wait longer than told.
func WholeMinutes(d time.Duration) int {
	return int((d + time.Minute - 1) / time.Minute)
}
