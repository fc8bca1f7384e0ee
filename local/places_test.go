package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"infocig/local/lambda"
)

// TestTheSameStoryEverywhere tells the stories of a chat and of an escalation
// wherever functions, store and queue can be.
func TestTheSameStoryEverywhere(t *testing.T) {
	for name, o := range map[string]options{
		"functions here, DynamoDB":         {dynamodb: dynoxide},
		"functions here, SQS":              {sqs: moto},
		"real binaries, DynamoDB and SQS":  {functions: bootstrap, dynamodb: dynoxide, sqs: moto},
		"a Lambda Invoke endpoint, as SAM": {functions: "endpoint", dynamodb: dynoxide, sqs: moto},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.clock = opening
			var behind atomic.Pointer[lambda.Runtime]
			if o.functions == "endpoint" {
				o.functions = invokeEndpoint(t, &behind)
			}
			s, _ := serve(t, o)
			if o.functions != "" && o.functions != bootstrap {
				_, stop, err := s.processes(t.Context()) // the binaries that the endpoint invokes
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = stop(context.Background()) })
				behind.Store(s.runtime)
			}
			chatStory(t, s, 7)
			escalationStory(t, s)
		})
	}
}

// invokeEndpoint speaks as sam local start-lambda does, for the functions behind.
func invokeEndpoint(t *testing.T, behind *atomic.Pointer[lambda.Runtime]) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		if err != nil || behind.Load() == nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		result, err := behind.Load().Invoke(context.WithoutCancel(r.Context()), r.PathValue("name"), payload)
		if f, ok := errors.AsType[*lambda.FunctionError](err); ok {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			_ = json.NewEncoder(w).Encode(map[string]string{"errorMessage": f.Message, "errorType": f.Type})
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(result)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// TestWithEveryFault has chats while everything goes wrong that the platform
// allows itself.
func TestWithEveryFault(t *testing.T) {
	for name, o := range map[string]options{
		"functions here":                  {},
		"real binaries, DynamoDB and SQS": {functions: bootstrap, dynamodb: dynoxide, sqs: moto},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.clock = opening
			var err error
			if o.faults, err = parseFaults("all"); err != nil {
				t.Fatal(err)
			}
			s, _ := serve(t, o)
			var cycles []*cycle
			for n := range 10 {
				x := &cycle{t: t, base: s.base, n: 100 + n, hurry: func() { s.sweep(t.Context()) }}
				cycles = append(cycles, x)
				x.run()
			}
			delivered(t, s.base, cycles, func() { s.sweep(t.Context()) })
		})
	}
}

func TestFaultsAreParsed(t *testing.T) {
	for list, want := range map[string]faults{
		"":               {},
		"disconnect":     {dropDisconnect: 1},
		"gone=0.5, lost": {postGone: 0.5, lostReply: 0.05},
		"gone=0.9,all":   {dropDisconnect: 1, postGone: 0.9, postThrottled: 0.1, duplicate: 0.2, delay: 0.2, lostReply: 0.05},
		"lost=2":         nil,
		"lost=x":         nil,
		"meteor":         nil,
		"gone=NaN":       nil,
		"all=1":          nil,
	} {
		got, err := parseFaults(list)
		if (err != nil) != (want == nil) {
			t.Errorf("%q: %v", list, err)
		}
		same(t, list, got, want)
	}
}
