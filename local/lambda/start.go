package lambda

import (
	"os/exec"
	"runtime"
)

// A starter starts all processes from one thread that lives as long as it does:
// on Linux a process that is to die with its parent dies with the thread that
// started it, and Go ends threads as it likes.
type starter struct{ work chan func() }

func newStarter() *starter {
	s := &starter{work: make(chan func())}
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		for f := range s.work {
			f()
		}
	}()
	return s
}

// start starts cmd as cmd.Start does.
func (s *starter) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = dieWithParent()
	started := make(chan error, 1)
	s.work <- func() { started <- cmd.Start() }
	return <-started
}

// close ends the thread. All processes must have ended.
func (s *starter) close() { close(s.work) }
