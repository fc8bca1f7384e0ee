// Package rehearsal calls the new version of a function before people's calls go to
// it. A canary sees only what happens within its five minutes: at night nothing does,
// and of the sweep's five calls the new version gets none in 59 canaries of 100.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// An Event is what CodeDeploy calls a hook with.
type Event struct {
	DeploymentID string `json:"DeploymentId"`
	HookID       string `json:"LifecycleEventHookExecutionId"`
}

// A Platform is what AWS does for a rehearsal.
type Platform interface {
	// Group returns the deployment group of a deployment, which has the name of its
	// function.
	Group(ctx context.Context, deployment string) (string, error)

	// Newest returns the newest version of a function.
	Newest(ctx context.Context, function string) (string, error)

	// Invoke calls a version, and returns what it answers. An error of the function is
	// one, too.
	Invoke(ctx context.Context, function, version string, payload []byte) ([]byte, error)

	// Report says how the hook went.
	Report(ctx context.Context, e Event, well bool) error
}

// A Hook rehearses deployments.
type Hook struct {
	Platform
	Prefix string // of the names of our functions
	Log    *slog.Logger
}

// Handle calls the newest version of the deployment's function with its rehearsal, and
// tells CodeDeploy whether people's calls may go to it.
func (h Hook) Handle(ctx context.Context, e Event) error {
	if e.DeploymentID == "" || e.HookID == "" {
		return errors.New("this is no event of CodeDeploy")
	}
	err := h.rehearse(ctx, e)
	if err != nil {
		h.Log.ErrorContext(ctx, "a new version failed its rehearsal", "err", err)
	}
	return h.Report(ctx, e, err == nil)
}

func (h Hook) rehearse(ctx context.Context, e Event) error {
	name, err := h.Group(ctx, e.DeploymentID)
	if err != nil {
		return err
	}
	function, ours := strings.CutPrefix(name, h.Prefix)
	r, known := Rehearsals[function]
	if !ours || !known {
		return fmt.Errorf("%s: nothing to rehearse it with", name)
	}
	version, err := h.Newest(ctx, name)
	if err != nil {
		return err
	}
	answer, err := h.Invoke(ctx, name, version, r.payload())
	if err != nil {
		return fmt.Errorf("%s, version %s: %w", name, version, err)
	}
	if !strings.Contains(string(answer), r.Want) {
		return fmt.Errorf("%s, version %s: the answer has no %s", name, version, r.Want) // which may be somebody's
	}
	return nil
}
