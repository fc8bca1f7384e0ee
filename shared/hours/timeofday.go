package hours

import "fmt"

// A TimeOfDay is a reading of the wall clock, in minutes after midnight. As
// text it is "15:00"; "24:00" is the end of the day.
type TimeOfDay int

const endOfDay = TimeOfDay(24 * 60)

// Clock is the time of day hour:minute. It does not check its arguments; [New] does.
func Clock(hour, minute int) TimeOfDay { return TimeOfDay(hour*60 + minute) }

// String is the time as "15:00".
func (c TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes the time as "15:00".
func (c TimeOfDay) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads exactly the form "15:00", from "00:00" to "24:00".
func (c *TimeOfDay) UnmarshalText(text []byte) error {
	digit := func(i int) int { return int(text[i]) - '0' }
	if len(text) != 5 || text[2] != ':' {
		return fmt.Errorf("hours: time of day %q is not of the form 15:00", text)
	}
	for _, i := range []int{0, 1, 3, 4} {
		if digit(i) < 0 || digit(i) > 9 {
			return fmt.Errorf("hours: time of day %q is not of the form 15:00", text)
		}
	}
	minute := digit(3)*10 + digit(4)
	read := Clock(digit(0)*10+digit(1), minute)
	if minute > 59 || read > endOfDay {
		return fmt.Errorf("hours: time of day %q is not on the clock", text)
	}
	*c = read
	return nil
}

// ambiguous reports whether the time does not exist on one Sunday of March and
// exists twice on one Sunday of October: the Italian clock changes there.
func (c TimeOfDay) ambiguous() bool { return c >= Clock(2, 0) && c < Clock(3, 0) }
