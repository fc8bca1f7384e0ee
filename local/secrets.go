package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"infocig/shared/app/env"
)

// storeSecrets makes secrets of those of values on a Secrets Manager that has
// none yet, and puts their ARNs in their place: so functions get them as they do
// on AWS.
func storeSecrets(ctx context.Context, url string, values env.Values) error {
	client := secretsmanager.NewFromConfig(awsConfig(), func(o *secretsmanager.Options) { o.BaseEndpoint = &url })
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for _, v := range env.Secrets {
		name, value := table+"/"+string(v), values[v]
		made, err := client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
		if err != nil {
			return fmt.Errorf("secret %s: %w", v, cause(err))
		}
		values[v] = *made.ARN
	}
	return nil
}
