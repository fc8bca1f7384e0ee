package sim_test

import (
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"infocig/shared/chat/sim"
)

var (
	seeds = flag.Int("seeds", 1000, "how many `runs`")
	from  = flag.Int("from", 0, "the first `run`")
	steps = flag.Int("steps", 500, "`effects` under load in each")
	seed  = flag.Int("seed", -1, "one `run` only, with its trace")
	stop  = flag.Int("stop", 3, "how many `runs` with violations are enough")
)

const faults = 0.08

// TestMain collects garbage less often: a run leaves much and keeps nothing.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}

// run has the run of a seed.
func run(t *testing.T, n uint64, keep bool) (r sim.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		r, err = sim.Run(sim.Config{Seed: n, Steps: *steps, Faults: faults, Keep: keep})
		if err != nil {
			t.Error(err)
		}
	})
	return r
}

// show prints a run that went wrong, to be read.
func show(t *testing.T, r sim.Report) {
	t.Helper()
	again := run(t, r.Seed, true)
	t.Errorf("seed %d: %v\n  go test ./shared/chat/sim -run TestSim -seed %d shows this:\n%s",
		r.Seed, r.Violations, r.Seed, strings.Join(again.Trace[max(0, len(again.Trace)-60):], "\n"))
}

func TestSim(t *testing.T) {
	if *seeds < 1 || *steps < 1 || *from < 0 {
		t.Fatalf("-seeds %d -steps %d -from %d: want 1 or more of each, and from 0 on", *seeds, *steps, *from)
	}
	if *seed >= 0 {
		r := run(t, uint64(*seed), true)
		t.Logf("%s\n%d steps, %d messages, %d conversations, %d escalations: %v", strings.Join(r.Trace, "\n"), r.Steps, r.Messages, r.Ended, r.Escalated, r.Violations)
		if len(r.Violations) > 0 {
			t.Fail()
		}
		return
	}
	var next, stepsDone, messages, ended, escalated, failed atomic.Int64
	start := time.Now()
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for n := next.Add(1) - 1; n < int64(*seeds) && failed.Load() < int64(*stop); n = next.Add(1) - 1 {
				r := run(t, uint64(int64(*from)+n), false)
				stepsDone.Add(int64(r.Steps))
				messages.Add(int64(r.Messages))
				ended.Add(int64(r.Ended))
				escalated.Add(int64(r.Escalated))
				if len(r.Violations) > 0 {
					failed.Add(1)
					show(t, r)
				}
			}
		})
	}
	wait.Wait()
	t.Logf("%d runs, %d steps, %d messages acknowledged, %d conversations, %d escalations, %d runs with violations, %v",
		min(next.Load(), int64(*seeds)), stepsDone.Load(), messages.Load(), ended.Load(), escalated.Load(), failed.Load(), time.Since(start).Round(time.Second))
	if next.Load() > 100 && (messages.Load() == 0 || escalated.Load() == 0) {
		t.Error("nobody wrote, or nobody escalated: the runs are empty")
	}
}

// TestReplay: a seed is a run.
func TestReplay(t *testing.T) {
	for n := range uint64(50) {
		if a, b := run(t, n, false), run(t, n, false); a.Hash != b.Hash || a.Steps != b.Steps {
			t.Errorf("seed %d: %d steps with hash %x, and %d with %x", n, a.Steps, a.Hash, b.Steps, b.Hash)
		}
	}
}
