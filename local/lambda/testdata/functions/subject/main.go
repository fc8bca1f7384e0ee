// Subject is a function that does what its events say, for the tests.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
}

type answer struct {
	Text     string   `json:"text,omitempty"`
	Pid      int      `json:"pid"`
	Env      []string `json:"env,omitempty"`
	Folder   string   `json:"folder,omitempty"`
	Deadline int64    `json:"deadline,omitempty"`
	ARN      string   `json:"arn,omitempty"`
	ID       string   `json:"id,omitempty"`
	Statuses []int    `json:"statuses,omitempty"`
}

type refused struct{ text string }

func (e *refused) Error() string { return e.text }

func main() {
	switch os.Getenv("START") {
	case "fail":
		fmt.Println(`{"msg":"cannot start","err":"TABLE is missing"}`)
		os.Exit(1)
	case "report":
		report()
		os.Exit(1)
	case "exit":
		os.Exit(0)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (answer, error) {
	a := answer{Pid: os.Getpid()}
	switch e.Do {
	case "echo":
		a.Text = e.Text
	case "record":
		return a, record(e.Text)
	case "error":
		return a, &refused{e.Text}
	case "panic":
		panic(e.Text)
	case "sleep":
		fmt.Println("sleeping", os.Getpid())
		time.Sleep(time.Minute)
	case "exit":
		os.Exit(len(e.Text))
	case "large":
		a.Text = strings.Repeat("x", 7<<20)
	case "describe":
		a.Env = os.Environ()
		a.Folder, _ = os.Getwd()
		d, _ := ctx.Deadline()
		a.Deadline = d.UnixMilli()
		lc, _ := lambdacontext.FromContext(ctx)
		a.ARN, a.ID = lc.InvokedFunctionArn, lc.AwsRequestID
	case "forge":
		a.Statuses = append(a.Statuses,
			request(http.MethodPost, "runtime/invocation/another/response"),
			request(http.MethodPost, "runtime/invocation/another/error"),
			request(http.MethodGet, "runtime/invocation/next"))
	default:
		return a, errors.New("what to do?")
	}
	return a, nil
}

// record leaves a trace of each execution: a line in the file RECORD.
func record(text string) error {
	f, err := os.OpenFile(os.Getenv("RECORD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	return errors.Join(err, f.Close())
}

// request calls the Runtime API behind the back of the runtime.
func request(method, path string) int {
	r, err := http.NewRequest(method, "http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/"+path, strings.NewReader(`{"pid":-1}`))
	if err != nil {
		panic(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		panic(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// report says why the function cannot start, as a runtime may.
func report() {
	resp, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json",
		strings.NewReader(`{"errorType":"Config","errorMessage":"Unauthorized"}`))
	if err != nil {
		panic(err)
	}
	_ = resp.Body.Close()
}
