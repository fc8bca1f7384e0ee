package hours_test

import (
	"encoding/csv"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2/it"

	"infocig/shared/hours"
)

// keyOf names the Italian names of testdata by our keys.
var keyOf = map[string]hours.Holiday{
	"Capodanno":               hours.NewYear,
	"Epifania":                hours.Epiphany,
	"Pasqua":                  hours.Easter,
	"Lunedì dell'Angelo":      hours.EasterMonday,
	"Festa della Liberazione": hours.Liberation,
	"Festa del lavoro":        hours.Labour,
	"Festa della Repubblica":  hours.Republic,
	"Assunzione di Maria":     hours.Assumption,
	"San Francesco d'Assisi":  hours.SaintFrancis,
	"Ognissanti":              hours.AllSaints,
	"Immacolata Concezione":   hours.ImmaculateConception,
	"Natale":                  hours.Christmas,
	"Santo Stefano":           hours.SaintStephen,
}

func holidaysOfFile(t *testing.T) map[int][]hours.HolidayDate {
	t.Helper()
	f, err := os.Open("testdata/holidays_it_2021_2030.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	years := map[int][]hours.HolidayDate{}
	for _, row := range rows[1:] {
		day, err := time.Parse(time.DateOnly, row[0])
		if err != nil {
			t.Fatal(err)
		}
		key, ok := keyOf[row[1]]
		if !ok {
			t.Fatalf("no key for %q", row[1])
		}
		years[day.Year()] = append(years[day.Year()], hours.HolidayDate{Holiday: key, Month: day.Month(), Day: day.Day()})
	}
	return years
}

func TestHolidaysEqualTheList(t *testing.T) {
	years := holidaysOfFile(t)
	if len(years) != 10 {
		t.Fatalf("the list has %d years, want 10", len(years))
	}
	for year, want := range years {
		if diff := cmp.Diff(want, hours.Holidays(year)); diff != "" {
			t.Errorf("%d (-list +got):\n%s", year, diff)
		}
	}
}

// Another implementation agrees, beyond the years of the list. It knows
// neither Easter Sunday nor L. 151/2025.
func TestHolidaysEqualAnotherLibrary(t *testing.T) {
	for year := 2001; year <= 2200; year++ {
		want := map[string]bool{}
		for _, h := range it.Holidays {
			day, _ := h.Calc(year)
			want[day.Format("01-02")] = true
		}
		got := map[string]bool{}
		for _, h := range hours.Holidays(year) {
			if h.Holiday != hours.Easter && h.Holiday != hours.SaintFrancis {
				got[time.Date(year, h.Month, h.Day, 0, 0, 0, 0, time.UTC).Format("01-02")] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d (-library +got):\n%s", year, diff)
		}
	}
}

func TestSaintFrancisIsAHolidayFrom2026(t *testing.T) {
	for year, want := range map[int]bool{2025: false, 2026: true, 2100: true} {
		if _, got := hours.HolidayOn(year, time.October, 4); got != want {
			t.Errorf("4 October %d: holiday %t, want %t", year, got, want)
		}
	}
}
