package hours

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Calendar says when the desk is open: on Days, from Opens to Closes by the
// clock in Italy, except on national holidays and during closures. Build one
// by [New] or from JSON: both check it. The zero Calendar is never open.
//
// A Calendar is not changed after it is built, so it may be shared.
type Calendar struct {
	Days     Days      `json:"days"`
	Opens    TimeOfDay `json:"opens"`
	Closes   TimeOfDay `json:"closes"`
	Holidays bool      `json:"holidays"` // closed on national holidays
	Closures []Closure `json:"closures,omitempty"`
}

// A Closure is an extraordinary closure during [From, Until), entered by an
// operator. Reason is shown to people as it stands: a few words in Italian.
type Closure struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
}

// New builds a calendar, and refuses one that cannot be meant: no day or a day
// twice, closing not after opening, an hour from 02:00 to 02:59 (it is missing
// or doubled where the clock changes), a closure that is empty or gives no
// reason. It also fails if the program has no zone data.
func New(days Days, opens, closes TimeOfDay, holidays bool, closures ...Closure) (Calendar, error) {
	c := Calendar{
		Days:     slices.Clone(days),
		Opens:    opens,
		Closes:   closes,
		Holidays: holidays,
		Closures: slices.Clone(closures),
	}
	return c, c.validate()
}

// UnmarshalJSON reads and checks a calendar as [New] does. It refuses unknown
// fields and a missing field "holidays", so that nothing is closed or open by
// a misspelling.
func (c *Calendar) UnmarshalJSON(data []byte) error {
	type fields Calendar // without this method
	var in struct {
		fields
		Holidays *bool `json:"holidays"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("hours: calendar: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("hours: calendar: more than one document")
	}
	if in.Holidays == nil {
		return errors.New("hours: calendar: holidays: must be true or false")
	}
	read := Calendar(in.fields)
	read.Holidays = *in.Holidays
	if err := read.validate(); err != nil {
		return err
	}
	*c = read
	return nil
}

func (c Calendar) validate() error {
	_, err := loadRome()
	errs := []error{err}
	refuse := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("hours: "+field+": "+format, args...))
	}
	if len(c.Days) == 0 {
		refuse("days", "there is none")
	}
	for i, d := range c.Days {
		if d < time.Sunday || d > time.Saturday {
			refuse("days", "no weekday has number %d", d)
		}
		if slices.Contains(c.Days[:i], d) {
			refuse("days", "%v comes twice", d)
		}
	}
	if c.Opens < 0 || c.Closes > endOfDay || c.Opens >= c.Closes {
		refuse("closes", "%v is not after %v on the same day", c.Closes, c.Opens)
	}
	if c.Opens.ambiguous() {
		refuse("opens", "%v is missing or doubled where the clock changes", c.Opens)
	}
	if c.Closes.ambiguous() {
		refuse("closes", "%v is missing or doubled where the clock changes", c.Closes)
	}
	for i, closure := range c.Closures {
		if closure.From.IsZero() || !closure.From.Before(closure.Until) {
			refuse("closures", "number %d does not end after it begins", i+1)
		}
		if closure.Reason == "" {
			refuse("closures", "number %d gives no reason", i+1)
		}
	}
	return errors.Join(errs...)
}
