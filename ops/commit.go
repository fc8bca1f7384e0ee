package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// built is what a deployment is made of: a change elsewhere makes no other release.
var built = []string{"functions", "shared", "infra", "web", "go.mod", "go.sum", "cdk.json"}

// commit returns the id of the commit in the working tree that has a folder. What was changed since is another id,
// and other changes are yet another: COMMIT-changed-HASH.
func commit(ctx context.Context, folder string) (string, error) {
	git := func(args ...string) (string, error) {
		c := exec.CommandContext(ctx, "git", args...) //nolint:gosec // our own words
		c.Dir = folder
		out, err := c.Output()
		if err != nil {
			return "", fmt.Errorf("git %s: %w: give --commit", args[0], err)
		}
		return string(out), nil
	}
	head, err := git("rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "", err
	}
	top, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		return "", err
	}
	folder = strings.TrimSpace(top)
	diff, err := git("diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD")
	if err != nil {
		return "", err
	}
	added, err := git(append([]string{"ls-files", "-z", "--others", "--exclude-standard", "--"}, built...)...)
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(head)
	if diff == "" && added == "" {
		return id, nil
	}
	sum := sha256.New()
	_, _ = io.WriteString(sum, diff) // never fails
	for _, name := range strings.Split(strings.TrimSuffix(added, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if name == "" || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "\x00%s\x00%d\x00%s", name, len(content), content)
	}
	return id + "-changed-" + hex.EncodeToString(sum.Sum(nil))[:8], nil
}
