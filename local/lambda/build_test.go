package lambda

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestBuildSaysWhatIsWrong(t *testing.T) {
	err := Build(t.Context(), "testdata", t.TempDir(), []string{"absent", "missing"})
	for _, want := range []string{"build ./functions/absent: exit status 1\n", "build ./functions/missing: exit status 1\n"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Build(ctx, "testdata", t.TempDir(), []string{"subject"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := Build(t.Context(), "testdata", t.TempDir(), []string{"subject"}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}
