package tabletest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"infocig/shared/code"
	"infocig/shared/table"
)

// Compare plays random reads and writes against two tables, and fails the test where an
// answer of one is not that of the other.
func Compare(t *testing.T, a, b table.Table, seed uint64, steps int) {
	t.Helper()
	g := generator{rand.New(rand.NewPCG(seed, 0x7ab1e))} //nolint:gosec // a run must be repeatable
	met := map[string]int{}
	for n := range steps {
		var what, x, y string
		switch g.IntN(10) {
		case 0:
			k := g.key()
			what, x, y = fmt.Sprint("get ", k), read(t, a, k), read(t, b, k)
		case 1, 2:
			q := g.query()
			what, x, y = fmt.Sprintf("query %+v", q), query(t, a, q), query(t, b, q)
		default:
			writes := g.writes()
			what, x, y = fmt.Sprintf("commit %+v", writes), written(t, a, writes), written(t, b, writes)
			kind, _, _ := cut(x)
			met[kind]++
		}
		if x != y {
			t.Fatalf("seed %d, step %d: %s\n%s\n%s", seed, n, what, x, y)
		}
	}
	for _, kind := range []string{"done", "refused"} {
		if met[kind] < steps/20 {
			t.Errorf("seed %d: only %d of %d steps are %s", seed, met[kind], steps, kind)
		}
	}
}

func cut(s string) (kind, rest string, ok bool) {
	for i := range s {
		if s[i] == ' ' {
			return s[:i], s[i:], true
		}
	}
	return s, "", false
}

func read(t *testing.T, on table.Table, k table.Key) string {
	it, err := on.Get(t.Context(), k)
	if err != nil && !errors.Is(err, code.NotFound) {
		t.Fatal(err)
	}
	return fmt.Sprint(sorted(it), err)
}

func query(t *testing.T, on table.Table, q table.Query) (s string) {
	rows, _, err := on.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		s += fmt.Sprint(r.Sort, sorted(r.Item))
	}
	return s
}

func written(t *testing.T, on table.Table, writes []table.Write) string {
	it, err := on.Commit(t.Context(), writes...)
	if r, ok := errors.AsType[*table.Refused](err); ok {
		return fmt.Sprint("refused ", r.Index, sorted(r.Item))
	}
	if err != nil {
		t.Fatalf("%v: %+v", err, writes)
	}
	return fmt.Sprint("done ", sorted(it))
}

// sorted is an item as text, its attributes in the order of their names.
func sorted(it table.Item) string {
	if it == nil {
		return "nothing"
	}
	text := "{"
	for _, name := range names {
		if v := it.Get(name); v.Kind() != table.None {
			text += fmt.Sprintf("%s:%+v ", name, v)
		}
	}
	return text + "}"
}

// A generator makes up reads and writes of a few keys, so that they meet.
type generator struct{ *rand.Rand }

// Each name has values of one kind: DynamoDB refuses an addition to a text.
var names = []string{"n", "m", "s", "set", "other"}

func (g generator) key() table.Key {
	return table.Key{Partition: []string{"p", "p#1", "q"}[g.IntN(3)], Sort: []string{"a", "b", "ba", "c"}[g.IntN(4)]}
}

func (g generator) value(name string) table.Value {
	switch name {
	case "n", "m":
		return table.Int(g.IntN(5) - 1)
	case "s":
		return table.StringOf([]string{"", "x", "y"}[g.IntN(3)])
	case "set":
		return table.SetOf([]string{"a", "b", "c"}[:1+g.IntN(3)]...)
	}
	return table.MapOf(table.Item{{Name: "n", Value: table.Int(g.IntN(2))}})
}

func (g generator) item() (it table.Item) {
	for _, name := range names {
		if g.IntN(2) == 0 {
			it = append(it, table.Attribute{Name: name, Value: g.value(name)})
		}
	}
	return it
}

func (g generator) query() table.Query {
	q := table.Query{Partition: g.key().Partition, Limit: g.IntN(4), Backwards: g.IntN(3) == 0}
	if !q.Backwards && g.IntN(2) == 0 {
		q.After = g.key().Sort
	}
	return q
}

func (g generator) writes() []table.Write {
	var all []table.Write
	used := map[table.Key]bool{}
	for range 1 + g.IntN(3) {
		k := g.key()
		if used[k] {
			continue
		}
		used[k] = true
		var w table.Write
		switch g.IntN(4) {
		case 0:
			w = table.Delete(k)
		case 1:
			w = table.Put(k, g.item())
		default:
			w = table.Update(k, g.changes()...)
		}
		if g.IntN(2) == 0 {
			w = w.If(g.condition(2))
		}
		w.Optional, w.Once, w.Returns = g.IntN(5) == 0, w.Kind == table.UpdateItem && g.IntN(5) == 0, g.IntN(2) == 0
		all = append(all, w)
	}
	if len(all) == 1 && (all[0].Once || all[0].Kind == table.PutItem) { // what returns nothing
		all[0].Returns = false
	}
	return all
}

func (g generator) changes() (all []table.Change) {
	for _, name := range names {
		if g.IntN(2) == 0 && (len(all) > 0 || name != "other") {
			continue
		}
		v := g.value(name)
		switch n := g.IntN(4); {
		case n == 0:
			all = append(all, table.SetTo(name, v))
		case n == 1:
			all = append(all, table.SetIfAbsent(name, v))
		case n == 2 && v.Kind() == table.Number:
			all = append(all, table.Add(name, v.Int()))
		case n == 2 && v.Kind() == table.Set:
			all = append(all, table.Include(name, v.Members()...))
		case n == 3 && v.Kind() == table.Set:
			all = append(all, table.Exclude(name, v.Members()...))
		default:
			all = append(all, table.Remove(name))
		}
	}
	return all
}

func (g generator) condition(depth int) table.Condition {
	name := names[g.IntN(len(names))]
	number := table.Int(g.IntN(5) - 1)
	switch n := g.IntN(12); {
	case n == 0:
		return table.Absent()
	case n == 1:
		return table.Present()
	case n == 2:
		return table.Has(name)
	case n == 3:
		return table.Lacks(name)
	case n == 4:
		return table.Equal(name, g.value(name))
	case n == 5:
		return table.Less("n", number)
	case n == 6:
		return table.LessOrEqual("n", number)
	case n == 7:
		return table.Greater("m", number)
	case n == 8:
		return table.GreaterOrEqual("m", number)
	case n == 9:
		return table.Fewer("set", "n")
	case depth == 0:
		return table.Has("n")
	case n == 10:
		return table.And(g.condition(depth-1), g.condition(depth-1))
	}
	return table.Or(g.condition(depth-1), g.condition(depth-1))
}
