package storetest

import (
	"errors"
	"sync"
	"testing"

	"infocig/shared/chat"
)

func take(t *testing.T, s chat.Store) {
	var mu sync.Mutex
	taken := map[chat.Ticket]bool{}
	last := make([]int, Writers)
	for range 5 {
		errs := race(func(i int) error {
			tk, _, err := s.Take(ctx(t), chat.WorkerCase)
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
	other, called, err := s.Take(ctx(t), chat.EmployerCase)
	must(t, err)
	same(t, "another topic's ticket", other, chat.Ticket{Topic: chat.EmployerCase, N: 1})
	same(t, "called of another topic", called, 0)
}

func call(t *testing.T, s chat.Store) {
	if _, _, err := s.Call(ctx(t), chat.WorkerCase); !errors.Is(err, chat.NotFound) {
		t.Errorf("Call of an empty queue: %v, want NotFound", err)
	}
	for range Writers - 5 {
		_, _, err := s.Take(ctx(t), chat.WorkerCase)
		must(t, err)
	}
	var mu sync.Mutex
	called := map[int]bool{}
	errs := race(func(int) error {
		tk, _, err := s.Call(ctx(t), chat.WorkerCase)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if called[tk.N] {
			t.Errorf("ticket %v called twice", tk)
		}
		called[tk.N] = true
		return nil
	})
	same(t, "callers", winners(t, errs, chat.NotFound), Writers-5)
	for n := 1; n <= Writers-5; n++ {
		if !called[n] {
			t.Errorf("ticket %d was passed over", n)
		}
	}
	next, before, err := s.Take(ctx(t), chat.WorkerCase)
	must(t, err)
	same(t, "called before", before, Writers-5)
	_, _, err = s.Take(ctx(t), chat.WorkerCase)
	must(t, err)
	got, left, err := s.Call(ctx(t), chat.WorkerCase)
	must(t, err)
	same(t, "called", got, next)
	same(t, "left", left, 1)
}

// takeOrLeave has takers and callers race: who takes a ticket that a call does
// not leave knows that it was called before.
func takeOrLeave(t *testing.T, s chat.Store) {
	const head = 50
	for range head {
		_, _, err := s.Take(ctx(t), chat.WorkerCase)
		must(t, err)
	}
	var mu sync.Mutex
	lefts := map[int]int{}  // ticket called: how many were left
	called := map[int]int{} // ticket taken: how many had been called
	errs := race(func(i int) error {
		mine, n, err := s.Take(ctx(t), chat.WorkerCase)
		if i%2 == 0 {
			var c chat.Ticket
			if c, n, err = s.Call(ctx(t), chat.WorkerCase); err == nil {
				mu.Lock()
				defer mu.Unlock()
				lefts[c.N] = n
			}
			return err
		}
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

func line(t *testing.T, s chat.Store) {
	ticket := func(n int) chat.Ticket { return chat.Ticket{Topic: chat.WorkerCase, N: n} }
	got, err := s.Line(ctx(t), chat.WorkerCase)
	must(t, err)
	same(t, "empty line", got, chat.Line{})
	for range 300 {
		_, _, err := s.Take(ctx(t), chat.WorkerCase)
		must(t, err)
	}
	for range 4 {
		_, _, err := s.Call(ctx(t), chat.WorkerCase)
		must(t, err)
	}
	moved := chat.Ticket{Topic: chat.EmployerCase, N: 2}
	figures := chat.Figures{Slots: 7, At: noon}
	must(t, change(s, t,
		chat.Gone{Ticket: ticket(3)}, chat.Gone{Ticket: ticket(299)}, chat.Gone{Ticket: ticket(6)},
		chat.Return{Topic: chat.WorkerCase, Ticket: ticket(4)}, chat.Return{Topic: chat.WorkerCase, Ticket: moved}, chat.Return{Topic: chat.WorkerCase, Ticket: ticket(1)},
		chat.SetFigures{Topic: chat.WorkerCase, Figures: figures},
	))
	got, err = s.Line(ctx(t), chat.WorkerCase)
	must(t, err)
	same(t, "line", got, chat.Line{
		Taken: 300, Called: 4, Gone: []int{6, 299}, Returned: []chat.Ticket{ticket(1), moved, ticket(4)}, Figures: figures,
	})
	must(t, change(s, t, chat.Unreturn{Topic: chat.WorkerCase, Ticket: moved}, chat.Return{Topic: chat.WorkerCase, Ticket: ticket(1)}))
	got, err = s.Line(ctx(t), chat.WorkerCase)
	must(t, err)
	same(t, "returned", got.Returned, []chat.Ticket{ticket(1), ticket(4)})
	other, err := s.Line(ctx(t), chat.EmployerCase)
	must(t, err)
	same(t, "another topic's line", other, chat.Line{})
}
