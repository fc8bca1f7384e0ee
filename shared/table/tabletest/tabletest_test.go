package tabletest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/table"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
	"infocig/shared/table/memory"
	"infocig/shared/table/tabletest"
	"infocig/shared/test/servers"
)

func inMemory(*testing.T) table.Table { return memory.New() }

// server starts dynoxide, once.
var server = sync.OnceValues(func() (*servers.Server, error) { return servers.Dynoxide(context.Background(), "") })

var tables atomic.Int32

func dynamoDB(t *testing.T) table.Table {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	client := dynamodb.New(dynamodb.Options{BaseEndpoint: &s.URL, Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")})
	name := fmt.Sprint("table", tables.Add(1))
	if err := dynamo.Create(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, name)
}

func TestMemory(t *testing.T) { tabletest.Run(t, inMemory) }

func inFile(t *testing.T) table.Table {
	t.Helper()
	f, err := bolt.Open(filepath.Join(t.TempDir(), "data", "table.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestFile(t *testing.T) { tabletest.Run(t, inFile) }

func TestDynamoDB(t *testing.T) { tabletest.Run(t, dynamoDB) }

// TestAllAnswerAlike plays the same against each driver and the one of DynamoDB, over a
// server that is not ours.
func TestAllAnswerAlike(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			tabletest.Compare(t, inMemory(t), dynamoDB(t), seed, 400)
			tabletest.Compare(t, inFile(t), dynamoDB(t), seed+100, 400)
		})
	}
}
