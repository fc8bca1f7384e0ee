package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/go-json-experiment/json"

	"infocig/shared/aws/awsjson"
)

// IsARN reports whether a value is the ARN of something, and so no secret.
func IsARN(value string) bool { return strings.HasPrefix(value, "arn:") }

// suffixes are the ends of AWS's host names, by partition.
var suffixes = map[string]string{"aws": "amazonaws.com", "aws-eusc": "amazonaws.eu", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}

// A Manager reads from AWS Secrets Manager.
type Manager struct{ cfg aws.Config }

// New returns a manager that asks with the credentials of cfg, and asks the
// server at its BaseEndpoint if it has one.
func New(cfg aws.Config) *Manager { return &Manager{cfg} }

// Read returns the current value of the secret with that ARN: its SecretString.
// What may pass is asked again, twice at most. No error has anything of a value.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
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
	raw, err := awsjson.Do(ctx, m.cfg, awsjson.Request{
		Service: "secretsmanager", Region: a.Region, URL: url, Version: "1.1", Target: "secretsmanager.GetSecretValue",
		Body: struct {
			SecretId, VersionStage string //nolint:revive // names of AWS
		}{name, "AWSCURRENT"},
	})
	if err != nil {
		return "", fmt.Errorf("secrets manager: %w", err)
	}
	return valueOf(raw)
}

// valueOf returns the value in an answer.
func valueOf(raw []byte) (string, error) {
	var answer struct{ SecretString string }
	switch err := json.Unmarshal(raw, &answer); {
	case err != nil:
		return "", errors.New("secrets manager: the answer is not as documented")
	case answer.SecretString == "":
		return "", errors.New("secrets manager: the secret has no SecretString")
	}
	return answer.SecretString, nil
}
