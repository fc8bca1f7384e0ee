package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat/queue"
	"infocig/shared/table"
	"infocig/shared/table/dynamo"
)

// An erasure is a line of the ledger: which conversations of a person were erased,
// and when. It does not say whose they were: their names are those of tickets.
type erasure struct {
	At            time.Time              `json:"at"`
	Conversations []queue.ConversationID `json:"conversations"`
}

// A ledger keeps the erasures apart from the data, so that they can be given
// again after a backup has brought the data back.
type ledger interface {
	// add keeps an erasure for good. It comes before the erasure itself.
	add(ctx context.Context, e erasure) error

	// since returns the erasures from then on, the oldest first.
	since(ctx context.Context, from time.Time) ([]erasure, error)
}

// ledgerSuffix is what the name of a table's ledger ends with.
const ledgerSuffix = "-ledger"

// ledger returns the one beside the data: a table of its own, or a file.
func (p place) ledger(ctx context.Context) (ledger, error) {
	if p.Data != "" {
		return fileLedger(filepath.Join(p.Data, "erasures.jsonl")), nil
	}
	t, err := p.target(ctx)
	if err != nil {
		return nil, err
	}
	return ledgerIn(t.client(), t.ledger), nil
}

// tableLedger is a table: erasures are in one partition, and releases in another
// (release.go), each sorted by their time.
type tableLedger struct {
	table.Table
	name string
}

func ledgerIn(client *dynamodb.Client, name string) tableLedger {
	return tableLedger{dynamo.New(client, name), name}
}

const erasures = "erasure"

// stamp sorts as the time does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (l tableLedger) add(ctx context.Context, e erasure) error {
	return l.put(ctx, erasures, stamp(e.At)+"#"+rand.Text(), e)
}

// ledgerDays is for how many days a line of the ledger is kept: much longer than any
// backup (35 days), which is what it is asked about. A release that is older has no
// versions any more but the live ones.
const ledgerDays = 400

// put keeps v in a partition.
func (l tableLedger) put(ctx context.Context, pk, sk string, v any) error {
	it, err := table.Pack(func(f *table.Fields) {
		table.Document(f, "doc", &v)
		table.Expire(f, time.Now().AddDate(0, 0, ledgerDays))
	})
	if err == nil {
		_, err = l.Commit(ctx, table.Put(table.Key{Partition: pk, Sort: sk}, it))
	}
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.name, err)
	}
	return nil
}

func (l tableLedger) since(ctx context.Context, from time.Time) ([]erasure, error) {
	return read[erasure](ctx, l, erasures, stamp(from))
}

// read returns what a partition has after a sort key, in its order.
func read[T any](ctx context.Context, l tableLedger, pk, after string) ([]T, error) {
	rows, _, err := l.Query(ctx, table.Query{Partition: pk, After: after})
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", l.name, err)
	}
	all := make([]T, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Item.Get("doc").Text()), &all[i]); err != nil {
			return nil, fmt.Errorf("ledger %s: an item is none of ours", l.name)
		}
	}
	return all, nil
}

// fileLedger keeps erasures in a file, one JSON object a line.
type fileLedger string

func (l fileLedger) add(_ context.Context, e erasure) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(string(l), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

func (l fileLedger) since(_ context.Context, from time.Time) ([]erasure, error) {
	f, err := os.Open(string(l))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	var all []erasure
	for lines := json.NewDecoder(f); ; { // of any length
		var e erasure
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("%s: %w", string(l), err)
		}
		if !e.At.Before(from) {
			all = append(all, e)
		}
	}
}
