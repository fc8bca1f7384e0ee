package secrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/go-json-experiment/json"
)

// IsARN reports whether a value is the ARN of something, and so no secret.
func IsARN(value string) bool { return strings.HasPrefix(value, "arn:") }

// suffixes are the ends of AWS's host names, by partition.
var suffixes = map[string]string{"aws": "amazonaws.com", "aws-eusc": "amazonaws.eu", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}

// A Manager reads from AWS Secrets Manager. It makes its one request itself: the
// SDK's client would be 65 KB of every function (ADR 0019).
type Manager struct{ cfg aws.Config }

// New returns a manager that asks with the credentials of cfg, and asks the
// server at its BaseEndpoint if it has one.
func New(cfg aws.Config) *Manager {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = http.DefaultClient
	}
	return &Manager{cfg}
}

const (
	attempts = 3 // the first and two retries, while the context lasts
	maxPause = 300 * time.Millisecond
)

// Read returns the current value of the secret with that ARN: its SecretString.
// What may pass is asked again, twice at most.
func (m *Manager) Read(ctx context.Context, name string) (string, error) {
	a, err := arn.Parse(name)
	suffix := suffixes[a.Partition]
	if err != nil || a.Service != "secretsmanager" || !strings.HasPrefix(a.Resource, "secret:") || a.Region == "" || suffix == "" {
		return "", errors.New("this is not the ARN of a secret in Secrets Manager")
	}
	url := "https://secretsmanager." + a.Region + "." + suffix
	if m.cfg.BaseEndpoint != nil {
		url = *m.cfg.BaseEndpoint
	}
	for n := 1; ; n++ {
		value, passes, err := m.ask(ctx, url, a.Region, name)
		if err == nil || !passes || n == attempts {
			return value, err
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(maxPause/2 + rand.N(maxPause/2)): //nolint:gosec // a pause is no secret
		}
	}
}

// maxAnswer is how many bytes an answer may have: a value has up to 64 KB.
const maxAnswer = 1 << 20

// ask makes the request once. It tells of an error whether it may pass.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func (m *Manager) ask(ctx context.Context, url, region, name string) (value string, passes bool, err error) {
	body, err := json.Marshal(struct {
		SecretId, VersionStage string //nolint:revive // names of AWS
	}{name, "AWSCURRENT"})
	if err != nil {
		return "", false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(url, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return "", false, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	who, err := m.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return "", false, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, req, hex.EncodeToString(hash[:]), "secretsmanager", region, time.Now()); err != nil {
		return "", false, err
	}
	resp, err := m.cfg.HTTPClient.Do(req)
	if err != nil {
		return "", true, err
	}
	defer func() { _ = resp.Body.Close() }() // all that matters has been read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return "", true, err
	}
	return valueOf(resp.StatusCode, raw)
}

// valueOf returns the value in an answer. Its errors have nothing of what was
// answered but AWS's name of the error.
func valueOf(status int, raw []byte) (value string, passes bool, err error) {
	var answer struct {
		SecretString string
		Type         string `json:"__type"` // of an error: ResourceNotFoundException, maybe after a name space and a #
	}
	bad := json.Unmarshal(raw, &answer)
	kind := answer.Type[strings.LastIndexByte(answer.Type, '#')+1:]
	switch {
	case status != http.StatusOK:
		passes = status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || strings.HasPrefix(kind, "Throttling")
		return "", passes, fmt.Errorf("secrets manager: status %d %s", status, kind)
	case bad != nil:
		return "", false, errors.New("secrets manager: the answer is not as documented")
	case answer.SecretString == "":
		return "", false, errors.New("secrets manager: the secret has no SecretString")
	}
	return answer.SecretString, false, nil
}
