package dynamotest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"infocig/shared/chat/store"
	"infocig/shared/chat/store/storetest"
	"infocig/shared/table/dynamo"
	"infocig/shared/table/dynamo/dynamotest"
	"infocig/shared/test/servers"
)

// A comparison is what the meter counts for a request and what the server says
// that it consumed, nothing for nil.
type comparison struct {
	dynamotest.Request
	told *float64
}

func (c comparison) units() float64 { return c.Reads + c.Writes }

// differences are where the meter and dynoxide differ on purpose, by name.
var differences = map[string]struct {
	reason string
	of     func(comparison) bool
}{
	"a write that is refused": {
		"an answer that is an error has no figure, neither dynoxide's nor DynamoDB's; DynamoDB charges it",
		func(c comparison) bool { return c.Status != http.StatusOK && c.told == nil && c.Writes > 0 },
	},
}

// An asker asks the server for its figures and keeps them beside the meter's.
type asker struct {
	meter *dynamotest.Meter

	mu   sync.Mutex
	told map[string]*float64 // by request
	n    atomic.Int64
}

func newAsker() *asker {
	return &asker{meter: &dynamotest.Meter{}, told: map[string]*float64{}}
}

// RoundTrip implements http.RoundTripper.
func (a *asker) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	body = append([]byte(`{"ReturnConsumedCapacity":"TOTAL",`), body[1:]...)
	id := fmt.Sprint(a.n.Add(1))
	r = r.Clone(dynamotest.With(r.Context(), id))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp, err := a.meter.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	type consumed struct{ CapacityUnits float64 }
	var one struct{ ConsumedCapacity *consumed }
	var several struct{ ConsumedCapacity []consumed }
	a.mu.Lock()
	defer a.mu.Unlock()
	if json.Unmarshal(answer, &one) == nil && one.ConsumedCapacity != nil {
		a.told[id] = &one.ConsumedCapacity.CapacityUnits
	} else if json.Unmarshal(answer, &several) == nil && several.ConsumedCapacity != nil {
		total := 0.0
		for _, c := range several.ConsumedCapacity {
			total += c.CapacityUnits
		}
		a.told[id] = &total
	}
	return resp, nil
}

// compare fails the test for every request that meter and server count in two
// ways, unless differences says why; and returns how often it does.
func (a *asker) compare(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.meter.Requests() {
		c := comparison{r, a.told[r.By]}
		if c.told != nil && *c.told == c.units() {
			found["the same"]++
			continue
		}
		known := false
		for name, d := range differences {
			if d.of(c) {
				known = true
				found[name]++
			}
		}
		if !known {
			told := "nothing"
			if c.told != nil {
				told = fmt.Sprint(*c.told)
			}
			t.Errorf("%s of %v, answered %d: counted %v, the server says %s", c.Op, c.Keys, c.Status, c.units(), told)
		}
	}
	return found
}

// open returns a client of the server behind transport.
func open(t *testing.T, transport http.RoundTripper) *dynamodb.Client {
	t.Helper()
	endpoint, err := server()
	if err != nil {
		t.Fatal(err)
	}
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient: &http.Client{Transport: transport}, Retryer: aws.NopRetryer{},
	})
}

var tables atomic.Int32

// create makes a table and returns its name.
func create(t *testing.T, c *dynamodb.Client) string {
	t.Helper()
	name := fmt.Sprint("table", tables.Add(1))
	if err := dynamo.Create(t.Context(), c, name); err != nil {
		t.Fatal(err)
	}
	return name
}

var server = sync.OnceValues(func() (string, error) {
	s, err := servers.Dynoxide(context.Background(), "")
	if err != nil {
		return "", err
	}
	keep = s
	return s.URL, nil
})

// keep keeps the server from being collected, which would end it.
var keep *servers.Server

// TestMeterAgainstServerOverTheConformanceSuite compares every request of the
// suite that both stores pass.
func TestMeterAgainstServerOverTheConformanceSuite(t *testing.T) {
	a := newAsker()
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store {
			c := open(t, a)
			return store.New(dynamo.New(c, create(t, c)))
		})
	})
	found := a.compare(t)
	for name, d := range differences {
		t.Logf("%4d × %s: %s", found[name], name, d.reason)
		if found[name] == 0 {
			t.Errorf("%s: no such request; take it from the table", name)
		}
	}
	t.Logf("%4d × the same", found["the same"])
	for _, f := range a.meter.Faults() {
		t.Error(f)
	}
}

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

// attributes are of every type, with the size of each value.
var attributes = map[string]struct {
	size  int
	value types.AttributeValue
}{
	"text":              {5, s("hello")},
	"text beyond ASCII": {11, s("però€✓")},
	"no text":           {0, s("")},
	"zero":              {1, n("0")},
	"one digit":         {2, n("7")},
	"two digits":        {2, n("42")},
	"three digits":      {3, n("123")},
	"zeros at the end":  {2, n("1700000000")},
	"an instant":        {8, n("1795442400123")},
	"less than nothing": {4, n("-123")},
	"a fraction":        {3, n("0.00125")},
	"twenty digits":     {11, n("18446744073709551615")},
	"bytes":             {4, &types.AttributeValueMemberB{Value: []byte{0, 1, 2, 255}}},
	"true":              {1, &types.AttributeValueMemberBOOL{Value: true}},
	"null":              {1, &types.AttributeValueMemberNULL{Value: true}},
	"a set":             {6, &types.AttributeValueMemberSS{Value: []string{"abc", "de", "f"}}},
	"a set of numbers":  {5, &types.AttributeValueMemberNS{Value: []string{"12", "345"}}},
	"a list":            {3 + 1 + 5 + 1 + 2, &types.AttributeValueMemberL{Value: []types.AttributeValue{s("hello"), n("7")}}},
	"an empty list":     {3, &types.AttributeValueMemberL{Value: []types.AttributeValue{}}},
	"a map":             {3 + 1 + 2 + 5 + 1 + 1 + 2, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"ab": s("hello"), "c": n("7")}}},
	"a map in a list":   {3 + 1 + 3 + 1 + 1 + 1, &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": s("y")}}}}},
	"sets of bytes":     {3, &types.AttributeValueMemberBS{Value: [][]byte{{1, 2}, {3}}}},
	"a map in a map":    {3 + 1 + 1 + 3 + 1 + 1 + 1, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"y": &types.AttributeValueMemberBOOL{Value: false}}}}}},
}

// TestSizes fills items with each type of attribute up to 1 KB and 4 KB to the
// byte: one byte more costs one unit more.
func TestSizes(t *testing.T) {
	a := newAsker()
	c := open(t, a)
	name := create(t, c)
	for what, v := range attributes {
		for _, limit := range []int{1024, 4096} {
			for over := range 2 {
				// pk and sk with values of one byte, v under a name of one, and p.
				used := 2 + 1 + 2 + 1 + 1 + v.size + 1
				it := map[string]types.AttributeValue{
					"pk": s("k"), "sk": s("k"), "v": v.value, "p": s(strings.Repeat("p", limit+over-used)),
				}
				_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: it})
				must(t, err)
				got := a.last()
				if want := float64(limit/1024 + over); got.Writes != want {
					t.Errorf("%s, %d bytes: %v written, want %v", what, limit+over, got.Writes, want)
				}
				_, err = c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: key("k", "k"), ConsistentRead: aws.Bool(true)})
				must(t, err)
				if want := float64(1 + over*(limit/4096)); a.last().Reads != want {
					t.Errorf("%s, %d bytes: %v read, want %v", what, limit+over, a.last().Reads, want)
				}
				_, err = c.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &name, Key: key("k", "k")})
				must(t, err)
			}
		}
	}
	a.compare(t)
}

func key(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": s(pk), "sk": s(sk)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// last returns the meter's last request.
func (a *asker) last() dynamotest.Request {
	all := a.meter.Requests()
	return all[len(all)-1]
}

// TestRules makes one request after the other.
func TestRules(t *testing.T) {
	a := newAsker()
	c := open(t, a)
	name := create(t, c)
	ctx := t.Context()
	sized := func(sk string, bytes int) map[string]types.AttributeValue {
		it := key("k", sk)
		it["p"] = s(strings.Repeat("p", bytes-2-1-2-len(sk)-1))
		return it
	}
	put := func(sk string, bytes int) func() error {
		return func() error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: sized(sk, bytes)})
			return err
		}
	}
	update := func(sk, change, condition string, values map[string]types.AttributeValue) func() error {
		return func() error {
			in := &dynamodb.UpdateItemInput{TableName: &name, Key: key("k", sk), UpdateExpression: &change, ExpressionAttributeValues: values}
			if condition != "" {
				in.ConditionExpression = &condition
			}
			_, err := c.UpdateItem(ctx, in)
			return err
		}
	}
	get := func(sk string, strong bool) func() error {
		return func() error {
			_, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: key("k", sk), ConsistentRead: &strong})
			return err
		}
	}
	query := func(pk string, strong bool, limit int32) func() error {
		return func() error {
			in := &dynamodb.QueryInput{TableName: &name, KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: map[string]types.AttributeValue{":pk": s(pk)}, ConsistentRead: &strong}
			if limit > 0 {
				in.Limit = &limit
			}
			_, err := c.Query(ctx, in)
			return err
		}
	}
	remove := func(sk string) func() error {
		return func() error {
			_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: key("k", sk)})
			return err
		}
	}
	putting := func(sk string, bytes int, condition string) types.TransactWriteItem {
		p := &types.Put{TableName: &name, Item: sized(sk, bytes)}
		if condition != "" {
			p.ConditionExpression = &condition
		}
		return types.TransactWriteItem{Put: p}
	}
	transact := func(token string, items ...types.TransactWriteItem) func() error {
		return func() error {
			in := &dynamodb.TransactWriteItemsInput{TransactItems: items}
			if token != "" {
				in.ClientRequestToken = &token
			}
			_, err := c.TransactWriteItems(ctx, in)
			return err
		}
	}
	grow := map[string]types.AttributeValue{":p": s(strings.Repeat("p", 2000))}
	const absent = "attribute_not_exists(pk)"
	for _, r := range []struct {
		what          string
		reads, writes float64
		do            func() error
	}{
		{"an item of nothing but keys", 0, 1, put("a", 7)},
		{"1 KB", 0, 1, put("a", 1024)},
		{"more", 0, 2, put("a", 1025)},
		{"a small one over it: the larger counts", 0, 2, put("a", 100)},
		{"an update that makes it larger", 0, 2, update("a", "SET p = :p", "", grow)},
		{"one that makes it smaller", 0, 2, update("a", "REMOVE p", "", nil)},
		{"one of an item that is not there", 0, 2, update("b", "SET p = :p", "", grow)},
		{"a deletion costs what was there", 0, 2, remove("b")},
		{"of nothing", 0, 1, remove("b")},
		{"a put whose condition fails, the old item being larger", 0, 3, func() error {
			must(t, put("a", 3000)())
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: sized("a", 100), ConditionExpression: aws.String(absent)})
			return err
		}},
		{"the new one being larger", 0, 4, func() error {
			_, err := c.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: sized("a", 4000), ConditionExpression: aws.String(absent)})
			return err
		}},
		{"an update whose condition fails", 0, 3, update("a", "REMOVE p", absent, nil)},
		{"an update of nothing whose condition fails", 0, 1, update("none", "REMOVE p", "attribute_exists(pk)", nil)},
		{"a read", 1, 0, get("a", true)},
		{"of nothing", 1, 0, get("none", true)},
		{"an eventually consistent one", 0.5, 0, get("a", false)},
		{"of nothing", 0.5, 0, get("none", false)},
		{"two small items in a transaction", 0, 4, transact("", putting("c", 500, ""), putting("d", 500, ""))},
		{"a small one and one over 1 KB", 0, 2 + 4, transact("once", putting("e", 500, ""), putting("f", 1100, ""))},
		{"the same again with its token", 4, 0, transact("once", putting("e", 500, ""), putting("f", 1100, ""))},
		{"one that is cancelled", 0, 4, transact("", putting("g", 500, ""), putting("c", 500, absent))},
		{"with a check", 0, 2 + 2, transact("", putting("g", 500, ""), types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: &name, Key: key("k", "c"), ConditionExpression: aws.String("attribute_exists(pk)")}})},
		{"a query sums up, then rounds: 6.1 KB", 2, 0, query("k", true, 0)},
		{"eventually consistent", 1, 0, query("k", false, 0)},
		{"the first only", 1, 0, query("k", true, 1)},
		{"of nothing", 1, 0, query("none", true, 0)},
		{"of nothing, eventually consistent", 0.5, 0, query("none", false, 0)},
	} {
		if err := r.do(); err != nil && !refused(err) {
			t.Fatalf("%s: %v", r.what, err)
		}
		if got := a.last(); got.Reads != r.reads || got.Writes != r.writes {
			t.Errorf("%s: %v read, %v written, want %v, %v", r.what, got.Reads, got.Writes, r.reads, r.writes)
		}
	}
	a.compare(t)
	if got := len(a.meter.Faults()); got != 4 {
		t.Errorf("%d faults, want one for each read that is not strongly consistent: %v", got, a.meter.Faults())
	}
}

func refused(err error) bool {
	_, one := errors.AsType[*types.ConditionalCheckFailedException](err)
	_, several := errors.AsType[*types.TransactionCanceledException](err)
	return one || several
}
