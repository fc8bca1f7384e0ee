package sim

import (
	"context"
	"strings"

	"infocig/shared/chat/store"
	"infocig/shared/table"
)

// points is a table whose every call is a point: production's store runs over it.
type points struct {
	table.Table
	s         *scheduler
	committed func(store.Step) // is told of each step of the desk once it is stored
}

// A watched store says to its points which step a Commit is for.
type watched struct{ store.Store }

type stepKey struct{}

// Commit implements store.Committer.
func (w watched) Commit(ctx context.Context, step store.Step) error {
	return w.Store.Commit(context.WithValue(ctx, stepKey{}, step), step)
}

// Get implements table.Table.
func (p points) Get(ctx context.Context, k table.Key) (table.Item, error) {
	return effect(ctx, p.s, false, "get "+k.Partition+" "+k.Sort, func() (table.Item, error) { return p.Table.Get(ctx, k) })
}

// onePage is how many items a page of a list has, so that there are several.
const onePage = 3

type found struct {
	rows []table.Row
	more bool
}

// Query implements table.Table.
func (p points) Query(ctx context.Context, q table.Query) ([]table.Row, bool, error) {
	if strings.HasPrefix(q.Partition, "live#") || strings.HasPrefix(q.Partition, "outbox#") {
		q.Limit = onePage
	}
	what := "query " + q.Partition
	if q.After != "" {
		what += " after " + q.After
	}
	got, err := effect(ctx, p.s, false, what, func() (got found, err error) {
		got.rows, got.more, err = p.Table.Query(ctx, q)
		return got, err
	})
	return got.rows, got.more, err
}

// Commit implements table.Table.
func (p points) Commit(ctx context.Context, writes ...table.Write) (table.Item, error) {
	var what strings.Builder
	what.WriteString("commit")
	for _, w := range writes {
		what.WriteString(" " + w.Key.Partition + " " + w.Key.Sort)
	}
	step, ok := ctx.Value(stepKey{}).(store.Step)
	return effect(ctx, p.s, true, what.String(), func() (table.Item, error) {
		it, err := p.Table.Commit(ctx, writes...)
		if err == nil && ok {
			p.committed(step)
		}
		return it, err
	})
}
