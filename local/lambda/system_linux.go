//go:build linux

package lambda

import (
	"net"
	"syscall"
)

// dieWithParent has the kernel kill a process when the thread ends that started
// it. A group of its own keeps a Ctrl-C in the terminal from the processes: they
// are needed until this one has shut down.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// wasReset reports whether the kernel holds an error of c that Read, which saw
// the other end close first, has not told.
func wasReset(c net.Conn) bool {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	pending := 0
	err = raw.Control(func(fd uintptr) {
		pending, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
	})
	return err == nil && pending != 0
}
