//go:build sam

package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"infocig/infra/topology"
)

// A container that SAM made for a function of ours.
type container struct {
	ID     string
	Config struct {
		Image string
		Env   []string
	}
	Mounts []struct{ Source, Destination string }
}

// own returns the containers with our functions, of those that run.
func (s sam) own() []container {
	s.t.Helper()
	var own []container
	for _, id := range strings.Fields(s.docker("ps", "-q", "--filter", "label=sam.cli.container.type=lambda")) {
		raw, err := exec.Command("docker", "inspect", id).Output()
		if err != nil { // it has ended
			continue
		}
		var all []container
		if err := json.Unmarshal(raw, &all); err != nil {
			s.t.Fatal(err)
		}
		if len(all) == 1 && all[0].asset(s) != "" {
			own = append(own, all[0])
		}
	}
	return own
}

// asset returns the folder of the function's code, "" if it is not one of ours.
func (c container) asset(s sam) string {
	for _, m := range c.Mounts {
		if m.Destination == "/var/task" && strings.HasSuffix(filepath.Dir(m.Source), s.templates) { // Docker Desktop puts something before it
			return filepath.Base(m.Source)
		}
	}
	return ""
}

// function returns the name that the function has for Lambda.
func (c container) function() string {
	for _, v := range c.Config.Env {
		if name, ok := strings.CutPrefix(v, "AWS_LAMBDA_FUNCTION_NAME="); ok {
			return name
		}
	}
	return ""
}

// watchEngine returns a function that returns how many containers SAM has started
// meanwhile, as the engine tells.
func watchEngine(t *testing.T) func() int {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("docker", "events", "--filter", "event=start", "--filter", "label=sam.cli.container.type=lambda", "--format", "{{.ID}}")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	end := func() { once.Do(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) }
	t.Cleanup(end)
	return func() int {
		end()
		ids := strings.Fields(out.String())
		slices.Sort(ids)
		return len(slices.Compact(ids))
	}
}

// inStory are the functions that the story needs. The schedule may call the sweep.
var inStory = []topology.Function{
	topology.Authorize, topology.Connect, topology.Disconnect, topology.Message, topology.Citizen, topology.Advisor, topology.Escalate, topology.Webhook,
}

// containers checks that each function of the story has a container, that what
// runs there is the binary of the stacks, and that it is one for arm64.
func (s sam) containers() {
	s.t.Helper()
	found := map[string]int{}
	for _, c := range s.own() {
		found[c.function()]++
		file, err := elf.Open(filepath.Join(s.templates, c.asset(s), "bootstrap"))
		if err != nil {
			s.t.Errorf("container %.12s of %s: %v", c.ID, c.function(), err)
			continue
		}
		same(s.t, c.function()+"'s processor", file.Machine, elf.EM_AARCH64)
		_ = file.Close()
		processes := strings.Split(strings.TrimSpace(s.docker("top", c.ID, "-eo", "pid,args")), "\n")
		s.t.Logf("container %.12s  %-10s  %s  %.14s…  runs %s", c.ID, c.function(), c.Config.Image, c.asset(s), processes[len(processes)-1])
	}
	for _, f := range inStory {
		if found[string(f)] == 0 {
			s.t.Errorf("%s has no container", f)
		}
	}
}

func (s sam) docker(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
