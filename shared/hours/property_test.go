package hours_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/hours"
)

// In every minute of the days around both clock changes of several years, the
// desk is open if and only if the clock on the wall says so, and Until is the
// first minute that says otherwise.
func TestEveryMinuteAroundTheClockChanges(t *testing.T) {
	c := calendar(t)
	list := holidaysOfFile(t)
	open := func(at time.Time) bool {
		wall := at.In(hours.Rome())
		for _, h := range list[wall.Year()] {
			if h.Month == wall.Month() && h.Day == wall.Day() {
				return false
			}
		}
		weekday := wall.Weekday() >= time.Monday && wall.Weekday() <= time.Friday
		return weekday && wall.Hour() >= 15 && wall.Hour() < 18
	}
	for year := 2023; year <= 2026; year++ {
		for _, month := range []time.Month{time.March, time.October} {
			sunday := lastSunday(year, month)
			from, to := sunday.AddDate(0, 0, -2), sunday.AddDate(0, 0, 2)
			var since time.Time // when the current state was first seen
			for at := from; at.Before(to); at = at.Add(time.Minute) {
				s := c.At(at)
				if s.Open != open(at) {
					t.Fatalf("%v: open %t, the wall says %t", at.In(hours.Rome()), s.Open, open(at))
				}
				if at.Equal(from) || open(at) != open(at.Add(-time.Minute)) {
					if !since.IsZero() && !c.At(since).Until.Equal(at) {
						t.Fatalf("Until at %v is %v, want %v", since, c.At(since).Until, at)
					}
					since = at
				}
			}
		}
	}
}

// A desk that is open across the change itself is open for an hour less in
// spring, and an hour more in autumn.
func TestOpenAcrossTheChange(t *testing.T) {
	c, err := hours.New(hours.Days{time.Sunday}, hours.Clock(1, 0), hours.Clock(4, 0), false)
	if err != nil {
		t.Fatal(err)
	}
	for year := 2021; year <= 2030; year++ {
		for month, want := range map[time.Month]time.Duration{time.March: 2 * time.Hour, time.June: 3 * time.Hour, time.October: 4 * time.Hour} {
			opens := c.NextOpening(lastSunday(year, month).AddDate(0, 0, -1))
			s := c.At(opens)
			if got := s.Until.Sub(opens); !s.Open || got != want {
				t.Errorf("%v %d: open for %v, want %v", month, year, got, want)
			}
			for at := opens; at.Before(s.Until); at = at.Add(time.Minute) {
				if !c.At(at).Open {
					t.Fatalf("closed at %v, in the middle of the opening", at)
				}
			}
		}
	}
}

func TestUntilIsTheFirstChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawInstant(t)
		c := drawCalendar(t, at)
		s := c.At(at)
		if !s.Until.After(at) || c.At(s.Until).Open == s.Open || c.At(s.Until.Add(-1)).Open != s.Open {
			t.Fatalf("Until %v of %v is not a change", s.Until, at)
		}
		for x := at; x.Before(s.Until); x = x.Add(17 * time.Minute) {
			if c.At(x).Open != s.Open {
				t.Fatalf("Open has changed at %v, before %v", x, s.Until)
			}
		}
	})
}

func TestOpensIsTheNextOpening(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawInstant(t)
		c := drawCalendar(t, at)
		s := c.At(at)
		if !s.Opens.After(at) || !c.At(s.Opens).Open || c.At(s.Opens.Add(-1)).Open {
			t.Fatalf("at %v nothing opens at %v", at, s.Opens)
		}
		if s.Open && !s.Opens.After(s.Until) || !s.Open && !s.Opens.Equal(s.Until) {
			t.Fatalf("open %t, until %v, opens %v", s.Open, s.Until, s.Opens)
		}
		if s.Open && !c.NextOpening(s.Until).Equal(s.Opens) {
			t.Fatalf("the opening after the closing %v is not %v", s.Until, s.Opens)
		}
	})
}

// Open holds exactly for the days and hours of the calendar, minus holidays,
// minus closures; and the reason says which of them it was.
func TestOpenInClosedForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawInstant(t)
		c := drawCalendar(t, at)
		wall := at.In(hours.Rome())
		minute := hours.TimeOfDay(wall.Hour()*60 + wall.Minute())
		want := hours.OutsideHours
		if c.Days.Has(wall.Weekday()) && c.Opens <= minute && minute < c.Closes {
			want = hours.InHours
		}
		if _, ok := hours.HolidayOn(wall.Date()); ok && c.Holidays {
			want = hours.OnHoliday
		}
		for _, closure := range c.Closures {
			if !closure.From.After(at) && closure.Until.After(at) {
				want = hours.OnClosure
			}
		}
		s := c.At(at)
		if s.Reason != want || s.Open != (want == hours.InHours) {
			t.Fatalf("at %v: %+v, want reason %v", at, s, want)
		}
	})
}

func lastSunday(year int, month time.Month) time.Time {
	day := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
	return day.AddDate(0, 0, -int(day.Weekday()))
}

func drawInstant(t *rapid.T) time.Time {
	from := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	to := time.Date(2030, 12, 1, 0, 0, 0, 0, time.UTC).Unix()
	return time.Unix(rapid.Int64Range(from, to).Draw(t, "at"), 0)
}

// drawCalendar draws a calendar that opens at least once a week, with closures
// of up to a month around at.
func drawCalendar(t *rapid.T, at time.Time) hours.Calendar {
	days := rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 6, rapid.ID).Draw(t, "days")
	hour := rapid.SampledFrom([]int{0, 1, 3, 4, 8, 9, 15, 18, 22, 24})
	opens, closes := hour.Draw(t, "opens"), hour.Draw(t, "closes")
	if opens > closes {
		opens, closes = closes, opens
	} else if opens == closes {
		opens, closes = 15, 18
	}
	var closures []hours.Closure
	for range rapid.IntRange(0, 3).Draw(t, "closures") {
		from := at.Add(time.Duration(rapid.IntRange(-20*24*60, 10*24*60).Draw(t, "from")) * time.Minute)
		length := rapid.IntRange(1, 30*24*60).Draw(t, "minutes")
		closures = append(closures, hours.Closure{From: from, Until: from.Add(time.Duration(length) * time.Minute), Reason: "prova"})
	}
	c, err := hours.New(days, hours.Clock(opens, 0), hours.Clock(closes, 0), rapid.Bool().Draw(t, "holidays"), closures...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
