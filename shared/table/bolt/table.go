// Package bolt drives a table in a file on one machine, by bbolt. It knows bytes and a
// file's transactions, and no area.
package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"infocig/shared/code"
	"infocig/shared/table"
)

var _ table.Table = (*Table)(nil)

// A Table is a table.Table in one file, in which a key is the partition, a zero byte and
// the sort key. Close it when done.
type Table struct{ db *bolt.DB }

var bucket = []byte("items")

// Open opens the table in a file, which it makes if there is none, and deletes what has
// expired. Everything that a method has returned for is on disk. Only one process can have
// the file open: a second one gets an error within a second.
func Open(path string) (*Table, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	t, err := open(path, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another process", path)
	}
	return t, err
}

func open(path string, o *bolt.Options) (*Table, error) {
	db, err := bolt.Open(path, 0o600, o)
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		if name, _ := tx.Cursor().First(); name != nil && !bytes.Equal(name, bucket) {
			return fmt.Errorf("%s was made by an earlier version, whose data this one does not read: delete it, or give another folder", path)
		}
		b, err := tx.CreateBucketIfNotExists(bucket)
		if err != nil {
			return err
		}
		return expire(b, time.Now())
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Table{db: db}, nil
}

// expire deletes what expired before now.
func expire(b *bolt.Bucket, now time.Time) error {
	var old [][]byte
	c := b.Cursor()
	for k, raw := c.First(); k != nil; k, raw = c.Next() {
		it, err := table.Decode(raw)
		if err != nil {
			return err
		}
		if end := it.Get(table.Expires).Int(); end > 0 && end < now.Unix() {
			old = append(old, bytes.Clone(k))
		}
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for running calls and releases the file.
func (t *Table) Close() error { return t.db.Close() }

func keyOf(k table.Key) []byte {
	b := make([]byte, 0, len(k.Partition)+1+len(k.Sort))
	return append(append(append(b, k.Partition...), 0), k.Sort...)
}

// Get implements table.Table.
func (t *Table) Get(_ context.Context, k table.Key) (it table.Item, err error) {
	err = t.db.View(func(tx *bolt.Tx) (err error) {
		var there bool
		if it, there, err = read(tx.Bucket(bucket), keyOf(k)); err == nil && !there {
			err = code.NotFound
		}
		return err
	})
	return it, err
}

func read(b *bolt.Bucket, key []byte) (it table.Item, there bool, err error) {
	raw := b.Get(key)
	if raw == nil {
		return nil, false, nil
	}
	it, err = table.Decode(raw)
	return it, true, err
}

// Query implements table.Table. A stale one sees everything, too.
func (t *Table) Query(_ context.Context, q table.Query) (rows []table.Row, more bool, err error) {
	first := keyOf(table.Key{Partition: q.Partition})
	err = t.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucket).Cursor()
		next := c.Next
		var k, raw []byte
		switch {
		case q.Backwards:
			next = c.Prev
			end := append(bytes.Clone(first[:len(first)-1]), 1) // after the whole partition
			if k, _ = c.Seek(end); k == nil {
				k, raw = c.Last()
			} else {
				k, raw = c.Prev()
			}
		case q.After != "":
			after := keyOf(table.Key{Partition: q.Partition, Sort: q.After})
			if k, raw = c.Seek(after); bytes.Equal(k, after) {
				k, raw = c.Next()
			}
		default:
			k, raw = c.Seek(first)
		}
		for ; bytes.HasPrefix(k, first); k, raw = next() {
			if more = q.Limit > 0 && len(rows) == q.Limit; more {
				return nil
			}
			it, err := table.Decode(raw)
			if err != nil {
				return err
			}
			rows = append(rows, table.Row{Sort: string(k[len(first):]), Item: it})
		}
		return nil
	})
	return rows, more, err
}

// Commit implements table.Table.
func (t *Table) Commit(_ context.Context, writes ...table.Write) (got table.Item, err error) {
	if len(writes) == 0 {
		return nil, nil
	}
	err = t.db.Update(func(tx *bolt.Tx) error {
		for i, w := range writes {
			before, after, err := write(tx.Bucket(bucket), w)
			switch {
			case errors.Is(err, errUnmet) && w.Optional:
			case errors.Is(err, errUnmet) && w.Kind == table.PutItem:
				return &table.Refused{Index: i, Item: before} // rolls everything back
			case errors.Is(err, errUnmet):
				return &table.Refused{Index: i}
			case err != nil:
				return err
			case w.Returns && w.Kind == table.DeleteItem:
				got = before
			case w.Returns:
				got = after
			}
		}
		return nil
	})
	if err != nil || len(writes) > 1 {
		return nil, err
	}
	return got, nil
}

var errUnmet = errors.New("condition not met")

// write makes one write and returns the item before and after it. It returns errUnmet if the
// condition is not met.
func write(b *bolt.Bucket, w table.Write) (before, after table.Item, err error) {
	key := keyOf(w.Key)
	before, there, err := read(b, key)
	if err != nil {
		return nil, nil, err
	}
	if !w.Condition.Holds(before, there) {
		return before, nil, errUnmet
	}
	after, stays := w.Apply(before)
	if !stays {
		return before, nil, b.Delete(key)
	}
	return before, after, b.Put(key, after.Append(make([]byte, 0, 512)))
}
