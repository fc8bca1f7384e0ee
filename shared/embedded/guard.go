package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"

	"infocig/shared/chat"
)

// CountPass implements chat.Guard. It drops the counts of windows before the last.
func (s *Store) CountPass(_ context.Context, id string, window time.Time, pass string, most int) (counted bool, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		cursor := tx.Bucket(passesBucket).Cursor()
		old := numbered(nil, int(window.Add(-chat.PassWindow).Unix()))
		for k, _ := cursor.First(); k != nil && bytes.Compare(k, old) < 0; k, _ = cursor.First() {
			if err := cursor.Delete(); err != nil {
				return err
			}
		}
		key := passesKey(id, window)
		passes, err := get[[]string](tx, passesBucket, key)
		if err != nil && !errors.Is(err, chat.NotFound) {
			return err
		}
		if counted = len(passes) < most; !counted {
			return nil
		}
		return put(tx, passesBucket, key, append(passes, pass))
	})
	return counted, err
}

// PassesOf implements chat.Guard.
func (s *Store) PassesOf(_ context.Context, id string, window time.Time) ([]string, error) {
	passes, err := view[[]string](s, passesBucket, passesKey(id, window))
	if errors.Is(err, chat.NotFound) {
		return nil, nil
	}
	return passes, err
}

func passesKey(id string, window time.Time) []byte {
	return append(append(numbered(nil, int(window.Unix())), 0), id...)
}

// Enter implements chat.Guard.
func (s *Store) Enter(_ context.Context, id string, c chat.Connection) (all []chat.Connection, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		if err := put(tx, socketBucket, socketKey(id, c), struct{}{}); err != nil {
			return err
		}
		all, err = sockets(tx, id)
		return err
	})
	return all, err
}

// Leave implements chat.Guard.
func (s *Store) Leave(_ context.Context, id string, gone ...chat.Connection) error {
	return s.db.Update(func(tx *bolt.Tx) error {
		for _, c := range gone {
			if err := tx.Bucket(socketBucket).Delete(socketKey(id, c)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sockets implements chat.Guard.
func (s *Store) Sockets(_ context.Context, id string) (all []chat.Connection, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		all, err = sockets(tx, id)
		return err
	})
	return all, err
}

func sockets(tx *bolt.Tx, id string) (all []chat.Connection, err error) {
	prefix := under(id)
	err = each(tx, socketBucket, prefix, prefix, func(k []byte, _ struct{}) (bool, error) {
		rest := k[len(prefix):]
		epoch := int64(binary.BigEndian.Uint64(rest)) //nolint:gosec // written by numbered
		all = append(all, chat.Connection{ID: chat.ConnectionID(rest[8:]), Epoch: epoch})
		return true, nil
	})
	return all, err
}

// Accesses implements chat.AccessLog.
func (s *Store) Accesses(_ context.Context, id chat.ConversationID) (all []chat.Access, err error) {
	prefix := under(string(id))
	err = s.db.View(func(tx *bolt.Tx) error {
		return each(tx, accessBucket, prefix, prefix, func(_ []byte, a chat.Access) (bool, error) {
			all = append(all, a)
			return true, nil
		})
	})
	return all, err
}
