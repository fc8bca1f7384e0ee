package lambda

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An Endpoint invokes functions by the Invoke API of Lambda at a URL, as
// "sam local start-lambda" serves it. Requests are not signed. All methods may be
// called concurrently.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
type Endpoint struct {
	URL    string              // such as http://127.0.0.1:3001
	Name   func(string) string // of a function as the server knows it; the same if nil
	Client *http.Client        // http.DefaultClient if nil
}

// Invoke runs a function once and returns its answer. A function that fails is a
// *FunctionError, also where the server, as sam does at times, answers with
// nothing but errorType and errorMessage and does not say that it is an error.
// Any other error means that nothing is known of the invocation; it wraps that of
// ctx if ctx ended.
func (e *Endpoint) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	name := function
	if e.Name != nil {
		name = e.Name(function)
	}
	target := strings.TrimSuffix(e.URL, "/") + "/2015-03-31/functions/" + url.PathEscape(name) + "/invocations"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := e.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch kind := resp.Header.Get("X-Amz-Function-Error"); {
	case err != nil:
		return nil, fmt.Errorf("invoke %s: read the answer: %w", function, err)
	case len(body) > maxAnswer:
		return nil, &FunctionError{Type: TooLarge, Message: overLimit.Message}
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("invoke %s: %s answered %s: %.*s", function, target, resp.Status, shown, bytes.TrimSpace(body))
	case kind != "":
		return nil, functionError(body, kind)
	case isErrorDocument(body):
		return nil, functionError(body, unhandled)
	}
	return body, nil
}
