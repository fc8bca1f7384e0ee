package rollout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"infocig/shared/hours"
)

// A Date is a day in Italy, in the form "2022-12-15", so that dates compare as strings do.
// [Unknown] is a date that no source states; it is null in JSON.
type Date string

// Unknown is the date that no source states.
const Unknown Date = ""

// ParseDate reads a known date.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return Unknown, fmt.Errorf("rollout: %q is not a date of the form 2022-12-15", s)
	}
	return Date(s), nil
}

// Known reports whether a source states the date.
func (d Date) Known() bool { return d != Unknown }

// Start returns 00:00 of the date in Europe/Rome: phases start and announcements are public
// from then on. It returns the zero time if the date is unknown.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), hours.Rome())
	if err != nil {
		return time.Time{}
	}
	return t
}

// MarshalJSON writes the date, or null if it is unknown.
func (d Date) MarshalJSON() ([]byte, error) {
	if !d.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

// UnmarshalJSON reads a date, or null for [Unknown]. It refuses "".
func (d *Date) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*d = Unknown
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	read, err := ParseDate(s)
	if err != nil {
		return err
	}
	*d = read
	return nil
}
