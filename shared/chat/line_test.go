package chat_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/chat"
)

func TestAhead(t *testing.T) {
	tk := func(n int) chat.Ticket { return chat.Ticket{Topic: chat.WorkerCase, N: n} }
	for name, test := range map[string]struct {
		line     chat.Line
		of       chat.Ticket
		returned bool
		want     int
	}{
		"the first":                             {line: chat.Line{Taken: 1}, of: tk(1), want: 0},
		"the next to be called":                 {line: chat.Line{Taken: 9, Called: 4}, of: tk(5), want: 0},
		"the last of nine":                      {line: chat.Line{Taken: 9, Called: 4}, of: tk(9), want: 4},
		"who has left is not counted":           {line: chat.Line{Taken: 9, Called: 4, Gone: []int{6, 7}}, of: tk(9), want: 2},
		"nor who left behind":                   {line: chat.Line{Taken: 9, Called: 4, Gone: []int{8, 9}}, of: tk(7), want: 2},
		"nor who left before being called":      {line: chat.Line{Taken: 9, Called: 4, Gone: []int{2, 3, 6}}, of: tk(9), want: 3},
		"those at the front are before":         {line: chat.Line{Taken: 9, Called: 4, Returned: []chat.Ticket{tk(1), tk(3)}}, of: tk(6), want: 3},
		"at the front, by ticket":               {line: chat.Line{Taken: 9, Called: 4, Returned: []chat.Ticket{tk(1), tk(3)}}, of: tk(3), returned: true, want: 1},
		"at the front, not yet in the line":     {line: chat.Line{Taken: 9, Called: 4, Returned: []chat.Ticket{tk(1)}}, of: tk(3), returned: true, want: 1},
		"called, its conversation not assigned": {line: chat.Line{Taken: 9, Called: 4}, of: tk(3), want: 0},
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
		l := chat.Line{Called: called, Taken: called + rapid.IntRange(0, 20).Draw(t, "waiting")}
		var waiting []int
		for n := 1; n <= l.Taken; n++ {
			switch {
			case n <= called && rapid.Bool().Draw(t, "returned"):
				l.Returned = append(l.Returned, chat.Ticket{Topic: chat.WorkerCase, N: n})
			case n > called && rapid.Bool().Draw(t, "gone"):
				l.Gone = append(l.Gone, n)
			case n > called:
				waiting = append(waiting, n)
			}
		}
		next := 0
		for _, tk := range l.Returned {
			if got := l.Ahead(tk, true); got != next {
				t.Fatalf("ticket %d at the front has %d ahead, not %d", tk.N, got, next)
			}
			next++
		}
		for _, n := range waiting {
			if got := l.Ahead(chat.Ticket{Topic: chat.WorkerCase, N: n}, false); got != next {
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
	if _, _, known := (chat.Figures{}).Wait(3, handling); known {
		t.Error("with nobody present nobody can tell")
	}
	low, high, known := chat.Figures{Slots: 2}.Wait(0, handling)
	same(t, "the next, two slots", []any{low, high, known}, []any{time.Minute, 3 * time.Minute, true})
	rapid.Check(t, func(t *rapid.T) {
		f := chat.Figures{Slots: rapid.IntRange(1, 50).Draw(t, "slots")}
		ahead := rapid.IntRange(0, 1000).Draw(t, "ahead")
		low, high, _ := f.Wait(ahead, handling)
		lower, higher, _ := f.Wait(ahead+1, handling)
		if low > high || lower <= low || higher <= high {
			t.Fatalf("%d ahead: %v–%v, one more: %v–%v", ahead, low, high, lower, higher)
		}
	})
}
