package main

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestMain collects garbage less often: a day leaves much and keeps little.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// played plays a day and returns its figures.
func played(t *testing.T, d Day) (r Report) {
	t.Helper()
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		w, err := play(d)
		if err != nil {
			t.Fatal(err)
		}
		r = w.report()
	})
	var out strings.Builder
	r.Print(&out)
	t.Logf("%splayed in %v", out.String(), time.Since(began).Round(10*time.Millisecond))
	if r.Units.Throttled > 0 {
		t.Errorf("%d requests were throttled", r.Units.Throttled)
	}
	if r.Unserved > 0 {
		t.Errorf("%d were admitted and not served", r.Unserved)
	}
	if r.Served+r.Left+r.Full != r.Came {
		t.Errorf("%d came, but %d were served, %d left, %d were told that it is full", r.Came, r.Served, r.Left, r.Full)
	}
	return r
}

// TestDays: who is admitted is served, and what people are told is right four times in
// five, also on days on which more come than can be served.
func TestDays(t *testing.T) {
	for _, d := range days {
		t.Run(d.Name, func(t *testing.T) {
			r := played(t, d)
			if r.Kept < 80 {
				t.Errorf("%.1f%% of the ranges were kept", r.Kept)
			}
			if d.Name != "peak" && (r.Full == 0 || r.FullSince == "") {
				t.Error("nobody was told that it is full: this is no overload")
			}
			if d.Shards == 1 && r.OrderMost > 0 || r.OrderP99 > 50 {
				t.Errorf("order of service: p99 %d, most %d places", r.OrderP99, r.OrderMost)
			}
		})
	}
}

// TestOverloads: other days of the same kind.
func TestOverloads(t *testing.T) {
	d, _ := dayNamed("overload")
	promised, broken := 0, 0
	for seed := range uint64(10) {
		d.Seed = 100 + seed
		d.People = 300 + 100*int(seed)
		d.Bell = float64(seed%5) / 5
		r := played(t, d)
		promised, broken = promised+r.Promised, broken+r.Sooner+r.Later
	}
	if kept := 100 - 100*broken/promised; kept < 80 {
		t.Errorf("%d%% of %d ranges were kept", kept, promised)
	}
}

// TestBell: 50,000 people in a minute, on a store that takes 1,000 writes a second of
// an item. Turns are short, so that all of them can be served.
func TestBell(t *testing.T) {
	r := played(t, Day{Name: "bell", People: 50_000, Bell: 1, Advisors: 500, Capacity: 3, Turn: 2 * time.Minute, Shards: 8, Looks: 1, Seed: 7})
	if r.Admitted != r.Came || r.Served != r.Came {
		t.Errorf("%d came, %d were admitted, %d served", r.Came, r.Admitted, r.Served)
	}
	if r.OrderP99 > 50 {
		t.Errorf("order of service: p99 %d places", r.OrderP99)
	}
	if r.FirstSlots >= 2 {
		t.Errorf("the free slots were filled after %.2f s", r.FirstSlots)
	}
}

// TestEarly: more people than there are slots come before the opening, so that one caller, the
// sweep that waits for the opening, fills all slots.
func TestEarly(t *testing.T) {
	r := played(t, Day{Name: "early", People: 2_000, Early: 1, Advisors: 500, Capacity: 3, Turn: 2 * time.Minute, Shards: 8, Looks: 6, Seed: 3})
	if r.FirstSlots <= 0 || r.FirstSlots >= 1.75 { // 1.99 with 48 of the line at once, 3.79 without that sweep
		t.Errorf("the free slots were filled after %.2f s", r.FirstSlots)
	}
}

// TestThreeHundred people come within a second: one shard, and the order is exact.
func TestThreeHundred(t *testing.T) {
	d := Day{Name: "three hundred", People: 300, Bell: 1, Within: time.Second, Advisors: 4, Capacity: 3, Turn: 2 * time.Minute, Shards: 1, Looks: 6, Seed: 3}
	r := played(t, d)
	if r.OrderMost > 0 || r.Served != 300 {
		t.Errorf("%d served, the order is off by %d", r.Served, r.OrderMost)
	}
}
