// Package memory drives a table that is gone with its process: for tests, the simulator and
// days that are played. It knows no area.
package memory

import (
	"context"
	"slices"
	"sync"

	"infocig/shared/code"
	"infocig/shared/table"
)

var _ table.Table = (*Table)(nil)

// A Table is a table.Table. Nothing expires in it.
type Table struct {
	mu         sync.RWMutex
	partitions map[string]*partition
}

// A partition keeps its rows in the order of their sort keys.
type partition struct {
	sorts []string
	items map[string]table.Item
}

// New returns a table with nothing in it.
func New() *Table { return &Table{partitions: map[string]*partition{}} }

// Get implements table.Table.
func (t *Table) Get(_ context.Context, k table.Key) (table.Item, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	it, there := t.read(k)
	if !there {
		return nil, code.NotFound
	}
	return it, nil
}

func (t *Table) read(k table.Key) (it table.Item, there bool) {
	p := t.partitions[k.Partition]
	if p == nil {
		return nil, false
	}
	it, there = p.items[k.Sort]
	return it, there
}

// Query implements table.Table. A stale one sees everything, too.
func (t *Table) Query(_ context.Context, q table.Query) (rows []table.Row, more bool, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	p := t.partitions[q.Partition]
	if p == nil {
		return nil, false, nil
	}
	sorts := p.sorts
	if q.After != "" {
		i, found := slices.BinarySearch(sorts, q.After)
		if found {
			i++
		}
		sorts = sorts[i:]
	}
	n := len(sorts)
	if q.Limit > 0 && q.Limit < n {
		n, more = q.Limit, true
	}
	rows = make([]table.Row, n)
	for i := range rows {
		sort := sorts[i]
		if q.Backwards {
			sort = sorts[len(sorts)-1-i]
		}
		rows[i] = table.Row{Sort: sort, Item: p.items[sort]}
	}
	return rows, more, nil
}

// Commit implements table.Table.
func (t *Table) Commit(_ context.Context, writes ...table.Write) (table.Item, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var skip []bool // which writes are left out
	for i, w := range writes {
		it, there := t.read(w.Key)
		switch {
		case w.Condition.Holds(it, there):
		case w.Optional:
			if skip == nil {
				skip = make([]bool, len(writes))
			}
			skip[i] = true
		case w.Kind == table.PutItem:
			return nil, &table.Refused{Index: i, Item: it}
		default:
			return nil, &table.Refused{Index: i}
		}
	}
	var got table.Item
	for i, w := range writes {
		if skip != nil && skip[i] {
			continue
		}
		before, _ := t.read(w.Key)
		after, stays := w.Apply(before)
		if t.write(w.Key, after, stays); w.Returns && len(writes) == 1 {
			if got = after; w.Kind == table.DeleteItem {
				got = before
			}
		}
	}
	return got, nil
}

func (t *Table) write(k table.Key, it table.Item, stays bool) {
	p := t.partitions[k.Partition]
	switch {
	case p == nil && !stays:
		return
	case p == nil:
		p = &partition{items: map[string]table.Item{}}
		t.partitions[k.Partition] = p
	}
	i, there := slices.BinarySearch(p.sorts, k.Sort)
	switch {
	case stays:
		if !there {
			p.sorts = slices.Insert(p.sorts, i, k.Sort)
		}
		if it == nil {
			it = table.Item{}
		}
		p.items[k.Sort] = it
	case there:
		p.sorts = slices.Delete(p.sorts, i, i+1)
		delete(p.items, k.Sort)
		if len(p.sorts) == 0 {
			delete(t.partitions, k.Partition)
		}
	}
}
