package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/table"
)

func liveFields(f *table.Fields, l *Live) {
	table.Text(f, "conversation", &l.Conversation)
	table.Text(f, "company", &l.Company)
	table.Instant(f, "seen", &l.Seen)
}

func liveOf(r table.Row) (Live, error) {
	l := Live{Holder: queue.HolderID(r.Sort)}
	err := table.Unpack(r.Item, func(f *table.Fields) { liveFields(f, &l) })
	return l, err
}

// Live implements store.People.
func (s *overTable) Live(ctx context.Context, id queue.HolderID) (Live, error) {
	it, err := s.table.Get(ctx, liveKey(id))
	if err != nil {
		return Live{}, err
	}
	return liveOf(table.Row{Sort: string(id), Item: it})
}

// AllLive implements store.People.
func (s *overTable) AllLive(ctx context.Context, from string) (page []Live, next string, err error) {
	return paged(ctx, s, livePartition, livePartitions, from, liveOf)
}

func setLive(c SetLive) (table.Write, error) {
	l := Live(c)
	return putNew(put(liveKey(c.Holder), func(f *table.Fields) { liveFields(f, &l) }))
}

// clearLive deletes a holder's live mark, unless it is the mark of another conversation.
func clearLive(c ClearLive) table.Write {
	return table.Delete(liveKey(c.Holder)).If(table.Or(table.Absent(), isLive(c.Conversation))).OrSkip()
}

func seen(c Seen) table.Write {
	return table.Update(liveKey(c.Holder), table.SetTo("seen", table.InstantOf(c.At))).If(isLive(c.Conversation))
}

func isLive(id queue.ConversationID) table.Condition {
	return table.Equal("conversation", table.StringOf(id))
}

const pageSize = 100

// paged returns a page of the items in n partitions. The start of a page is written as the
// number of its partition and the sort key before the page.
func paged[T any](ctx context.Context, s *overTable, partition func(int) string, n int, from string, of func(table.Row) (T, error)) (page []T, next string, err error) {
	first, after, _ := strings.Cut(from, "/")
	p := 0
	if first != "" {
		if p, err = strconv.Atoi(first); err != nil || p < 0 || p >= n {
			return nil, "", fmt.Errorf("no page begins at %q: %w", from, code.Invalid)
		}
	}
	rows, more, err := s.table.Query(ctx, table.Query{Partition: partition(p), After: after, Limit: pageSize})
	switch {
	case err != nil:
		return nil, "", err
	case more:
		next = fmt.Sprint(p, "/", rows[len(rows)-1].Sort)
	case p+1 < n:
		next = strconv.Itoa(p + 1)
	}
	for _, r := range rows {
		v, err := of(r)
		if err != nil {
			return nil, "", err
		}
		page = append(page, v)
	}
	return page, next, nil
}
