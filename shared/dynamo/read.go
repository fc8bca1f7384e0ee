package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat"
)

// get reads one item. It returns NotFound if there is none.
func (s *Store) get(ctx context.Context, k key) (item, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: k.item(), ConsistentRead: aws.Bool(true)})
	switch {
	case err != nil:
		return nil, failed("read", err)
	case out.Item == nil:
		return nil, chat.NotFound
	}
	return out.Item, nil
}

// A query is for the items of one partition, in order of their sort keys.
type query struct {
	pk, after string // after "": from the first
	backwards bool
	stale     bool // may miss what was just written, at half the price
	limit     int  // 0: all
}

const (
	wholePartition = "#pk = :pk"
	restOfIt       = "#pk = :pk AND #sk > :after"
)

// query returns the items, and the sort key after which there may be more, ""
// if there are none.
func (s *Store) query(ctx context.Context, q query) (items []item, more string, err error) {
	in := &dynamodb.QueryInput{
		TableName:                 &s.table,
		KeyConditionExpression:    aws.String(wholePartition),
		ExpressionAttributeValues: item{":pk": textOf(q.pk)},
		ConsistentRead:            aws.Bool(!q.stale),
		ScanIndexForward:          aws.Bool(!q.backwards),
	}
	if q.after != "" {
		in.KeyConditionExpression = aws.String(restOfIt)
		in.ExpressionAttributeValues[":after"] = textOf(q.after)
	}
	in.ExpressionAttributeNames = names(*in.KeyConditionExpression)
	for {
		if q.limit > 0 {
			in.Limit = aws.Int32(int32(min(q.limit-len(items), 1000))) //nolint:gosec // fits
		}
		out, err := s.client.Query(ctx, in)
		if err != nil {
			return nil, "", failed("query", err)
		}
		for _, it := range out.Items {
			items = append(items, it)
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
		if len(in.ExclusiveStartKey) == 0 {
			return items, "", nil
		}
		if q.limit > 0 && len(items) >= q.limit {
			f := fields{item: in.ExclusiveStartKey, out: true}
			text(&f, SortKey, &more)
			return items, more, f.err
		}
	}
}

const pageSize = 100

// page returns a page of the items of n partitions. Where a page begins is the
// number of its partition and the sort key before it.
func (s *Store) page(ctx context.Context, partition func(int) string, n int, from string) (items []item, next string, err error) {
	first, after, _ := strings.Cut(from, "/")
	p := 0
	if first != "" {
		if p, err = strconv.Atoi(first); err != nil || p < 0 || p >= n {
			return nil, "", fmt.Errorf("no page begins at %q: %w", from, chat.Invalid)
		}
	}
	items, more, err := s.query(ctx, query{pk: partition(p), after: after, limit: pageSize})
	switch {
	case err != nil:
		return nil, "", err
	case more != "":
		next = fmt.Sprint(p, "/", more)
	case p+1 < n:
		next = strconv.Itoa(p + 1)
	}
	return items, next, nil
}
