package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// secrets looks for credentials with gitleaks: in every file that is or could be
// committed, as it is now, and in every commit.
func secrets(ctx context.Context, p project) (result, error) {
	var r result
	files, err := p.git(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		r.unseen = append(r.unseen, "files and history: this is no clone of git")
		return r, nil
	}
	copied, err := os.MkdirTemp("", "infocig-secrets-")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(copied) }()
	n := 0
	for _, name := range strings.Split(strings.Trim(files, "\x00"), "\x00") {
		if err := copyFile(filepath.Join(p.root, name), filepath.Join(copied, name)); err != nil {
			return r, err
		}
		n++
	}
	found, err := p.gitleaks(ctx, copied, "dir", ".")
	if err != nil {
		return r, err
	}
	r.failed = found
	shallow, err := p.git(ctx, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return r, err
	}
	commits, err := p.git(ctx, "rev-list", "--count", "--all")
	if err != nil {
		return r, err
	}
	if shallow == "true" {
		r.unseen = append(r.unseen, "history: this clone is shallow")
	}
	if found, err = p.gitleaks(ctx, p.root, "git", "."); err != nil {
		return r, err
	}
	r.failed = append(r.failed, found...)
	r.looked = fmt.Sprintf("none in %d files and %s commits", n, commits)
	return r, nil
}

func (p project) git(ctx context.Context, args ...string) (string, error) {
	out, _, err := call{dir: p.root, name: "git", args: args}.run(ctx)
	return strings.TrimSpace(string(out)), err
}

// copyFile copies a regular file, if it is one and still there.
func copyFile(from, to string) error {
	if is, err := os.Lstat(from); err != nil || !is.Mode().IsRegular() {
		return nil //nolint:nilerr // deleted and not committed yet; a link leads to what is looked at by itself
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

// gitleaks returns what it finds, without the secrets themselves.
func (p project) gitleaks(ctx context.Context, dir string, args ...string) ([]string, error) {
	args = append(args, "--no-banner", "--log-level", "error", "--redact", "--exit-code", "0", "--report-format", "json", "--report-path", "-", "--config", filepath.Join(p.root, "tools/supply/gitleaks.toml"))
	out, errs, err := call{dir: dir, name: filepath.Join(p.bin, "gitleaks"), args: args}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("gitleaks: %w\n%s", err, errs)
	}
	return readLeaks(out)
}

func readLeaks(report []byte) ([]string, error) {
	var all []struct {
		RuleID, File, Commit string
		StartLine            int
	}
	if err := json.Unmarshal(report, &all); err != nil {
		return nil, fmt.Errorf("gitleaks: %w", err)
	}
	var said []string
	for _, l := range all {
		where := fmt.Sprintf("%s:%d", l.File, l.StartLine)
		if l.Commit != "" {
			where += fmt.Sprintf(" in commit %.12s", l.Commit)
		}
		said = append(said, where+": "+l.RuleID)
	}
	return said, nil
}
