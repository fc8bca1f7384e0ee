// Package awsjson makes requests of AWS's JSON protocol, signed, for adapters that
// call one action of a service: the SDK's client of a service has all of its
// actions in every function, and half a millisecond of their start (ADR 0020).
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
package awsjson

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/go-json-experiment/json"
)

// A Request is a call of an action.
type Request struct {
	Service string // as it is signed: secretsmanager, sqs
	Region  string
	URL     string // of the service
	Version string // of the protocol: 1.0 or 1.1
	Target  string // the action, as secretsmanager.GetSecretValue
	Body    any    // becomes JSON
}

// An Error is an answer that is not 200. It has the HTTP status and AWS's name of the error,
// and nothing of the request or the answer.
type Error struct {
	Status int
	Kind   string // such as ResourceNotFoundException; may be empty
}

func (e *Error) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", e.Status, e.Kind))
}

// passes reports whether asking again may help.
func (e *Error) passes() bool {
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests || strings.HasPrefix(e.Kind, "Throttling")
}

const (
	attempts  = 3 // the first and two retries, while the context lasts
	maxPause  = 300 * time.Millisecond
	maxAnswer = 1 << 20
)

// Do makes the request with the credentials and the HTTP client of cfg, and
// returns the body of the answer. What may pass it asks again, twice at most: so
// the action may happen more than once.
func Do(ctx context.Context, cfg aws.Config, r Request) ([]byte, error) {
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		answer, passes, err := once(ctx, cfg, r, body)
		if err == nil || !passes || n == attempts {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(maxPause/2 + rand.N(maxPause/2)): //nolint:gosec // a pause is no secret
		}
	}
}

func once(ctx context.Context, cfg aws.Config, r Request, body []byte) (answer []byte, passes bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(r.URL, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-"+r.Version)
	req.Header.Set("X-Amz-Target", r.Target)
	who, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, false, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, req, hex.EncodeToString(hash[:]), r.Service, r.Region, time.Now()); err != nil {
		return nil, false, err
	}
	var client aws.HTTPClient = http.DefaultClient
	if cfg.HTTPClient != nil {
		client = cfg.HTTPClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, true, err
	}
	defer func() { _ = resp.Body.Close() }() // all that matters has been read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, true, err
	}
	if resp.StatusCode == http.StatusOK {
		return raw, false, nil
	}
	failed := &Error{Status: resp.StatusCode, Kind: kindOf(raw)}
	return nil, failed.passes(), failed
}

// kindOf returns AWS's name of an error, which may come after a name space and a #.
func kindOf(raw []byte) string {
	var v struct {
		Type string `json:"__type"`
	}
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return v.Type[strings.LastIndexByte(v.Type, '#')+1:]
}
