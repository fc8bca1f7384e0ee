package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat"
	"infocig/shared/dynamo"
)

// An erasure is a line of the ledger: which conversations of a person were erased,
// and when. It does not say whose they were: their names are those of tickets.
type erasure struct {
	At            time.Time             `json:"at"`
	Conversations []chat.ConversationID `json:"conversations"`
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
	if p.Table == "" {
		return fileLedger(filepath.Join(p.Data, "erasures.jsonl")), nil
	}
	return p.ledgerTable(ctx, p.Table+ledgerSuffix)
}

func (p place) ledgerTable(ctx context.Context, table string) (ledger, error) {
	cfg, err := awsConfig(ctx, p.Endpoint)
	if err != nil {
		return nil, err
	}
	return tableLedger{dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.BaseEndpoint = orNil(p.Endpoint) }), table}, nil
}

// tableLedger keeps erasures in a DynamoDB table: all in one partition, sorted by
// their time.
type tableLedger struct {
	client *dynamodb.Client
	table  string
}

const erasures = "erasure"

// stamp sorts as the time does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (l tableLedger) add(ctx context.Context, e erasure) error {
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = l.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.table, Item: map[string]types.AttributeValue{
		dynamo.PartitionKey: &types.AttributeValueMemberS{Value: erasures},
		dynamo.SortKey:      &types.AttributeValueMemberS{Value: stamp(e.At) + "#" + rand.Text()},
		"doc":               &types.AttributeValueMemberS{Value: string(doc)},
	}})
	if err != nil {
		return fmt.Errorf("ledger %s: %w", l.table, err)
	}
	return nil
}

func (l tableLedger) since(ctx context.Context, from time.Time) ([]erasure, error) {
	var all []erasure
	pages := dynamodb.NewQueryPaginator(l.client, &dynamodb.QueryInput{
		TableName: &l.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:   aws.String("#pk = :pk AND #sk >= :from"),
		ExpressionAttributeNames: map[string]string{"#pk": dynamo.PartitionKey, "#sk": dynamo.SortKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: erasures}, ":from": &types.AttributeValueMemberS{Value: stamp(from)},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("ledger %s: %w", l.table, err)
		}
		for _, item := range page.Items {
			var e erasure
			doc, _ := item["doc"].(*types.AttributeValueMemberS)
			if doc == nil || json.Unmarshal([]byte(doc.Value), &e) != nil {
				return nil, fmt.Errorf("ledger %s: an item is none of ours", l.table)
			}
			all = append(all, e)
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
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			return all, lines.Err()
		}
		var e erasure
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: %w", string(l), err)
		}
		if !e.At.Before(from) {
			all = append(all, e)
		}
	}
}
