package table

import (
	"context"
	"fmt"

	"infocig/shared/code"
)

// A Table keeps items under keys. Its methods may be called concurrently. What a Commit
// has returned for is durable, and every later read sees it, unless the read is Stale.
type Table interface {
	// Get returns the item under k. It returns code.NotFound if there is none.
	Get(ctx context.Context, k Key) (Item, error)

	// Query returns rows of one partition in the order of their sort keys, and whether
	// there may be more after the last of them.
	Query(ctx context.Context, q Query) (rows []Row, more bool, err error)

	// Commit makes all writes or none of them, on their conditions. No two writes are for
	// one key. It does nothing if there are none.
	//
	// If conditions are not met it returns *Refused for the first of them, those of
	// optional writes apart, and has written nothing. It returns code.Throttled if the
	// table takes nothing now; after any other error nobody knows whether it has written.
	//
	// Of a lone write that returns something (Write.Returning) it returns the item as it is
	// after an update, or as it was before a deletion, nil if there was none; of any other
	// nil.
	Commit(ctx context.Context, writes ...Write) (Item, error)
}

// A Key is where an item is. Neither part is ever empty. Bytes order sort keys.
type Key struct{ Partition, Sort string }

// Expires is the attribute that says, in seconds since 1970, after when a table may delete an
// item. Nothing relies on it: who reads has to know what is over.
const Expires = "expires"

// A Row is an item of a partition that is known.
type Row struct {
	Sort string
	Item Item
}

// A Query asks for rows of Partition.
type Query struct {
	Partition string
	After     string // the rows whose sort keys come after that one; "" for all
	Backwards bool   // the last first; without After
	Stale     bool   // may miss what was just written, at half the price
	Limit     int    // so many at most; 0 for all
}

// Refused says that the condition of a write was not met.
type Refused struct {
	Index int  // of the write
	Item  Item // what stood there, if the write is a Put; nil if that is not known
}

func (r *Refused) Error() string { return fmt.Sprintf("condition of write %d not met", r.Index) }

// Unwrap makes *Refused a Conflict.
func (r *Refused) Unwrap() error { return code.Conflict }
