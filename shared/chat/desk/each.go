package desk

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Each calls do for 0 to n-1, as many at the same time as limit says, or one after
// the other until one fails.
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
