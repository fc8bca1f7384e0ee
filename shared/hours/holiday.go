package hours

import (
	"slices"
	"time"
)

// A Holiday is a national public holiday. The constant is the stable key of
// its name in the catalogue ("holiday.easter_monday"): never rename one.
type Holiday string

// The national holidays: L. 260/1949 with L. 54/1977, D.P.R. 792/1985 (6
// January), L. 336/2000 (2 June) and L. 151/2025 (4 October). Holidays of one
// municipality or province, such as patron saints and Whit Monday in Bolzano,
// are not national: an operator enters them as closures.
const (
	NewYear              Holiday = "new_year"              // 1 January
	Epiphany             Holiday = "epiphany"              // 6 January
	Easter               Holiday = "easter"                // a Sunday
	EasterMonday         Holiday = "easter_monday"         // the day after Easter
	Liberation           Holiday = "liberation"            // 25 April
	Labour               Holiday = "labour"                // 1 May
	Republic             Holiday = "republic"              // 2 June
	Assumption           Holiday = "assumption"            // 15 August
	SaintFrancis         Holiday = "saint_francis"         // 4 October, from 2026
	AllSaints            Holiday = "all_saints"            // 1 November
	ImmaculateConception Holiday = "immaculate_conception" // 8 December
	Christmas            Holiday = "christmas"             // 25 December
	SaintStephen         Holiday = "saint_stephen"         // 26 December
)

// A HolidayDate is a holiday on its day of one year.
type HolidayDate struct {
	Holiday Holiday
	Month   time.Month
	Day     int
}

// saintFrancisSince is the first year of L. 151/2025.
const saintFrancisSince = 2026

// Holidays are the national holidays of a year, in order of date: right for
// 2001 and later. A day may hold two of them (25 April 2038 is Easter too).
func Holidays(year int) []HolidayDate {
	easter := easterSunday(year)
	monday := easter.AddDate(0, 0, 1)
	list := []HolidayDate{
		{NewYear, time.January, 1},
		{Epiphany, time.January, 6},
		{Easter, easter.Month(), easter.Day()},
		{EasterMonday, monday.Month(), monday.Day()},
		{Liberation, time.April, 25},
		{Labour, time.May, 1},
		{Republic, time.June, 2},
		{Assumption, time.August, 15},
		{AllSaints, time.November, 1},
		{ImmaculateConception, time.December, 8},
		{Christmas, time.December, 25},
		{SaintStephen, time.December, 26},
	}
	if year >= saintFrancisSince {
		list = append(list, HolidayDate{SaintFrancis, time.October, 4})
	}
	slices.SortStableFunc(list, func(a, b HolidayDate) int {
		return (int(a.Month)*100 + a.Day) - (int(b.Month)*100 + b.Day)
	})
	return list
}

// HolidayOn is the national holiday of a day, if it has one.
func HolidayOn(year int, month time.Month, day int) (Holiday, bool) {
	for _, h := range Holidays(year) {
		if h.Month == month && h.Day == day {
			return h.Holiday, true
		}
	}
	return "", false
}

// easterSunday is the Gregorian Easter of a year, by the algorithm of Meeus,
// Jones and Butcher (J. Meeus, Astronomical Algorithms, chapter 8).
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
