package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// An Invoker runs functions synchronously.
//
// Invoke returns the function's result as JSON. An error means that the
// function failed or did not answer in time: the gateway never learns more,
// but for the message of an authorizer (see FunctionError). Invoke honours the
// deadline of ctx and may be called concurrently.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (result []byte, err error)
}

// A FunctionError is the error that a function itself returned. An Invoker may
// wrap it; what counts is Message, which is "Unauthorized" when an authorizer
// wants the client to see a 401.
type FunctionError struct {
	Type    string
	Message string
}

func (e *FunctionError) Error() string { return e.Message }

// unauthorized reports whether an authorizer failed with the one message that
// API Gateway understands.
func unauthorized(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if err.Error() == "Unauthorized" {
			return true
		}
	}
	return false
}

// call invokes function with the event as JSON and at most limit of time.
func call(ctx context.Context, inv Invoker, function string, event any, limit time.Duration) ([]byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encode event for %s: %w", function, err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	result, err := inv.Invoke(ctx, function, payload)
	if err == nil && ctx.Err() != nil {
		err = ctx.Err() // a late answer is no answer
	}
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	return result, nil
}

// errMalformed says that a function answered with something else than a proxy
// response with a statusCode.
var errMalformed = errors.New("malformed proxy response")

// proxyResponse decodes the answer of a WebSocket route.
func proxyResponse(result []byte) (events.APIGatewayProxyResponse, error) {
	var r events.APIGatewayProxyResponse
	if err := json.Unmarshal(result, &r); err != nil {
		return r, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if r.StatusCode < 100 || r.StatusCode > 599 {
		return r, fmt.Errorf("%w: statusCode %d", errMalformed, r.StatusCode)
	}
	return r, nil
}

// decodeBody returns the bytes of a response body.
func decodeBody(body string, isBase64 bool) ([]byte, error) {
	if !isBase64 {
		return []byte(body), nil
	}
	b, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: body is not base64: %w", errMalformed, err)
	}
	return b, nil
}
