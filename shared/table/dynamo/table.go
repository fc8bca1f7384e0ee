package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/code"
	"infocig/shared/table"
)

// Names of the table's keys.
const (
	PartitionKey = "pk"
	SortKey      = "sk"
)

var _ table.Table = (*Table)(nil)

// A Table is a table.Table. Writes begin only while the context has two seconds left, and
// wait for throttles and conflicts to pass until then; what is still refused then is
// code.Throttled.
type Table struct {
	client *dynamodb.Client
	name   string
}

// New returns the table of that name. The client's retries serve reads only.
func New(client *dynamodb.Client, name string) *Table { return &Table{client: client, name: name} }

// Create makes a table with the keys of the production one and waits until it can be used:
// for tests and for one machine.
func Create(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(PartitionKey), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(SortKey), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(PartitionKey), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(SortKey), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(table.Expires), Enabled: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("set time to live: %w", err)
	}
	return nil
}

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, k table.Key) (table.Item, error) {
	it, err := t.get(ctx, k)
	if err != nil {
		return nil, err
	}
	return itemOf(it)
}

func (t *Table) get(ctx context.Context, k table.Key) (attributes, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: keyOf(k), ConsistentRead: aws.Bool(true)})
	switch {
	case err != nil:
		return nil, failed("read", err)
	case out.Item == nil:
		return nil, code.NotFound
	}
	return out.Item, nil
}

const (
	wholePartition = "#pk = :pk"
	restOfIt       = "#pk = :pk AND #sk > :after"
)

// mostOfAPage is how many items a page of a Query may have at most: 1 MB of small ones.
const mostOfAPage = 1000

// Query implements table.Table.
func (t *Table) Query(ctx context.Context, q table.Query) (rows []table.Row, more bool, err error) {
	in := &dynamodb.QueryInput{
		TableName:                 &t.name,
		KeyConditionExpression:    aws.String(wholePartition),
		ExpressionAttributeNames:  map[string]string{"#pk": PartitionKey},
		ExpressionAttributeValues: attributes{":pk": &types.AttributeValueMemberS{Value: q.Partition}},
		ConsistentRead:            aws.Bool(!q.Stale),
		ScanIndexForward:          aws.Bool(!q.Backwards),
	}
	if q.After != "" {
		in.KeyConditionExpression = aws.String(restOfIt)
		in.ExpressionAttributeNames["#sk"] = SortKey
		in.ExpressionAttributeValues[":after"] = &types.AttributeValueMemberS{Value: q.After}
	}
	for {
		if q.Limit > 0 {
			in.Limit = aws.Int32(int32(min(q.Limit-len(rows), mostOfAPage))) //nolint:gosec // fits
		}
		out, err := t.client.Query(ctx, in)
		if err != nil {
			return nil, false, failed("query", err)
		}
		for _, found := range out.Items {
			it, err := itemOf(found)
			if err != nil {
				return nil, false, err
			}
			rows = append(rows, table.Row{Sort: sortOf(found), Item: it})
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
		if len(in.ExclusiveStartKey) == 0 {
			return rows, false, nil
		}
		if q.Limit > 0 && len(rows) >= q.Limit {
			return rows, true, nil
		}
	}
}
