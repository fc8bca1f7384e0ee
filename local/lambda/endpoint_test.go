package lambda

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		status       int
		header, body string
		result       string
		failure      *FunctionError
		other        string // the end of any other error
	}{
		"an answer":                           {status: 200, body: `{"statusCode":200}`, result: `{"statusCode":200}`},
		"an empty answer":                     {status: 200},
		"a failure":                           {status: 200, header: "Unhandled", body: `{"errorMessage":"boom","errorType":"errorString"}`, failure: &FunctionError{Type: "errorString", Message: "boom"}},
		"a failure with its place":            {status: 200, header: "Unhandled", body: `{"errorMessage":"boom","errorType":"errorString","stackTrace":[{"path":"a.go","line":1}]}`, failure: &FunctionError{Type: "errorString", Message: "boom"}},
		"an authorizer's refusal":             {status: 200, header: "Unhandled", body: `{"errorMessage":"Unauthorized","errorType":"errorString"}`, failure: &FunctionError{Type: "errorString", Message: "Unauthorized"}},
		"a failure without a type":            {status: 200, header: "Handled", body: `{"errorMessage":"boom"}`, failure: &FunctionError{Type: "Handled", Message: "boom"}},
		"a failure without a document":        {status: 200, header: "Unhandled", body: "Task timed out", failure: &FunctionError{Type: "Unhandled", Message: "the function failed: Task timed out"}},
		"a failure that is not marked":        {status: 200, body: ` { "errorType" : "errorString", "errorMessage" : "Unauthorized" } `, failure: &FunctionError{Type: "errorString", Message: "Unauthorized"}},
		"not marked, with its place":          {status: 200, body: `{"errorType":"T","errorMessage":"m","requestId":"","stackTrace":[]}`, failure: &FunctionError{Type: "T", Message: "m"}},
		"an answer with more than an error":   {status: 200, body: `{"errorType":"T","errorMessage":"m","statusCode":200}`, result: `{"errorType":"T","errorMessage":"m","statusCode":200}`},
		"an answer with half an error":        {status: 200, body: `{"errorMessage":"m"}`, result: `{"errorMessage":"m"}`},
		"an answer with an error in numbers":  {status: 200, body: `{"errorType":1,"errorMessage":"m"}`, result: `{"errorType":1,"errorMessage":"m"}`},
		"an answer that is no object":         {status: 200, body: `"errorType"`, result: `"errorType"`},
		"an answer over the limit":            {status: 200, body: strings.Repeat("x", maxAnswer+1), failure: &FunctionError{Type: TooLarge, Message: "the answer exceeds 6 MB"}},
		"no such function":                    {status: 404, body: `{"Type":"User","Message":"Function not found"}`, other: `/2015-03-31/functions/Stack%2FMessage/invocations answered 404 Not Found: {"Type":"User","Message":"Function not found"}`},
		"the server fails, and calls it so":   {status: 502, header: "Unhandled", body: `{"errorMessage":"Unauthorized"}`, other: `answered 502 Bad Gateway: {"errorMessage":"Unauthorized"}`},
		"another status than that of success": {status: 202, other: "answered 202 Accepted: "},
		"the connection ends":                 {status: 0, other: "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ := io.ReadAll(r.Body)
				if r.Method != http.MethodPost || r.URL.EscapedPath() != "/2015-03-31/functions/Stack%2FMessage/invocations" || string(got) != `{"a":1}` {
					t.Errorf("%s %s %s", r.Method, r.URL, got)
				}
				if test.status == 0 {
					panic(http.ErrAbortHandler)
				}
				if test.header != "" {
					w.Header().Set("X-Amz-Function-Error", test.header)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			e := &Endpoint{URL: server.URL + "/", Name: func(f string) string { return "Stack/" + strings.ToUpper(f[:1]) + f[1:] }}
			result, err := e.Invoke(t.Context(), "message", []byte(`{"a":1}`))
			if string(result) != test.result {
				t.Errorf("result %.100s", result)
			}
			failure, _ := errors.AsType[*FunctionError](err)
			if d := cmp.Diff(test.failure, failure, cmp.AllowUnexported(FunctionError{})); d != "" {
				t.Errorf("failure (-want +got):\n%s", d)
			}
			if failure == nil && (err == nil) != (test.other == "") || test.other != "" && !strings.HasSuffix(err.Error(), test.other) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestEndpointHonoursTheDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	defer server.Close()
	if _, err := (&Endpoint{URL: server.URL}).Invoke(ctx, "message", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	server.Close()
	if _, err := (&Endpoint{URL: server.URL}).Invoke(t.Context(), "message", nil); err == nil || !strings.HasPrefix(err.Error(), "invoke message: ") {
		t.Error(err)
	}
}
