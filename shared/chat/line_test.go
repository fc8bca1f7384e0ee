package chat_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/chat/queue"
)

func TestAhead(t *testing.T) {
	tk := func(n int) queue.Ticket { return queue.Ticket{Topic: queue.WorkerCase, N: n} }
	sharded := func(place int) queue.Ticket {
		return queue.Ticket{Topic: queue.WorkerCase, Shard: 1, N: 5, Place: place}
	}
	nine := queue.Shard{Taken: 9, Called: 4}
	one := func(s queue.Shard) queue.Line { return queue.Line{Shards: []queue.Shard{s}} }
	counted := func(s queue.Shard) queue.Line { // a quarter has left
		return queue.Line{Shards: []queue.Shard{s}, Figures: queue.Figures{Total: 900, Called: 100, Waiting: 600}}
	}
	two := func(s queue.Shard) queue.Line { return queue.Line{Shards: []queue.Shard{nine, s}} }
	for name, test := range map[string]struct {
		line     queue.Line
		of       queue.Ticket
		returned bool
		want     int
	}{
		"the first":                             {line: one(queue.Shard{Taken: 1}), of: tk(1), want: 0},
		"the next to be called":                 {line: one(nine), of: tk(5), want: 0},
		"the last of nine":                      {line: one(nine), of: tk(9), want: 4},
		"who has left is not counted":           {line: one(queue.Shard{Taken: 9, Called: 4, Gone: []int{6, 7}}), of: tk(9), want: 2},
		"nor who left behind":                   {line: one(queue.Shard{Taken: 9, Called: 4, Gone: []int{8, 9}}), of: tk(7), want: 2},
		"nor who left before being called":      {line: one(queue.Shard{Taken: 9, Called: 4, Gone: []int{2, 3, 6}}), of: tk(9), want: 3},
		"those at the front are before":         {line: queue.Line{Shards: []queue.Shard{nine}, Returned: []queue.Ticket{tk(1), tk(3)}}, of: tk(6), want: 3},
		"at the front, by ticket":               {line: queue.Line{Shards: []queue.Shard{nine}, Returned: []queue.Ticket{tk(1), tk(3)}}, of: tk(3), returned: true, want: 1},
		"at the front, not yet in the line":     {line: queue.Line{Shards: []queue.Shard{nine}, Returned: []queue.Ticket{tk(1)}}, of: tk(3), returned: true, want: 1},
		"called, its conversation not assigned": {line: one(nine), of: tk(3), want: 0},
		"of many who have left, from the first": {line: one(queue.Shard{Taken: 900, Called: 100, Gone: []int{102, 104, 106, 108, 110}, More: true}), of: tk(301), want: 113},
		"fewer have left far back":              {line: counted(queue.Shard{Taken: 900, Called: 100, Gone: []int{102, 104, 106, 108, 110}, More: true}), of: tk(900), want: 600},
		"in several shards by place":            {line: two(queue.Shard{Taken: 6, Called: 2}), of: sharded(12), want: 5},
		"though the other shard is slow":        {line: two(queue.Shard{Taken: 6, Called: 2}), of: sharded(7), want: 2},
		"without those who have left, about":    {line: two(queue.Shard{Taken: 6, Called: 2, Gone: []int{4}}), of: sharded(12), want: 4},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, "ahead", test.line.Ahead(test.of, test.returned), test.want)
		})
	}
}

// TestLineIsAnOrder: everybody who waits has another number ahead, from 0 on.
func TestLineIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		called := rapid.IntRange(0, 20).Draw(t, "called")
		shard := queue.Shard{Called: called, Taken: called + rapid.IntRange(0, 20).Draw(t, "waiting")}
		var l queue.Line
		var waiting []int
		for n := 1; n <= shard.Taken; n++ {
			switch {
			case n <= called && rapid.Bool().Draw(t, "returned"):
				l.Returned = append(l.Returned, queue.Ticket{Topic: queue.WorkerCase, N: n})
			case n > called && rapid.Bool().Draw(t, "gone"):
				shard.Gone = append(shard.Gone, n)
			case n > called:
				waiting = append(waiting, n)
			}
		}
		l.Shards = []queue.Shard{shard}
		next := 0
		for _, tk := range l.Returned {
			if got := l.Ahead(tk, true); got != next {
				t.Fatalf("ticket %d at the front has %d ahead, not %d", tk.N, got, next)
			}
			next++
		}
		for _, n := range waiting {
			if got := l.Ahead(queue.Ticket{Topic: queue.WorkerCase, N: n}, false); got != next {
				t.Fatalf("ticket %d has %d ahead, not %d", n, got, next)
			}
			next++
		}
		if got := l.Waiting(); got != next {
			t.Fatalf("%d wait, not %d", got, next)
		}
	})
}

func TestWait(t *testing.T) {
	const handling = 8 * time.Minute
	if _, _, known := (queue.Figures{}).Wait(3, handling); known {
		t.Error("with nobody present nobody can tell")
	}
	low, high, known := queue.Figures{Slots: 2}.Wait(49, handling)
	same(t, "the fiftieth, two slots", []any{low, high, known}, []any{time.Hour + 22*time.Minute + 23*time.Second, 2*time.Hour + 33*time.Minute + time.Second, true})
	low, high, _ = queue.Figures{Slots: 4, Free: 2}.Wait(1, handling)
	same(t, "a slot is free", []time.Duration{low, high}, []time.Duration{0, time.Minute})
	slow := queue.Figures{Slots: 2, Worked: (100 * 16 * time.Minute).Milliseconds(), Begun: 100_000}
	slow.Waited, slow.Left = (1000 * time.Hour).Milliseconds(), 1000 // nobody leaves
	if learned, _, _ := slow.Wait(49, handling); learned < 4*time.Hour {
		t.Errorf("conversations last 16 minutes, and the wait is at least %v", learned)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := queue.Figures{Slots: rapid.IntRange(1, 50).Draw(t, "slots")}
		ahead := rapid.IntRange(0, 1000).Draw(t, "ahead")
		low, high, _ := f.Wait(ahead, handling)
		lower, higher, _ := f.Wait(ahead+1, handling)
		if low > high || lower < low || higher < high {
			t.Fatalf("%d ahead: %v–%v, one more: %v–%v", ahead, low, high, lower, higher)
		}
	})
}
