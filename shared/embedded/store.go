package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	json "github.com/go-json-experiment/json/v1"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"infocig/shared/chat"
)

var _ chat.Store = (*Store)(nil)

// A Store is a chat.Store. Close it when done.
type Store struct{ db *bolt.DB }

var (
	logBucket        = []byte("log")
	liveBucket       = []byte("live")
	advisorBucket    = []byte("advisor")
	counterBucket    = []byte("counter")
	returnedBucket   = []byte("returned")
	goneBucket       = []byte("gone")
	figuresBucket    = []byte("figures")
	passBucket       = []byte("pass")
	escalationBucket = []byte("escalation")
	noteBucket       = []byte("note")
	rulesBucket      = []byte("rules")
	passesBucket     = []byte("passes")
	socketBucket     = []byte("socket")
	accessBucket     = []byte("access")
	slipBucket       = []byte("slip")
	slipCountBucket  = []byte("slip count")

	buckets = [][]byte{
		logBucket, liveBucket, advisorBucket, counterBucket, returnedBucket, goneBucket,
		figuresBucket, passBucket, escalationBucket, noteBucket, rulesBucket,
		passesBucket, socketBucket, accessBucket, slipBucket, slipCountBucket,
	}
)

// Open opens the store in a file, which it makes if there is none. Everything
// that a method has returned for is on disk. Only one process can have the file
// open: a second one gets an error within a second.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	s, err := open(path, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s is in use by another process", path)
	}
	return s, err
}

// Memory opens a store of which nothing is left after Close: a file without a
// name that is never synced.
func Memory() (*Store, error) {
	f, err := os.CreateTemp("", "infocig-*.db")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if err := f.Close(); err != nil {
		return nil, err
	}
	return open(f.Name(), &bolt.Options{NoSync: true, NoGrowSync: true, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
}

func open(path string, o *bolt.Options) (*Store, error) {
	db, err := bolt.Open(path, 0o600, o)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, b := range buckets {
			if _, err := tx.CreateBucketIfNotExists(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{db: db}, nil
}

// Close waits for running calls and releases the file.
func (s *Store) Close() error { return s.db.Close() }

// get reads one value; it returns NotFound if there is none.
func get[T any](tx *bolt.Tx, bucket, key []byte) (T, error) {
	var v T
	raw := tx.Bucket(bucket).Get(key)
	if raw == nil {
		return v, chat.NotFound
	}
	return v, json.Unmarshal(raw, &v)
}

func put(tx *bolt.Tx, bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Bucket(bucket).Put(key, raw)
}

// view reads one value in a transaction of its own.
func view[T any](s *Store, bucket, key []byte) (v T, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		v, err = get[T](tx, bucket, key)
		return err
	})
	return v, err
}

// each calls do with every value whose key begins with prefix and is at or
// after from, in order of keys, until do reports false.
func each[T any](tx *bolt.Tx, bucket, prefix, from []byte, do func(key []byte, v T) (bool, error)) error {
	c := tx.Bucket(bucket).Cursor()
	for k, raw := c.Seek(from); k != nil && hasPrefix(k, prefix); k, raw = c.Next() {
		var v T
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &v); err != nil {
				return err
			}
		}
		if more, err := do(k, v); err != nil || !more {
			return err
		}
	}
	return nil
}
