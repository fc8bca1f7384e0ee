package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Build builds the functions ./functions/NAME of the module at root for this
// machine, otherwise as they are deployed, into outDir/NAME/bootstrap. It leaves
// it to Go to know what is up to date, and reports all that do not build.
func Build(ctx context.Context, root, outDir string, functions []string) error {
	if _, err := exec.LookPath("go"); err != nil {
		return fmt.Errorf("build functions: the Go toolchain is needed: %w", err)
	}
	outDir, err := filepath.Abs(outDir)
	if err != nil {
		return fmt.Errorf("build functions: %w", err)
	}
	for _, f := range functions {
		if ctx.Err() != nil {
			return fmt.Errorf("build functions: %w", ctx.Err())
		}
		err = errors.Join(err, build(ctx, root, Binary(outDir, f), "./functions/"+f))
	}
	return err
}

// Binary returns where Build puts a function.
func Binary(outDir, function string) string { return filepath.Join(outDir, function, "bootstrap") }

func build(ctx context.Context, root, binary, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", binary, pkg) //nolint:gosec // folders of this module
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("build %s: %w", pkg, ctx.Err())
	case err != nil:
		return fmt.Errorf("build %s: %w\n%s", pkg, err, bytes.TrimSpace(out))
	}
	return nil
}
