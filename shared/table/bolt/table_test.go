package bolt_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"infocig/shared/code"
	"infocig/shared/table"
	"infocig/shared/table/bolt"
)

func open(t *testing.T, path string) *bolt.Table {
	t.Helper()
	f, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.db")
	open(t, path)
	if _, err := bolt.Open(path); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("second Open: %v", err)
	}
}

func TestAFileOfAnEarlierVersionIsNotTouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "infocig.db")
	old, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = old.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("log"))
		return err
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(path); err == nil || !strings.Contains(err.Error(), "earlier version") {
		t.Errorf("Open: %v", err)
	}
}

func TestWhatExpiredIsGoneWhenTheFileIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.db")
	f := open(t, path)
	expires := map[string]time.Time{"over": time.Now().Add(-time.Hour), "not over": time.Now().Add(time.Hour), "": {}}
	for name, end := range expires {
		it := table.Item{}
		if !end.IsZero() {
			it = it.With(table.Expires, table.Int(end.Unix()))
		}
		if _, err := f.Commit(t.Context(), table.Put(table.Key{Partition: "p", Sort: "x" + name}, it)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = open(t, path)
	for name := range expires {
		_, err := f.Get(t.Context(), table.Key{Partition: "p", Sort: "x" + name})
		if gone := errors.Is(err, code.NotFound); gone != (name == "over") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
