package embedded

import (
	"context"
	"time"

	json "github.com/go-json-experiment/json/v1"
	bolt "go.etcd.io/bbolt"

	"infocig/shared/chat"
)

// Tail implements chat.Log.
func (s *Store) Tail(_ context.Context, id chat.ConversationID) (e chat.Entry, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		e, err = tail(tx, id)
		return err
	})
	return e, err
}

func tail(tx *bolt.Tx, id chat.ConversationID) (chat.Entry, error) {
	prefix := under(string(id))
	c := tx.Bucket(logBucket).Cursor()
	k, _ := c.Seek(append([]byte(id), 1)) // the first key after the conversation's
	last := c.Prev
	if k == nil {
		last = c.Last
	}
	k, raw := last()
	if !hasPrefix(k, prefix) {
		return chat.Entry{}, chat.NotFound
	}
	var e chat.Entry
	return e, json.Unmarshal(raw, &e)
}

// Read implements chat.Log.
func (s *Store) Read(_ context.Context, id chat.ConversationID, seq, limit int) (entries []chat.Entry, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return each(tx, logBucket, under(string(id)), entryKey(id, seq+1), func(_ []byte, e chat.Entry) (bool, error) {
			if len(entries) == limit {
				return false, nil
			}
			entries = append(entries, e)
			return true, nil
		})
	})
	return entries, err
}

// Live implements chat.People.
func (s *Store) Live(_ context.Context, id chat.HolderID) (chat.Live, error) {
	return view[chat.Live](s, liveBucket, []byte(id))
}

// AllLive implements chat.People.
func (s *Store) AllLive(_ context.Context, from string) (page []chat.Live, next string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		page, next, err = pageOf[chat.Live](tx, liveBucket, from)
		return err
	})
	return page, next, err
}

const pageSize = 100

// pageOf returns the values of a bucket from a key on, and the key after them.
func pageOf[T any](tx *bolt.Tx, bucket []byte, from string) (page []T, next string, err error) {
	err = each(tx, bucket, nil, []byte(from), func(k []byte, v T) (bool, error) {
		if len(page) == pageSize {
			next = string(k)
			return false, nil
		}
		page = append(page, v)
		return true, nil
	})
	return page, next, err
}

// Advisor implements chat.Advisors.
func (s *Store) Advisor(_ context.Context, id chat.AdvisorID) (chat.Advisor, error) {
	return view[chat.Advisor](s, advisorBucket, []byte(id))
}

// Advisors implements chat.Advisors.
func (s *Store) Advisors(context.Context) (all []chat.Advisor, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		return each(tx, advisorBucket, nil, nil, func(_ []byte, a chat.Advisor) (bool, error) {
			all = append(all, a)
			return true, nil
		})
	})
	return all, err
}

// SomeAdvisors implements chat.Advisors: on one machine they are few.
func (s *Store) SomeAdvisors(ctx context.Context, _ uint16) ([]chat.Advisor, error) {
	return s.Advisors(ctx)
}

// Escalation implements chat.Outbox.
func (s *Store) Escalation(_ context.Context, id chat.EscalationID) (chat.Escalation, error) {
	return view[chat.Escalation](s, escalationBucket, []byte(id))
}

// Escalations implements chat.Outbox.
func (s *Store) Escalations(_ context.Context, from string) (page []chat.Escalation, next string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		page, next, err = pageOf[chat.Escalation](tx, escalationBucket, from)
		return err
	})
	return page, next, err
}

// Notes implements chat.Notes.
func (s *Store) Notes(_ context.Context, id chat.ConversationID) (notes []chat.Note, err error) {
	prefix := under(string(id))
	err = s.db.View(func(tx *bolt.Tx) error {
		return each(tx, noteBucket, prefix, prefix, func(_ []byte, n chat.Note) (bool, error) {
			notes = append(notes, n)
			return true, nil
		})
	})
	return notes, err
}

var rulesKey = []byte("rules")

// DeskRules implements chat.Rules.
func (s *Store) DeskRules(context.Context) (chat.DeskRules, error) {
	r, err := view[chat.DeskRules](s, rulesBucket, rulesKey)
	if err == chat.NotFound { //nolint:errorlint // never wrapped here
		return chat.DeskRules{}, nil
	}
	return r, err
}

// PutPass implements chat.Passes. It drops the passes that expired long before.
func (s *Store) PutPass(_ context.Context, p chat.Pass) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		var old [][]byte
		err := each(tx, passBucket, nil, nil, func(k []byte, q chat.Pass) (bool, error) {
			if q.Expires.Before(p.Expires.Add(-time.Hour)) {
				old = append(old, k)
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, k := range old {
			if err := tx.Bucket(passBucket).Delete(k); err != nil {
				return err
			}
		}
		return put(tx, passBucket, []byte(p.ID), p)
	})
}

// Redeem implements chat.Passes.
func (s *Store) Redeem(_ context.Context, id string, now time.Time) (p chat.Pass, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		if p, err = get[chat.Pass](tx, passBucket, []byte(id)); err != nil {
			return err
		}
		return tx.Bucket(passBucket).Delete([]byte(id))
	})
	if err == nil && !p.Expires.After(now) {
		return chat.Pass{}, chat.NotFound
	}
	return p, err
}
