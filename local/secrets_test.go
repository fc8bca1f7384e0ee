package main

import (
	"testing"

	"infocig/shared/app/env"
	"infocig/shared/aws/secrets"
)

// TestFunctionsGetARNs: where there is a Secrets Manager, functions get their
// secrets from it and have none in their environment.
func TestFunctionsGetARNs(t *testing.T) {
	local, _ := serve(t, options{clock: opening})
	want, err := local.environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := serve(t, options{clock: opening, sqs: moto})
	got, err := s.environment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg := awsConfig()
	cfg.BaseEndpoint = &s.secretsURL
	for _, name := range env.Secrets {
		if secrets.IsARN(want[name]) || !secrets.IsARN(got[name]) {
			t.Errorf("%s is %q, and with moto %q", name, want[name], got[name])
			continue
		}
		value, err := secrets.New(cfg).Read(t.Context(), got[name])
		if err != nil || value != want[name] {
			t.Errorf("%s has %q, %v", name, value, err)
		}
	}
}
