package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An authorization is what the answer of an authorizer amounts to.
type authorization struct {
	Allowed bool
	Context map[string]string // values as strings, with principalId
}

// parseAuthorization reads an authorizer's answer and evaluates its policy for
// methodArn. An error means that the answer is malformed.
func parseAuthorization(result []byte, methodArn string) (authorization, error) {
	var r struct {
		PrincipalID    *string `json:"principalId"`
		PolicyDocument *struct {
			Statement oneOrMany[statement] `json:"Statement"`
		} `json:"policyDocument"`
		Context map[string]json.RawMessage `json:"context"`
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return authorization{}, fmt.Errorf("authorizer answer: %w", err)
	}
	if r.PrincipalID == nil || r.PolicyDocument == nil || len(r.PolicyDocument.Statement) == 0 {
		return authorization{}, errors.New("authorizer answer: principalId or policyDocument is missing")
	}
	allowed, err := evaluate(r.PolicyDocument.Statement, methodArn)
	if err != nil {
		return authorization{}, err
	}
	a := authorization{Allowed: allowed, Context: map[string]string{"principalId": *r.PrincipalID}}
	for key, raw := range r.Context {
		if a.Context[key], err = scalar(raw); err != nil {
			return authorization{}, fmt.Errorf("authorizer context %q: %w", key, err)
		}
	}
	return a, nil
}

// A statement is a part of an IAM policy as far as an authorizer needs it.
type statement struct {
	Effect   string            `json:"Effect"`
	Action   oneOrMany[string] `json:"Action"`
	Resource oneOrMany[string] `json:"Resource"`
}

// oneOrMany is a list that JSON may abbreviate to its only element.
type oneOrMany[T any] []T

func (l *oneOrMany[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*l = oneOrMany[T]{one}
	return nil
}

// evaluate applies the statements as IAM does: a Deny that matches wins, then
// an Allow that matches is needed.
func evaluate(statements []statement, arn string) (bool, error) {
	allowed, denied := false, false
	for _, s := range statements {
		matches := anyMatch(s.Action, "execute-api:Invoke") && anyMatch(s.Resource, arn)
		switch s.Effect {
		case "Allow":
			allowed = allowed || matches
		case "Deny":
			denied = denied || matches
		default:
			return false, fmt.Errorf("authorizer policy: effect %q", s.Effect)
		}
	}
	return allowed && !denied, nil
}

func anyMatch(patterns []string, s string) bool {
	for _, p := range patterns {
		if wildcard(p, s) {
			return true
		}
	}
	return false
}

// wildcard reports whether s matches the pattern of IAM: * is any run of
// characters, ? is any one.
func wildcard(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if len(head) > len(s) {
		return false
	}
	for i := range len(head) {
		if head[i] != '?' && head[i] != s[i] {
			return false
		}
	}
	s = s[len(head):]
	if !star {
		return s == ""
	}
	for i := range len(s) + 1 {
		if wildcard(rest, s[i:]) {
			return true
		}
	}
	return false
}

// scalar returns a JSON string, number or boolean as text. Objects, lists and
// null are not allowed in the context of an authorizer.
func scalar(raw json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return string(raw), nil
	default:
		return "", fmt.Errorf("value of type %T", v)
	}
}
