// Package secrets reads secrets: values of the environment, or of AWS Secrets
// Manager where the environment has the ARN of one. No error and no log has the
// value of a secret.
package secrets
