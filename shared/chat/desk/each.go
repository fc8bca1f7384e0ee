package desk

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Each calls do for 0 to n-1. With a limit of 2 or more it makes up to limit calls at the same
// time, all n of them, and joins their errors. Otherwise it makes one call after the other
// until one fails.
func Each(limit, n int, do func(i int) error) error {
	if limit <= 1 || n == 1 {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	var next atomic.Int64
	errs := make([]error, n)
	var wait sync.WaitGroup
	for range min(limit, n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = do(i)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
