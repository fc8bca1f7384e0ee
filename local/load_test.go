package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLoad runs the load generator, small, against the service.
func TestLoad(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	out, err := exec.CommandContext(t.Context(), "go", "run", "./load", "-base", s.base, "-sockets", "100", "-limit", "2m").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "640 messages acknowledged, 640 pushed, 0 of the rest found by asking, 0 lost, 0 doubled") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), "go", "run", "./load", "-base", "http://192.0.2.1:80").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "this machine only") {
		t.Errorf("it goes elsewhere: %s", out)
	}
}
