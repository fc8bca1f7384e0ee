package embedded

import (
	"context"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"

	"infocig/shared/chat"
)

// Slip implements chat.Slips.
func (s *Store) Slip(_ context.Context, id chat.HolderID) (chat.Slip, error) {
	return view[chat.Slip](s, slipBucket, []byte(id))
}

// changeSlip makes a change of slips, or returns *chat.Unmet.
func changeSlip(tx *bolt.Tx, change chat.Change) error {
	switch c := change.(type) {
	case chat.SetSlip:
		has, err := slipOf(tx, c.Slip.Holder)
		if err != nil {
			return err
		}
		if !has.After.Before(c.Slip.After) {
			return &chat.Unmet{Change: c}
		}
		if err := forgetSlips(tx, c.Slip.After.Add(-chat.SlipLife)); err != nil {
			return err
		}
		return put(tx, slipBucket, []byte(c.Slip.Holder), c.Slip)
	case chat.CountSlip:
		key := numbered(nil, int(c.After.Unix()))
		n, err := get[int](tx, slipCountBucket, key)
		if err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		if n >= c.Most {
			return &chat.Unmet{Change: c}
		}
		return put(tx, slipCountBucket, key, n+1)
	case chat.DropSlip:
		has, err := slipOf(tx, c.Slip.Holder)
		if err != nil {
			return err
		}
		if has.Holder == "" || !has.After.Equal(c.Slip.After) {
			return &chat.Unmet{Change: c}
		}
		return tx.Bucket(slipBucket).Delete([]byte(c.Slip.Holder))
	}
	return nil
}

// slipOf returns that of a person, the zero value if there is none.
func slipOf(tx *bolt.Tx, id chat.HolderID) (chat.Slip, error) {
	s, err := get[chat.Slip](tx, slipBucket, []byte(id))
	if errors.Is(err, chat.NotFound) {
		err = nil
	}
	return s, err
}

// forgetSlips deletes those of closings before then.
func forgetSlips(tx *bolt.Tx, before time.Time) error {
	var old [][]byte
	err := each(tx, slipBucket, nil, nil, func(k []byte, s chat.Slip) (bool, error) {
		if s.After.Before(before) {
			old = append(old, k)
		}
		return true, nil
	})
	for _, k := range old {
		err = errors.Join(err, tx.Bucket(slipBucket).Delete(k))
	}
	return err
}
