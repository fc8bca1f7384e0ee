// Package servers starts servers that speak as AWS does and are not ours, for
// tests and for runs on one machine: dynoxide for DynamoDB and moto for SQS.
// They listen on the loopback interface only, are installed when they are first
// needed, and end with the process that started them, however that ends.
package servers

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed dynoxide.sh
var installDynoxide []byte

//go:embed python.sh
var installPython []byte

//go:embed requirements.txt
var requirements []byte

// A Server is one that runs.
type Server struct {
	URL      string
	lifeline io.Closer // of its process; must not be collected, which would close it
	ended    chan struct{}
}

// Dynoxide starts a DynamoDB server. It keeps its tables in file, or with ""
// forgets them.
func Dynoxide(ctx context.Context, file string) (*Server, error) {
	binary, err := install(ctx, installDynoxide)
	if err != nil {
		return nil, fmt.Errorf("dynoxide: %w", err)
	}
	args := []string{"serve", "--host", "127.0.0.1"}
	if file != "" {
		args = append(args, "--db-path", file)
	}
	return start(ctx, binary, "--port", args...)
}

// Moto starts an SQS server. It forgets its queues.
func Moto(ctx context.Context) (*Server, error) {
	python, err := Python(ctx)
	if err != nil {
		return nil, fmt.Errorf("moto: %w", err)
	}
	return moto(ctx, python)
}

// MotoWith starts moto from another list of requirements, which may have what more of AWS
// needs than the queues: CloudFormation.
func MotoWith(ctx context.Context, list string) (*Server, error) {
	python, err := install(ctx, installPython, list)
	if err != nil {
		return nil, fmt.Errorf("moto: %w", err)
	}
	return moto(ctx, python)
}

func moto(ctx context.Context, python string) (*Server, error) {
	return start(ctx, filepath.Join(filepath.Dir(python), "moto_server"), "-p", "-H", "127.0.0.1")
}

// Python returns the path of a Python that has boto3 and websockets.
func Python(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "infocig-python-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o600); err != nil {
		return "", err
	}
	return install(ctx, installPython, list)
}

// install runs a script and returns the path that it prints.
func install(ctx context.Context, script []byte, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "bash", append([]string{"-s", "--"}, args...)...) //nolint:gosec // our own scripts
	c.Stdin, c.Stderr = bytes.NewReader(script), os.Stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("install: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// untilEOF runs a server until its own input ends.
const untilEOF = `"$@" >/dev/null 2>&1 & read -r _; kill -9 $! 2>/dev/null; wait`

const startTime = 20 * time.Second

// start runs a server on a port of its own and waits until it listens.
func start(ctx context.Context, binary, portFlag string, args ...string) (*Server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	args = append(append([]string{"-c", untilEOF, "sh", binary}, args...), portFlag, port)
	process := exec.Command("sh", args...) //nolint:gosec,noctx // our own; it outlives the call
	lifeline, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	s := &Server{URL: "http://127.0.0.1:" + port, lifeline: lifeline, ended: make(chan struct{})}
	go func() {
		_ = process.Wait() // it is killed
		close(s.ended)
	}()
	var d net.Dialer
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := d.DialContext(ctx, "tcp", "127.0.0.1:"+port); err == nil {
			return s, c.Close()
		}
		if ctx.Err() != nil {
			break
		}
	}
	s.Stop()
	return nil, errors.Join(ctx.Err(), fmt.Errorf("%s does not listen on port %s", filepath.Base(binary), port))
}

// Stop kills the server and waits for its end.
func (s *Server) Stop() {
	_ = s.lifeline.Close()
	<-s.ended
}

func freePort(ctx context.Context) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
