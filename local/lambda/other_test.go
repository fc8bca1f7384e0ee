//go:build !linux

package lambda

import "testing"

func TestKilled(t *testing.T) {
	t.Skip("what becomes of an event whose process is killed is known, and tested, on Linux only")
}
