package hours

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Days are days of the week. In JSON they are ["MON", "TUE"].
type Days []time.Weekday

var dayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// MondayToFriday are the days of INPS messages 4497/2022 and 520/2023.
func MondayToFriday() Days {
	return Days{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
}

// Has reports whether day is one of d.
func (d Days) Has(day time.Weekday) bool { return slices.Contains(d, day) }

// MarshalJSON writes the days by name. It refuses a day that is not of the week.
func (d Days) MarshalJSON() ([]byte, error) {
	names := make([]string, 0, len(d))
	for _, day := range d {
		if day < time.Sunday || day > time.Saturday {
			return nil, fmt.Errorf("hours: no weekday has number %d", day)
		}
		names = append(names, dayNames[day])
	}
	return json.Marshal(names)
}

// UnmarshalJSON reads days by name. It refuses unknown names.
func (d *Days) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return fmt.Errorf("hours: days: %w", err)
	}
	read := make(Days, 0, len(names))
	for _, name := range names {
		i := slices.Index(dayNames, name)
		if i < 0 {
			return fmt.Errorf("hours: days: unknown day %q", name)
		}
		read = append(read, time.Weekday(i))
	}
	*d = read
	return nil
}
