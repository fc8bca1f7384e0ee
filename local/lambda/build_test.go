package lambda

import (
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
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

// TestReleaseIsReproducible builds a function from this folder and from a copy
// of the sources, which is a broken repository, with other flags set.
func TestReleaseIsReproducible(t *testing.T) {
	const root, function = "../..", "disconnect"
	other := t.TempDir()
	for _, folder := range []string{"functions/" + function, "shared"} {
		if err := os.CopyFS(filepath.Join(other, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		raw, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other, file), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(other, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}

	here := released(t, root, function)
	t.Setenv("GOFLAGS", "-gcflags=-N")
	t.Setenv("GOARM64", "v8.2")
	if there := released(t, other, function); here != there {
		t.Errorf("%s here, %s there", here, there)
	}
}

// released releases a function and returns the digest of its bytes.
func released(t *testing.T, root, function string) string {
	t.Helper()
	dir := t.TempDir()
	if err := Release(t.Context(), root, dir, []string{function}); err != nil {
		t.Fatal(err)
	}
	path := Binary(dir, function)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != Mode || !info.ModTime().Equal(Modified) {
		t.Errorf("%s %s", info.Mode(), info.ModTime())
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if f.Machine != elf.EM_AARCH64 || f.Section(".symtab") != nil {
		t.Errorf("%s with section .symtab %v", f.Machine, f.Section(".symtab"))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
