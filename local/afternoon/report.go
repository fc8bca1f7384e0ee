package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/hours"
)

// A Report is what a day came to.
type Report struct {
	Day        Day     `json:"day"`
	Came       int     `json:"came"`
	Admitted   int     `json:"admitted"`
	Full       int     `json:"full"` // told that it is full for today
	FullSince  string  `json:"full_since,omitempty"`
	Served     int     `json:"served"`
	Left       int     `json:"left"`
	Unserved   int     `json:"unserved"` // admitted, and the desk closed first: the goal is 0
	MedianWait int     `json:"median_wait_s"`
	P90Wait    int     `json:"p90_wait_s"`
	Longest    int     `json:"longest_wait_s"`
	Promised   int     `json:"promised"`     // a range of the wait, to those served
	Kept       float64 `json:"kept_percent"` // of the promised; the goal is 80
	Sooner     int     `json:"sooner"`
	Later      int     `json:"later"`
	FirstSlots float64 `json:"first_slots_s"` // from the opening until the free slots were filled, or whoever came by its first second had one
	OrderP99   int     `json:"order_error_p99"`
	OrderMost  int     `json:"order_error_most"`

	Units       Units   `json:"units"`
	Dollars     float64 `json:"dollars"` // of DynamoDB
	PeakCounter float64 `json:"peak_counter_writes_per_s"`
	PeakShard   float64 `json:"peak_shard_reads_per_s"`

	minutes []minute
}

// A minute of the day, for the charts.
type minute struct {
	at                       time.Duration // after the opening
	waiting, served, refused int
	waits                    []time.Duration // of those who came then and were served
	low, high                []int           // promises to them, in seconds
}

// Prices of a unit on demand: docs/design.md, "Prices".
const (
	perWrite = 0.625 / 1e6
	perRead  = 0.125 / 1e6
)

func (w *world) report() Report {
	r := Report{
		Day: w.day, Came: len(w.visits), Units: w.store.units,
		PeakCounter: peak(w.store.writes, "counter "), PeakShard: peak(w.store.reads, "counter "),
	}
	r.Dollars = r.Units.Writes*perWrite + r.Units.Reads*perRead
	r.minutes = make([]minute, int((closing.Sub(opening)+rest)/time.Minute)+1)
	for i := range r.minutes {
		r.minutes[i].at = time.Duration(i) * time.Minute
	}
	of := func(t time.Time) *minute {
		return &r.minutes[max(0, min(len(r.minutes)-1, int(t.Sub(opening)/time.Minute)))]
	}
	var waits []time.Duration
	for _, v := range w.visits {
		if v.refused != "" {
			r.refuse(v, of(v.came))
			continue
		}
		r.Admitted++
		begun, served := w.begun[v.id]
		end := begun
		switch {
		case served:
			wait := begun.Sub(v.came)
			waits = append(waits, wait)
			r.grade(v.promise, wait)
			of(begun).served++
			m := of(v.came)
			m.waits, m.low, m.high = append(m.waits, wait), append(m.low, v.promise.Low), append(m.high, v.promise.High)
		case !v.left.IsZero():
			r.Left++
			end = v.left
		default:
			r.Unserved++
			end = closing.Add(w.desk.Times.Grace)
		}
		for i := range r.minutes {
			if at := opening.Add(r.minutes[i].at); !at.Before(v.came) && at.Before(end) {
				r.minutes[i].waiting++
			}
		}
	}
	r.Served = len(waits)
	slices.Sort(waits)
	if n := len(waits); n > 0 {
		r.MedianWait, r.P90Wait, r.Longest = int(waits[n/2].Seconds()), int(waits[n*9/10].Seconds()), int(waits[n-1].Seconds())
		r.Kept = 100 * float64(r.Promised-r.Sooner-r.Later) / float64(max(1, r.Promised))
	}
	r.order(w)
	return r
}

func (r *Report) refuse(v *visit, m *minute) {
	r.Full++
	m.refused++
	if at := v.came.In(hours.Rome()).Format("15:04"); r.FullSince == "" || at < r.FullSince {
		r.FullSince = at
	}
}

func (r *Report) grade(p queue.Promise, wait time.Duration) {
	switch p.Against(wait) {
	case queue.Unpromised:
		return
	case queue.Sooner:
		r.Sooner++
	case queue.Later:
		r.Later++
	}
	r.Promised++
}

// order compares the order in which tickets were taken with that in which they were
// called, among those who were served.
func (r *Report) order(w *world) {
	var calls []int // of those served, by ticket
	for _, id := range w.store.takes {
		if _, ok := w.begun[id]; ok {
			calls = append(calls, w.store.calls[id])
		}
	}
	sorted := slices.Sorted(slices.Values(calls))
	var errs []int
	for i, c := range calls {
		n, _ := slices.BinarySearch(sorted, c)
		errs = append(errs, max(n-i, i-n))
	}
	slices.Sort(errs)
	if n := len(errs); n > 0 {
		r.OrderP99, r.OrderMost = errs[n*99/100], errs[n-1]
	}
	var begun []time.Time // with those who can have a slot at once
	for _, v := range w.visits {
		if at, served := w.begun[v.id]; served && v.came.Before(opening.Add(time.Second)) {
			begun = append(begun, at)
		}
	}
	slices.SortFunc(begun, time.Time.Compare)
	if n := min(len(begun), w.day.Advisors*w.day.Capacity); n > 0 {
		r.FirstSlots = begun[n-1].Sub(opening).Seconds()
	}
}

// Print prints the figures.
func (r Report) Print(out io.Writer) {
	d := r.Day
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) } // to a terminal
	p("%s: %d people, %.0f%% of them before the opening and %.0f%% at the bell; %d advisors with %d conversations each, a turn of %.0f minutes", d.Name, d.People, 100*d.Early, 100*d.Bell, d.Advisors, d.Capacity, d.Turn.Minutes())
	p("  admitted   %6d   told that it is full %d%s", r.Admitted, r.Full, since(r.FullSince))
	p("  served     %6d   left by themselves %d, unserved at closing %d (goal 0)", r.Served, r.Left, r.Unserved)
	p("  waits      median %s, nine in ten within %s, longest %s", clock(r.MedianWait), clock(r.P90Wait), clock(r.Longest))
	if r.Promised > 0 {
		p("  ranges     %.1f%% of %d kept (goal 80), %d served sooner, %d later", r.Kept, r.Promised, r.Sooner, r.Later)
	} else {
		p("  ranges     nobody was served who had been told one")
	}
	p("  fairness   order of service against tickets: p99 %d places, most %d", r.OrderP99, r.OrderMost)
	p("  bell       the free slots were filled, or nobody waited, after %.2f s", r.FirstSlots)
	p("  DynamoDB   %.0f write units, %.0f read units, $%.2f; %d throttled", r.Units.Writes, r.Units.Reads, r.Dollars, r.Units.Throttled)
	p("  busiest    a counter: %.0f writes/s (limit %d), a shard: %.0f reads/s (limit %d); %d shards", r.PeakCounter, mostWrites, r.PeakShard, mostReads, d.Shards)
}

func since(at string) string {
	if at == "" {
		return ""
	}
	return ", the first at " + at
}

// clock writes seconds as minutes and seconds.
func clock(s int) string { return fmt.Sprintf("%d:%02d", s/60, s%60) }
