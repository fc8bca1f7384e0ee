package dynamo

import (
	"context"

	"infocig/shared/chat"
)

func liveFields(f *fields, l *chat.Live) {
	text(f, "conversation", &l.Conversation)
	text(f, "company", &l.Company)
	instant(f, "seen", &l.Seen)
}

func liveOf(it item) (l chat.Live, err error) {
	err = unpack(it, func(f *fields) {
		text(f, SortKey, &l.Holder)
		liveFields(f, &l)
	})
	return l, err
}

// Live implements chat.People.
func (s *Store) Live(ctx context.Context, id chat.HolderID) (chat.Live, error) {
	it, err := s.get(ctx, liveKey(id))
	if err != nil {
		return chat.Live{}, err
	}
	return liveOf(it)
}

// AllLive implements chat.People.
func (s *Store) AllLive(ctx context.Context, from string) (page []chat.Live, next string, err error) {
	items, next, err := s.page(ctx, livePartition, livePartitions, from)
	if err != nil {
		return nil, "", err
	}
	for _, it := range items {
		l, err := liveOf(it)
		if err != nil {
			return nil, "", err
		}
		page = append(page, l)
	}
	return page, next, nil
}

func (s *Store) setLive(c chat.SetLive) (write, error) {
	l := chat.Live(c)
	return s.put(liveKey(c.Holder), absent, nil, func(f *fields) { liveFields(f, &l) })
}

func (s *Store) clearLive(c chat.ClearLive) write {
	w := s.delete(liveKey(c.Holder), "attribute_not_exists(#pk) OR #conversation = :conversation",
		item{":conversation": textOf(c.Conversation)})
	w.moot = true // another conversation's mark
	return w
}

func (s *Store) seen(c chat.Seen) write {
	return s.update(liveKey(c.Holder), "SET #seen = :seen", "#conversation = :conversation",
		item{":conversation": textOf(c.Conversation), ":seen": instantOf(c.At)})
}
