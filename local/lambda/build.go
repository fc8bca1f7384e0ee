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
	"time"
)

// flags are how a function is built, for whatever machine. From the same sources
// the same Go makes the same bytes, in any folder and at any time: so a function
// that did not change is not deployed again. The linker's id of the build stays:
// it is made of the sources too, and Go knows by it what is up to date. AWS's services
// answer HTTP/1.1, and HTTP/2 would be a tenth of a megabyte of each function.
var flags = []string{"build", "-tags", "lambda.norpc,nethttpomithttp2", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"}

// settings keep out of a function what somebody has set in their environment or
// by "go env -w", which an empty value does not override.
var settings = []string{"CGO_ENABLED=0", "GOARM64=v8.0", "GOAMD64=v1", "GOFIPS140=off", "GOEXPERIMENT=", "GOWORK=off", "GOFLAGS=-buildvcs=false"}

// A platform is what a function is built for.
type platform struct{ os, arch string }

var (
	deployed = platform{"linux", "arm64"}
	here     = platform{runtime.GOOS, runtime.GOARCH}
)

// Modified is when every released function was last changed: the first instant
// that a zip can tell.
var Modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Mode is what may be done with a released function: AWS Lambda runs it as
// another user.
const Mode os.FileMode = 0o755

// Build builds the functions ./functions/NAME of the module at root for this
// machine, otherwise as they are deployed, into outDir/NAME/bootstrap. It leaves
// it to Go to know what is up to date, and reports all that do not build.
func Build(ctx context.Context, root, outDir string, functions []string) error {
	return buildAll(ctx, here, root, outDir, functions)
}

// Release builds the functions as they are deployed, as Build does for this
// machine. Each has the Mode and was last changed at Modified.
func Release(ctx context.Context, root, outDir string, functions []string) error {
	if err := buildAll(ctx, deployed, root, outDir, functions); err != nil {
		return err
	}
	var err error
	for _, f := range functions {
		binary := Binary(outDir, f)
		err = errors.Join(err, os.Chmod(binary, Mode), os.Chtimes(binary, Modified, Modified))
	}
	if err != nil {
		return fmt.Errorf("build functions: %w", err)
	}
	return nil
}

// Binary returns where Build and Release put a function.
func Binary(outDir, function string) string { return filepath.Join(outDir, function, "bootstrap") }

func buildAll(ctx context.Context, p platform, root, outDir string, functions []string) error {
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
		err = errors.Join(err, build(ctx, p, root, Binary(outDir, f), "./functions/"+f))
	}
	return err
}

func build(ctx context.Context, p platform, root, binary, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", append(flags[:len(flags):len(flags)], "-o", binary, pkg)...) //nolint:gosec // folders of this module
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), settings...), "GOOS="+p.os, "GOARCH="+p.arch)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("build %s: %w", pkg, ctx.Err())
	case err != nil:
		return fmt.Errorf("build %s: %w\n%s", pkg, err, bytes.TrimSpace(out))
	}
	return nil
}
