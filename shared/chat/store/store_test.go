package store_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat/store"
	"infocig/shared/chat/store/storetest"
	"infocig/shared/table/bolt"
	"infocig/shared/table/dynamo"
	"infocig/shared/table/memory"
	"infocig/shared/test/servers"
)

func TestDynamoDB(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, http.DefaultTransport) })
}

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.New(memory.New()) })
}

func TestFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		f, err := bolt.Open(filepath.Join(t.TempDir(), "data", "chat.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return store.Sequential(f)
	})
}

// client returns a client of the server behind transport.
func client(endpoint string, transport http.RoundTripper) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint, Region: "eu-south-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient: &http.Client{Transport: transport},
	})
}

var tables atomic.Int32

// open returns a store on a table of its own.
func open(t *testing.T, transport http.RoundTripper) store.Store {
	t.Helper()
	s, _ := openTable(t, transport)
	return s
}

// openTable also returns the table's name.
func openTable(t *testing.T, transport http.RoundTripper) (store.Store, string) {
	t.Helper()
	endpoint, err := server()
	if err != nil {
		t.Fatal(err)
	}
	table := fmt.Sprint("infocig", tables.Add(1))
	if err := dynamo.Create(t.Context(), client(endpoint, http.DefaultTransport), table); err != nil {
		t.Fatal(err)
	}
	return store.New(dynamo.New(client(endpoint, transport), table)), table
}

// server starts dynoxide once, and returns its address.
var server = sync.OnceValues(func() (string, error) {
	s, err := servers.Dynoxide(context.Background(), "")
	if err != nil {
		return "", err
	}
	keep = s
	return s.URL, nil
})

// keep prevents the collection of the server, which would end it.
var keep *servers.Server
