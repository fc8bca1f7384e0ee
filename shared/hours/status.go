package hours

import (
	"slices"
	"time"
)

// A Reason is why the desk is open or closed.
type Reason string

// Where several reasons to be closed hold, the first of closure, holiday and
// hours is given: the most particular one.
const (
	InHours      Reason = "in_hours"
	OutsideHours Reason = "outside_hours"
	OnHoliday    Reason = "holiday"
	OnClosure    Reason = "closure"
)

// Status is the answer to "is the desk open?" together with its grounds.
type Status struct {
	Open   bool
	Reason Reason
	Name   string    // key of the [Holiday], or the reason of the closure; else empty
	Until  time.Time // first instant after t when Open changes; zero if not within a year
	Opens  time.Time // next instant after t when the desk opens; zero if not within a year
}

// At reports the status of the desk at t.
//
// While the desk is closed, Until and Opens are the same instant. While it is
// open, Until is its closing and Opens the opening after that one (found
// within a year of the closing): where to come back to when there is no room
// any more.
func (c Calendar) At(t time.Time) Status {
	s := c.Is(t)
	s.Until = c.change(t, s.Open)
	s.Opens = s.Until
	if s.Open && !s.Until.IsZero() {
		s.Opens = c.change(s.Until, false)
	}
	return s
}

// NextOpening is the next instant after t when the desk opens, or zero if
// there is none within a year.
func (c Calendar) NextOpening(t time.Time) time.Time { return c.At(t).Opens }

// Is is At without the instants, which are most of its work.
func (c Calendar) Is(t time.Time) Status {
	for _, closure := range c.Closures {
		if !t.Before(closure.From) && t.Before(closure.Until) {
			return Status{Reason: OnClosure, Name: closure.Reason}
		}
	}
	wall := t.In(Rome())
	if c.Holidays {
		if h, ok := HolidayOn(wall.Date()); ok {
			return Status{Reason: OnHoliday, Name: string(h)}
		}
	}
	now := Clock(wall.Hour(), wall.Minute())
	if !c.Days.Has(wall.Weekday()) || now < c.Opens || now >= c.Closes {
		return Status{Reason: OutsideHours}
	}
	return Status{Open: true, Reason: InHours}
}

// change is the first instant after t when the desk is no longer what it was.
func (c Calendar) change(t time.Time, open bool) time.Time {
	limit := t.AddDate(1, 0, 0)
	y, m, d := t.In(Rome()).Date()
	for i := 0; ; i++ {
		for _, edge := range c.edges(y, m, d+i) {
			if edge.After(limit) {
				return time.Time{}
			}
			if edge.After(t) && c.Is(edge).Open != open {
				return edge
			}
		}
	}
}

// edges are the instants of a day at which the desk may open or close, in
// order. Between two edges it does neither.
func (c Calendar) edges(year int, month time.Month, day int) []time.Time {
	at := func(c TimeOfDay) time.Time {
		return time.Date(year, month, day, 0, int(c), 0, 0, Rome())
	}
	start, end := at(0), at(endOfDay)
	edges := []time.Time{at(c.Opens), at(c.Closes)}
	for _, closure := range c.Closures {
		for _, edge := range []time.Time{closure.From, closure.Until} {
			if !edge.Before(start) && edge.Before(end) {
				edges = append(edges, edge.In(Rome()))
			}
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	return edges
}
