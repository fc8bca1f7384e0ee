package dynamo_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"infocig/shared/chat"
	"infocig/shared/dynamo"
	"infocig/shared/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) chat.Store { return open(t, http.DefaultTransport) })
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
func open(t *testing.T, transport http.RoundTripper) *dynamo.Store {
	t.Helper()
	endpoint, err := server()
	if err != nil {
		t.Fatal(err)
	}
	table := fmt.Sprint("infocig", tables.Add(1))
	if err := dynamo.CreateTable(t.Context(), client(endpoint, http.DefaultTransport), table); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client(endpoint, transport), table)
}

// lifeline is the server's input. Nobody writes to it, but it must not be
// collected, which would close it.
var lifeline io.WriteCloser

// server starts dynoxide, once, and returns its address. It ends with this
// process, however that ends: the shell waits for the end of its input.
var server = sync.OnceValues(func() (string, error) {
	path, err := exec.Command("./dynoxide.sh").Output()
	if err != nil {
		return "", fmt.Errorf("dynoxide.sh: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	process := exec.Command("sh", "-c", `"$0" serve --host 127.0.0.1 --port "$1" >/dev/null & read -r _; kill $!; wait`, strings.TrimSpace(string(path)), port)
	if lifeline, err = process.StdinPipe(); err != nil {
		return "", err
	}
	if err := process.Start(); err != nil {
		return "", err
	}
	for range 100 {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			return "http://127.0.0.1:" + port, c.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", fmt.Errorf("dynoxide does not listen on port %s", port)
})

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", err
	}
	return port, l.Close()
}
