package hours_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/hours"
)

// rome is an instant by the clock in Italy, as "2022-12-15 15:00:00".
func rome(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateTime, s, hours.Rome())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func calendar(t testing.TB, closures ...hours.Closure) hours.Calendar {
	t.Helper()
	c, err := hours.New(hours.MondayToFriday(), hours.Clock(15, 0), hours.Clock(18, 0), true, closures...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAt(t *testing.T) {
	strike := hours.Closure{
		From:   rome(t, "2023-03-08 00:00:00"),
		Until:  rome(t, "2023-03-09 00:00:00"),
		Reason: "sciopero",
	}
	works := hours.Closure{
		From:   rome(t, "2023-03-10 16:00:00"),
		Until:  rome(t, "2023-03-10 17:00:00"),
		Reason: "manutenzione",
	}
	type want struct {
		open   bool
		reason hours.Reason
		name   string
		until  string
		opens  string
	}
	tests := map[string]struct {
		at       string
		closures []hours.Closure
		want
	}{
		"opens at 15:00:00":                 {"2022-12-15 15:00:00", nil, want{true, hours.InHours, "", "2022-12-15 18:00:00", "2022-12-16 15:00:00"}},
		"still closed at 14:59:59":          {"2022-12-15 14:59:59", nil, want{false, hours.OutsideHours, "", "2022-12-15 15:00:00", "2022-12-15 15:00:00"}},
		"open at 17:59:59":                  {"2022-12-15 17:59:59", nil, want{true, hours.InHours, "", "2022-12-15 18:00:00", "2022-12-16 15:00:00"}},
		"closed at 18:00:00":                {"2022-12-15 18:00:00", nil, want{false, hours.OutsideHours, "", "2022-12-16 15:00:00", "2022-12-16 15:00:00"}},
		"long Christmas weekend":            {"2022-12-23 18:00:00", nil, want{false, hours.OutsideHours, "", "2022-12-27 15:00:00", "2022-12-27 15:00:00"}},
		"Saturday":                          {"2023-02-11 16:00:00", nil, want{false, hours.OutsideHours, "", "2023-02-13 15:00:00", "2023-02-13 15:00:00"}},
		"Easter Monday":                     {"2023-04-10 16:00:00", nil, want{false, hours.OnHoliday, "easter_monday", "2023-04-11 15:00:00", "2023-04-11 15:00:00"}},
		"25 April":                          {"2023-04-25 16:00:00", nil, want{false, hours.OnHoliday, "liberation", "2023-04-26 15:00:00", "2023-04-26 15:00:00"}},
		"1 May":                             {"2023-05-01 16:00:00", nil, want{false, hours.OnHoliday, "labour", "2023-05-02 15:00:00", "2023-05-02 15:00:00"}},
		"2 June, a Friday":                  {"2023-06-02 16:00:00", nil, want{false, hours.OnHoliday, "republic", "2023-06-05 15:00:00", "2023-06-05 15:00:00"}},
		"a holiday closes the whole day":    {"2023-06-02 09:00:00", nil, want{false, hours.OnHoliday, "republic", "2023-06-05 15:00:00", "2023-06-05 15:00:00"}},
		"San Francesco 2027, a Monday":      {"2027-10-04 16:00:00", nil, want{false, hours.OnHoliday, "saint_francis", "2027-10-05 15:00:00", "2027-10-05 15:00:00"}},
		"4 October 2023 is no holiday yet":  {"2023-10-04 16:00:00", nil, want{true, hours.InHours, "", "2023-10-04 18:00:00", "2023-10-05 15:00:00"}},
		"closure of a day":                  {"2023-03-08 16:00:00", []hours.Closure{strike}, want{false, hours.OnClosure, "sciopero", "2023-03-09 15:00:00", "2023-03-09 15:00:00"}},
		"closure begins at its first":       {"2023-03-08 00:00:00", []hours.Closure{strike}, want{false, hours.OnClosure, "sciopero", "2023-03-09 15:00:00", "2023-03-09 15:00:00"}},
		"closure is over at its end":        {"2023-03-09 00:00:00", []hours.Closure{strike}, want{false, hours.OutsideHours, "", "2023-03-09 15:00:00", "2023-03-09 15:00:00"}},
		"open until a closure":              {"2023-03-10 15:30:00", []hours.Closure{strike, works}, want{true, hours.InHours, "", "2023-03-10 16:00:00", "2023-03-10 17:00:00"}},
		"in a closure of an hour":           {"2023-03-10 16:59:59", []hours.Closure{works}, want{false, hours.OnClosure, "manutenzione", "2023-03-10 17:00:00", "2023-03-10 17:00:00"}},
		"open again after it":               {"2023-03-10 17:00:00", []hours.Closure{works}, want{true, hours.InHours, "", "2023-03-10 18:00:00", "2023-03-13 15:00:00"}},
		"before it the day is as usual":     {"2023-03-10 14:00:00", []hours.Closure{works}, want{false, hours.OutsideHours, "", "2023-03-10 15:00:00", "2023-03-10 15:00:00"}},
		"Friday before the spring change":   {"2023-03-24 18:00:00", nil, want{false, hours.OutsideHours, "", "2023-03-27 15:00:00", "2023-03-27 15:00:00"}},
		"Sunday of the autumn change":       {"2023-10-29 02:30:00", nil, want{false, hours.OutsideHours, "", "2023-10-30 15:00:00", "2023-10-30 15:00:00"}},
		"a closure on a holiday is told":    {"2023-04-25 16:00:00", []hours.Closure{{From: rome(t, "2023-04-24 00:00:00"), Until: rome(t, "2023-04-27 00:00:00"), Reason: "trasloco"}}, want{false, hours.OnClosure, "trasloco", "2023-04-27 15:00:00", "2023-04-27 15:00:00"}},
		"closed for two years: none in one": {"2023-04-26 16:00:00", []hours.Closure{{From: rome(t, "2023-04-24 00:00:00"), Until: rome(t, "2025-04-24 00:00:00"), Reason: "fine servizio"}}, want{false, hours.OnClosure, "fine servizio", "", ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := calendar(t, tt.closures...)
			want := hours.Status{
				Open:   tt.open,
				Reason: tt.reason,
				Name:   tt.name,
				Until:  rome(t, tt.until),
				Opens:  rome(t, tt.opens),
			}
			at := rome(t, tt.at)
			if diff := cmp.Diff(want, c.At(at)); diff != "" {
				t.Errorf("At (-want +got):\n%s", diff)
			}
			if got := c.NextOpening(at); !got.Equal(want.Opens) {
				t.Errorf("NextOpening = %v, want %v", got, want.Opens)
			}
			if diff := cmp.Diff(want, c.At(at.UTC())); diff != "" {
				t.Errorf("At depends on the zone of its argument (-want +got):\n%s", diff)
			}
		})
	}
}

// 15:00 in Italy is 14:00Z on 24 March 2023 and 13:00Z on 27 March: the clock
// change lies between.
func TestOpeningMovesWithTheClockChange(t *testing.T) {
	c := calendar(t)
	friday := time.Date(2023, time.March, 24, 14, 0, 0, 0, time.UTC)
	monday := time.Date(2023, time.March, 27, 13, 0, 0, 0, time.UTC)
	for _, opening := range []time.Time{friday, monday} {
		if got := c.NextOpening(opening.Add(-time.Nanosecond)); !got.Equal(opening) {
			t.Errorf("opens at %v, want %v", got.UTC(), opening)
		}
		if !c.At(opening).Open || c.At(opening.Add(-time.Nanosecond)).Open {
			t.Errorf("%v is not the first open instant", opening)
		}
	}
}

func TestHolidaysCanBeSwitchedOff(t *testing.T) {
	c := calendar(t)
	c.Holidays = false
	if !c.At(rome(t, "2023-04-10 16:00:00")).Open {
		t.Error("Easter Monday is closed although holidays are off")
	}
}

func TestAlwaysOpenNeverChanges(t *testing.T) {
	all := hours.Days{0, 1, 2, 3, 4, 5, 6}
	c, err := hours.New(all, hours.Clock(0, 0), hours.Clock(24, 0), false)
	if err != nil {
		t.Fatal(err)
	}
	want := hours.Status{Open: true, Reason: hours.InHours}
	if diff := cmp.Diff(want, c.At(rome(t, "2023-03-24 12:00:00"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestZeroCalendarIsNeverOpen(t *testing.T) {
	want := hours.Status{Reason: hours.OutsideHours}
	if diff := cmp.Diff(want, hours.Calendar{}.At(rome(t, "2023-03-24 12:00:00"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
