package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Types of the errors that the service reports about a function, not the
// function about itself; named as in AWS Lambda.
const (
	ExitError = "Runtime.ExitError"             // the process ended before it answered
	TimedOut  = "Sandbox.Timedout"              // no answer in time; the process was killed
	TooLarge  = "Function.ResponseSizeTooLarge" // the answer exceeds 6 MB
	unhandled = "Unhandled"                     // the function failed and did not say how
)

// ErrClosed is the error of an invocation after Close.
var ErrClosed = errors.New("the Lambda runtime is closed")

// A FunctionError says that a function was invoked and failed.
type FunctionError struct {
	Type    string // of the function's error, or one of the constants above
	Message string // the function's own words, unchanged
	Err     error  // context.DeadlineExceeded with TimedOut, otherwise nil
}

// Error returns the message alone: API Gateway compares an authorizer's with
// "Unauthorized".
func (e *FunctionError) Error() string { return e.Message }

// Unwrap returns Err.
func (e *FunctionError) Unwrap() error { return e.Err }

// shown is how much of an answer that is no error document is shown in an error.
const shown = 200

// functionError decodes what a function posts when it fails. What is no such
// document is shown as it is.
func functionError(body []byte, fallback string) *FunctionError {
	var doc struct {
		Type    *string `json:"errorType"`
		Message *string `json:"errorMessage"`
	}
	if err := json.Unmarshal(body, &doc); err != nil || doc.Message == nil {
		return &FunctionError{Type: fallback, Message: fmt.Sprintf("the function failed: %.*s", shown, body)}
	}
	e := &FunctionError{Type: fallback, Message: *doc.Message}
	if doc.Type != nil {
		e.Type = *doc.Type
	}
	return e
}

// isErrorDocument reports whether an answer is nothing but an error: the
// strings errorType and errorMessage, and at most where it happened.
func isErrorDocument(body []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return false
	}
	texts := 0
	for name, value := range members {
		switch name {
		case "errorType", "errorMessage":
			if value[0] != '"' {
				return false
			}
			texts++
		case "stackTrace", "requestId":
		default:
			return false
		}
	}
	return texts == 2
}
