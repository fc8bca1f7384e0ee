package storetest

import (
	"errors"
	"sync"
	"testing"

	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

func take(t *testing.T, s store.Store) {
	var mu sync.Mutex
	taken := map[queue.Ticket]bool{}
	last := make([]int, Writers)
	for range 5 {
		errs := race(func(i int) error {
			tk, _, err := s.Take(ctx(t), queue.WorkerCase, 0)
			mu.Lock()
			defer mu.Unlock()
			if taken[tk] {
				t.Errorf("ticket %v taken twice", tk)
			}
			taken[tk] = true
			if tk.N <= last[i] {
				t.Errorf("ticket %d taken after %d", tk.N, last[i])
			}
			last[i] = tk.N
			return err
		})
		same(t, "takers", winners(t, errs, nil), Writers)
	}
	other, called, err := s.Take(ctx(t), queue.EmployerCase, 0)
	must(t, err)
	same(t, "another topic's ticket", other, queue.Ticket{Topic: queue.EmployerCase, N: 1})
	same(t, "called of another topic", called, 0)
}

// callOne calls the next ticket of the first shard, and tries again if another caller is
// first. It returns code.NotFound if there is no ticket to call.
func callOne(t *testing.T, s store.Store) (n, left int, err error) {
	for {
		l, err := s.Line(ctx(t), queue.WorkerCase, 1)
		if err != nil {
			return 0, 0, err
		}
		if l.Shards[0].Called == l.Shards[0].Taken {
			return 0, 0, code.NotFound
		}
		left, err = s.Call(ctx(t), queue.WorkerCase, 0, l.Shards[0].Called, 1)
		if !errors.Is(err, code.Conflict) {
			return l.Shards[0].Called + 1, left, err
		}
	}
}

func call(t *testing.T, s store.Store) {
	conflict := func(from, n int) {
		t.Helper()
		if _, err := s.Call(ctx(t), queue.WorkerCase, 0, from, n); !errors.Is(err, code.Conflict) {
			t.Errorf("Call of %d after %d: %v, want Conflict", n, from, err)
		}
	}
	conflict(0, 1)
	for range Writers - 5 {
		_, _, err := s.Take(ctx(t), queue.WorkerCase, 0)
		must(t, err)
	}
	conflict(1, 1)
	conflict(0, Writers)
	var mu sync.Mutex
	called := map[int]bool{}
	errs := race(func(int) error {
		n, _, err := callOne(t, s)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if called[n] {
			t.Errorf("ticket %v called twice", n)
		}
		called[n] = true
		return nil
	})
	same(t, "callers", winners(t, errs, code.NotFound), Writers-5)
	for n := 1; n <= Writers-5; n++ {
		if !called[n] {
			t.Errorf("ticket %d was passed over", n)
		}
	}
	for range 5 {
		_, before, err := s.Take(ctx(t), queue.WorkerCase, 0)
		must(t, err)
		same(t, "called before", before, Writers-5)
	}
	left, err := s.Call(ctx(t), queue.WorkerCase, 0, Writers-5, 3)
	must(t, err)
	same(t, "left", left, 2)
	conflict(Writers-5, 1)
	other, _, err := s.Take(ctx(t), queue.WorkerCase, 2)
	must(t, err)
	same(t, "of another shard", other, queue.Ticket{Topic: queue.WorkerCase, Shard: 2, N: 1})
	l, err := s.Line(ctx(t), queue.WorkerCase, 3)
	must(t, err)
	same(t, "shards", l.Shards, []queue.Shard{{Taken: Writers, Called: Writers - 2}, {}, {Taken: 1}})
}

// takeOrLeave has takers and callers race. If a Call does not report a ticket as left, the
// Take of that ticket counts the Call.
func takeOrLeave(t *testing.T, s store.Store) {
	const head = 50
	for range head {
		_, _, err := s.Take(ctx(t), queue.WorkerCase, 0)
		must(t, err)
	}
	var mu sync.Mutex
	lefts := map[int]int{}  // ticket called: how many were left
	called := map[int]int{} // ticket taken: how many had been called
	errs := race(func(i int) error {
		if i%2 == 0 {
			n, left, err := callOne(t, s)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				lefts[n] = left
			}
			return err
		}
		mine, n, err := s.Take(ctx(t), queue.WorkerCase, 0)
		mu.Lock()
		defer mu.Unlock()
		called[mine.N] = n
		return err
	})
	same(t, "callers and takers", winners(t, errs, nil), Writers)
	for c, left := range lefts {
		for mine, n := range called {
			if among, counted := mine <= c+left, n >= c; among == counted {
				t.Errorf("call of %d left %d, ticket %d was taken when %d had been called", c, left, mine, n)
			}
		}
	}
}

func line(t *testing.T, s store.Store) {
	ticket := func(shard, n int) queue.Ticket { return queue.Ticket{Topic: queue.WorkerCase, Shard: shard, N: n} }
	read := func(topic queue.Topic) queue.Line {
		t.Helper()
		l, err := s.Line(ctx(t), topic, 2)
		must(t, err)
		return l
	}
	same(t, "empty line", read(queue.WorkerCase), queue.Line{Shards: []queue.Shard{{}, {}}})
	for range 300 {
		_, _, err := s.Take(ctx(t), queue.WorkerCase, 0)
		must(t, err)
	}
	for range 4 {
		_, _, err := callOne(t, s)
		must(t, err)
	}
	moved, late := queue.Ticket{Topic: queue.EmployerCase, N: 2}, ticket(1, 1)
	late.Place = 3
	figures := queue.Figures{Slots: 7, At: noon, Taken: []int{299, 0}, Counted: noon}
	must(t, change(s, t,
		store.Gone{Ticket: ticket(0, 3)}, store.Gone{Ticket: ticket(0, 299)}, store.Gone{Ticket: ticket(0, 6)}, store.Gone{Ticket: ticket(1, 5)},
		store.Return{Topic: queue.WorkerCase, Ticket: ticket(0, 4)}, store.Return{Topic: queue.WorkerCase, Ticket: moved}, store.Return{Topic: queue.WorkerCase, Ticket: ticket(0, 1)},
		store.Return{Topic: queue.WorkerCase, Ticket: late}, store.SetFigures{Topic: queue.WorkerCase, Figures: figures},
	))
	same(t, "line", read(queue.WorkerCase), queue.Line{
		Shards:   []queue.Shard{{Taken: 300, Called: 4, Gone: []int{3, 6, 299}}, {Gone: []int{5}}},
		Returned: []queue.Ticket{ticket(0, 1), moved, late, ticket(0, 4)}, Figures: figures,
	})
	must(t, change(s, t, store.Unreturn{Topic: queue.WorkerCase, Ticket: moved}, store.Return{Topic: queue.WorkerCase, Ticket: ticket(0, 1)}))
	must(t, change(s, t, store.Unreturn{Topic: queue.WorkerCase, Ticket: late}, store.Passed{Ticket: ticket(0, 3)}, store.Passed{Ticket: ticket(0, 2)}))
	must(t, change(s, t, store.Retained{Ticket: ticket(0, 2)}, store.Retained{Ticket: ticket(1, 9)}))
	same(t, "nothing is left up to here", []int{read(queue.WorkerCase).Shards[0].Erased, read(queue.WorkerCase).Shards[1].Erased}, []int{2, 9})
	same(t, "the counter goes on", []int{read(queue.WorkerCase).Shards[0].Taken, read(queue.WorkerCase).Shards[0].Called}, []int{300, 4})
	got := read(queue.WorkerCase)
	same(t, "returned", got.Returned, []queue.Ticket{ticket(0, 1), ticket(0, 4)})
	same(t, "gone", got.Shards[0].Gone, []int{6, 299})
	same(t, "another topic's line", read(queue.EmployerCase), queue.Line{Shards: []queue.Shard{{}, {}}})
}

// longLine checks that a line lists only some of the gone tickets, from the front, however
// many there are.
func longLine(t *testing.T, s store.Store) {
	for n := 1; n <= 2*queue.MaxGone; n++ {
		must(t, change(s, t, store.Gone{Ticket: queue.Ticket{Topic: queue.WorkerCase, N: n}}))
	}
	l, err := s.Line(ctx(t), queue.WorkerCase, 1)
	must(t, err)
	same(t, "there are more", l.Shards[0].More, true)
	if n := len(l.Shards[0].Gone); n < queue.MaxGone-2 || n > queue.MaxGone+2 || l.Shards[0].Gone[n-1] != n {
		t.Errorf("%d are listed: %v", n, l.Shards[0].Gone)
	}
}
