// Package tabletest is the conformance suite of table.Table: each promise of its comments
// is a subtest, with many concurrent callers where they could race, and random writes are
// played against two tables whose every answer is compared. It also says what AWS counts.
package tabletest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/code"
	"infocig/shared/table"
)

// writers is how many callers race in a subtest.
const writers = 20

var (
	here  = table.Key{Partition: "p", Sort: "a"}
	there = table.Key{Partition: "p", Sort: "b"}
	far   = table.Key{Partition: "q", Sort: "a"}
)

// Run checks every promise against tables made by open.
func Run(t *testing.T, open func(t *testing.T) table.Table) {
	for name, test := range map[string]func(*testing.T, table.Table){
		"there is nothing before the first write":               nothing,
		"an item comes back as it was stored":                   roundTrip,
		"a put replaces the whole item":                         replaced,
		"an update changes what it names, or makes the item":    updated,
		"a deletion can be repeated":                            deleted,
		"rows come in the order of their sort keys":             rows,
		"of several who make an item one does, the others know": oneWinner,
		"nobody's addition is lost":                             additions,
		"a set has nothing twice, and is gone when empty":       sets,
		"all writes or none":                                    allOrNothing,
		"the first refusal is told, optional writes apart":      firstRefusal,
		"an optional write is left out":                         optional,
		"conditions":                                            conditions,
		"a lone write returns the item if it is asked for":      returning,
		"no writes are nothing":                                 none,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, on table.Table, writes ...table.Write) {
	t.Helper()
	_, err := on.Commit(t.Context(), writes...)
	must(t, err)
}

// want fails the test unless the item under k is it; nil for none.
func want(t *testing.T, on table.Table, k table.Key, it table.Item) {
	t.Helper()
	got, err := on.Get(t.Context(), k)
	if it == nil {
		if !errors.Is(err, code.NotFound) {
			t.Errorf("%v: got %v, %v, want NotFound", k, got, err)
		}
		return
	}
	if err != nil || !it.Equal(got) {
		t.Errorf("%v: got %v, %v, want %v", k, got, err, it)
	}
}

// refused fails the test unless that write was refused, and returns what stood there.
func refused(t *testing.T, err error, index int) table.Item {
	t.Helper()
	r, ok := errors.AsType[*table.Refused](err)
	if !ok || r.Index != index || !errors.Is(err, code.Conflict) {
		t.Fatalf("got %v, want write %d refused", err, index)
	}
	return r.Item
}

func one(name string, v table.Value) table.Item { return table.Item{{Name: name, Value: v}} }

func number(n int) table.Item { return one("n", table.Int(n)) }

// everything has a value of each kind.
var everything = table.Item{
	{Name: "text", Value: table.StringOf("perché no? 🙂")}, {Name: "empty", Value: table.StringOf("")},
	{Name: "number", Value: table.Int(-1 << 63)}, {Name: "zero", Value: table.Int(0)}, {Name: "big", Value: table.Uint(1<<64 - 1)},
	{Name: "yes", Value: table.BoolOf(true)}, {Name: "no", Value: table.BoolOf(false)}, {Name: "bytes", Value: table.BytesOf([]byte{0, 255})},
	{Name: "set", Value: table.SetOf("b", "a", "b")},
	{Name: "list", Value: table.ListOf(table.Int(1), table.StringOf("x"), table.ListOf(), table.MapOf(nil))},
	{Name: "map", Value: table.MapOf(table.Item{{Name: "set", Value: table.SetOf("x")}, {Name: "map", Value: table.MapOf(number(1))}})},
}

func nothing(t *testing.T, on table.Table) {
	want(t, on, here, nil)
	if rows, more, err := on.Query(t.Context(), table.Query{Partition: "p", Limit: 1}); err != nil || more || len(rows) != 0 {
		t.Errorf("rows: %v, %v, %v", rows, more, err)
	}
}

func roundTrip(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, everything))
	commit(t, on, table.Put(there, nil))
	want(t, on, here, everything)
	want(t, on, there, table.Item{})
}

func replaced(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, everything))
	commit(t, on, table.Put(here, number(1)))
	want(t, on, here, number(1))
}

func updated(t *testing.T, on table.Table) {
	commit(t, on, table.Update(here, table.SetTo("s", table.StringOf("x")), table.Add("n", 2), table.SetIfAbsent("d", table.Int(1))))
	want(t, on, here, table.Item{{Name: "s", Value: table.StringOf("x")}, {Name: "n", Value: table.Int(2)}, {Name: "d", Value: table.Int(1)}})
	commit(t, on, table.Update(here, table.Remove("s"), table.Add("n", -5), table.SetIfAbsent("d", table.Int(2)), table.Remove("none")))
	want(t, on, here, table.Item{{Name: "n", Value: table.Int(-3)}, {Name: "d", Value: table.Int(1)}})
}

func deleted(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, number(1)), table.Put(far, number(1)))
	for range 2 {
		commit(t, on, table.Delete(here))
	}
	want(t, on, here, nil)
	want(t, on, far, number(1))
}

func rows(t *testing.T, on table.Table) {
	for _, k := range []string{"b", "a", "è", "ab", "0"} {
		commit(t, on, table.Put(table.Key{Partition: "p", Sort: k}, one("k", table.StringOf(k))))
	}
	// Neighbours, which are no part of it.
	for _, p := range []string{"o", "p ", "p#1", "pp", "q"} {
		commit(t, on, table.Put(table.Key{Partition: p, Sort: "a"}, number(1)))
	}
	for name, test := range map[string]struct {
		q    table.Query
		want []string
		more bool
	}{
		"all":             {table.Query{}, []string{"0", "a", "ab", "b", "è"}, false},
		"stale":           {table.Query{Stale: true}, []string{"0", "a", "ab", "b", "è"}, false},
		"after":           {table.Query{After: "a"}, []string{"ab", "b", "è"}, false},
		"after a gap":     {table.Query{After: "aa"}, []string{"ab", "b", "è"}, false},
		"after all":       {table.Query{After: "z\xef\xbf\xbf"}, []string{"è"}, false},
		"after the last":  {table.Query{After: "è"}, nil, false},
		"some":            {table.Query{Limit: 2}, []string{"0", "a"}, true},
		"some after":      {table.Query{After: "0", Limit: 2}, []string{"a", "ab"}, true},
		"the last":        {table.Query{Backwards: true, Limit: 1}, []string{"è"}, true},
		"backwards":       {table.Query{Backwards: true}, []string{"è", "b", "ab", "a", "0"}, false},
		"more than all":   {table.Query{Limit: 6}, []string{"0", "a", "ab", "b", "è"}, false},
		"a partition":     {table.Query{Partition: "pp", Backwards: true}, []string{"a"}, false},
		"no such":         {table.Query{Partition: "p#", Backwards: true}, nil, false},
		"the one in all":  {table.Query{Partition: "o"}, []string{"a"}, false},
		"the last in all": {table.Query{Partition: "q", Backwards: true, Limit: 2}, []string{"a"}, false},
	} {
		if test.q.Partition == "" {
			test.q.Partition = "p"
		}
		got, more, err := on.Query(t.Context(), test.q)
		var sorts []string
		for _, r := range got {
			sorts = append(sorts, r.Sort)
			if k := r.Item.Get("k").Text(); k != "" && k != r.Sort {
				t.Errorf("%s: the item of %q is under %q", name, k, r.Sort)
			}
		}
		// Whether there is more than a limit that is just met a table need not know.
		if d := cmp.Diff(test.want, sorts); d != "" || err != nil || test.more && !more {
			t.Errorf("%s: more %v, %v (-want +got):\n%s", name, more, err, d)
		}
	}
}

// race calls do at once from many callers and returns what they got.
func race(do func(i int) error) []error {
	errs := make([]error, writers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func oneWinner(t *testing.T, on table.Table) {
	for n, k := range []table.Key{here, there} { // alone, and in a transaction
		winner := -1
		errs := race(func(i int) error {
			writes := []table.Write{table.Put(k, number(i)).If(table.Absent())}
			if n > 0 {
				writes = append(writes, table.Update(far, table.Add("n", 1)))
			}
			_, err := on.Commit(context.Background(), writes...)
			return err
		})
		for i, err := range errs {
			if err == nil && winner >= 0 {
				t.Fatalf("%d and %d have made it", winner, i)
			}
			if err == nil {
				winner = i
			}
		}
		for _, err := range errs {
			if err == nil {
				continue
			}
			if it := refused(t, err, 0); !it.Equal(number(winner)) {
				t.Errorf("a loser is told of %v, and %d has won", it, winner)
			}
		}
		want(t, on, k, number(winner))
	}
	want(t, on, far, number(1))
}

func additions(t *testing.T, on table.Table) {
	seen := make([]bool, writers+1)
	var mu sync.Mutex
	for _, err := range race(func(int) error {
		it, err := on.Commit(context.Background(), table.Update(here, table.Add("n", 1)).Returning())
		mu.Lock()
		defer mu.Unlock()
		n := it.Get("n").Int()
		if err == nil && (n < 1 || n > writers || seen[n]) {
			return fmt.Errorf("%d was returned, out of turn or twice", n)
		}
		seen[n] = true
		return err
	}) {
		must(t, err)
	}
	want(t, on, here, number(writers))
}

func sets(t *testing.T, on table.Table) {
	for _, err := range race(func(i int) error {
		_, err := on.Commit(context.Background(), table.Update(here, table.Include("s", fmt.Sprint(i%4), "x")))
		return err
	}) {
		must(t, err)
	}
	want(t, on, here, one("s", table.SetOf("0", "1", "2", "3", "x")))
	commit(t, on, table.Update(here, table.Exclude("s", "0", "1", "none")))
	want(t, on, here, one("s", table.SetOf("2", "3", "x")))
	commit(t, on, table.Update(here, table.Exclude("s", "2", "3", "x"), table.Exclude("none", "x")))
	want(t, on, here, table.Item{})
}

func allOrNothing(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, number(1)))
	_, err := on.Commit(t.Context(), table.Put(far, number(1)), table.Delete(here), table.Update(there, table.Add("n", 1)).If(table.Present()))
	refused(t, err, 2)
	want(t, on, here, number(1))
	want(t, on, there, nil)
	want(t, on, far, nil)
}

func firstRefusal(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, number(1)))
	absent := table.Absent()
	_, err := on.Commit(t.Context(), table.Delete(far).If(table.Present()).OrSkip(), table.Put(here, number(2)).If(absent), table.Delete(there).If(table.Present()))
	if it := refused(t, err, 1); !it.Equal(number(1)) {
		t.Errorf("what stood there: %v", it)
	}
	_, err = on.Commit(t.Context(), table.Put(there, number(1)).If(absent), table.Update(here, table.Add("n", 1)).If(absent))
	refused(t, err, 1)
	_, err = on.Commit(t.Context(), table.Update(here, table.Add("n", 1)).If(absent).ExactlyOnce())
	refused(t, err, 0)
}

func optional(t *testing.T, on table.Table) {
	commit(t, on, table.Put(here, number(1)))
	commit(t, on, table.Put(far, number(1)), table.Update(there, table.Add("n", 1)).If(table.Present()).OrSkip(), table.Delete(here).If(table.Equal("n", table.Int(1))).OrSkip())
	want(t, on, here, nil)
	want(t, on, there, nil)
	want(t, on, far, number(1))
	commit(t, on, table.Delete(far).If(table.Absent()).OrSkip())
	want(t, on, far, number(1))
}

func conditions(t *testing.T, on table.Table) {
	it := table.Item{
		{Name: "n", Value: table.Int(5)}, {Name: "s", Value: table.StringOf("x")}, {Name: "set", Value: table.SetOf("a", "b")}, {Name: "three", Value: table.Int(3)},
		{Name: "two", Value: table.Int(2)}, {Name: "map", Value: table.MapOf(number(1))},
	}
	yes, no := table.Has("n"), table.Lacks("n")
	five := table.Int(5)
	for name, test := range map[string]struct {
		c           table.Condition
		there, none bool // whether it holds for it, and where there is no item
	}{
		"always":           {table.Condition{}, true, true},
		"absent":           {table.Absent(), false, true},
		"present":          {table.Present(), true, false},
		"has":              {table.Has("n"), true, false},
		"has not":          {table.Has("none"), false, false},
		"lacks":            {table.Lacks("none"), true, true},
		"lacks not":        {table.Lacks("n"), false, true},
		"equal":            {table.Equal("n", five), true, false},
		"equal text":       {table.Equal("s", table.StringOf("x")), true, false},
		"equal map":        {table.Equal("map", table.MapOf(number(1))), true, false},
		"equal set":        {table.Equal("set", table.SetOf("b", "a")), true, false},
		"another":          {table.Equal("n", table.Int(6)), false, false},
		"another kind":     {table.Equal("n", table.StringOf("5")), false, false},
		"equal to nothing": {table.Equal("none", five), false, false},
		"less":             {table.Less("n", table.Int(6)), true, false},
		"not less":         {table.Less("n", five), false, false},
		"less or equal":    {table.LessOrEqual("n", five), true, false},
		"greater":          {table.Greater("n", table.Int(-6)), true, false},
		"not greater":      {table.Greater("n", five), false, false},
		"greater or equal": {table.GreaterOrEqual("n", five), true, false},
		"text is no less":  {table.Less("s", five), false, false},
		"fewer":            {table.Fewer("set", "three"), true, false},
		"not fewer":        {table.Fewer("set", "two"), false, false},
		"no set":           {table.Fewer("none", "three"), false, false},
		"no number":        {table.Fewer("set", "none"), false, false},
		"and":              {table.And(yes, table.Present()), true, false},
		"and not":          {table.And(yes, no), false, false},
		"or":               {table.Or(no, yes), true, true},
		"or not":           {table.Or(no, table.Absent()), false, true},
		"both":             {table.Or(table.Absent(), table.And(yes, table.Or(no, table.Less("n", table.Int(9))))), true, true},
	} {
		for _, k := range []table.Key{here, there} {
			commit(t, on, table.Put(here, it))
			commit(t, on, table.Delete(there))
			holds := test.there
			if k == there {
				holds = test.none
			}
			for _, w := range []table.Write{table.Update(k, table.SetTo("met", five)), table.Put(k, number(1)), table.Delete(k)} {
				_, err := on.Commit(t.Context(), w.If(test.c))
				if holds != (err == nil) {
					t.Errorf("%s: %v of %v: %v", name, w.Kind, k, err)
				}
				if err != nil {
					refused(t, err, 0)
				}
				commit(t, on, table.Put(here, it))
				commit(t, on, table.Delete(there))
			}
		}
	}
}

func returning(t *testing.T, on table.Table) {
	get := func(w table.Write) table.Item {
		t.Helper()
		it, err := on.Commit(t.Context(), w)
		must(t, err)
		return it
	}
	if it := get(table.Delete(here).Returning()); it != nil {
		t.Errorf("deleted nothing: %v", it)
	}
	if it := get(table.Update(here, table.Add("n", 1)).Returning()); !it.Equal(number(1)) {
		t.Errorf("updated: %v", it)
	}
	if it := get(table.Update(here, table.Add("n", 1))); it != nil {
		t.Errorf("not asked: %v", it)
	}
	if it := get(table.Delete(here).If(table.Has("n")).Returning()); !it.Equal(number(2)) {
		t.Errorf("deleted: %v", it)
	}
}

func none(t *testing.T, on table.Table) {
	if it, err := on.Commit(t.Context()); it != nil || err != nil {
		t.Errorf("got %v, %v", it, err)
	}
}
