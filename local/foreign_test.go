package main

import (
	"os/exec"
	"testing"

	"infocig/shared/test/servers"
)

// TestForeignClient runs a client that shares no code with the service: it knows
// the OpenAPI, the AsyncAPI and the table of keys.
func TestForeignClient(t *testing.T) {
	t.Parallel()
	python, err := servers.Python(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, _ := serve(t, options{clock: opening, functions: bootstrap, dynamodb: dynoxide, sqs: moto})
	out, err := exec.CommandContext(t.Context(), python, "foreign/client.py", s.base, s.options.dynamodb, s.options.sqs).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
