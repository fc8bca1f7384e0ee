package secrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"infocig/shared/app/env"
)

const (
	// MaxAge is how old the value of a secret gets before it is read again.
	MaxAge = 5 * time.Minute
	// RetryAfter is how long after a failure it is read again.
	RetryAfter = 30 * time.Second
	// patience is how long somebody waits for a value that is only too old.
	patience = 2 * time.Second
)

// A Source is where secrets are read.
type Source struct {
	Read func(ctx context.Context, arn string) (string, error) // Manager.Read
	Now  func() time.Time
	Log  *slog.Logger
}

// A Check returns why a value cannot be the secret. Its error must not have the
// value.
type Check func(value string) error

// Open returns the secrets among the variables of a function: those that checks
// has a check for. It reads all of them at the same time. Its error names every
// variable whose secret cannot be read or is refused by its check.
func (s Source) Open(ctx context.Context, v env.Values, checks map[env.Name]Check) (map[env.Name]*Secret, error) {
	all := map[env.Name]*Secret{}
	for name, check := range checks {
		if value := v[name]; value != "" {
			all[name] = &Secret{source: s, name: name, variable: value, check: check}
		}
	}
	var opening sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, secret := range all {
		opening.Go(func() {
			if err := secret.read(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			}
		})
	}
	opening.Wait()
	if failed != nil {
		return nil, failed
	}
	return all, nil
}

// A Secret is a value that nobody may see. It may be used concurrently.
type Secret struct {
	source   Source
	name     env.Name
	variable string // the value, or the ARN of what has it
	check    Check

	mu    sync.Mutex
	value string
	since time.Time // when the value was read
	until time.Time // when to read it again
}

// Value returns the secret. One of Secrets Manager that is older than [MaxAge] is
// read again; if that fails, or the new value is refused by the check, the old one
// goes on being used, which is logged.
func (s *Secret) Value(ctx context.Context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.source.Now()
	if !IsARN(s.variable) || now.Before(s.until) {
		return s.value
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.read(ctx); err != nil {
		s.until = now.Add(RetryAfter)
		s.source.Log.WarnContext(ctx, "cannot read a secret again", "age_s", int(now.Sub(s.since).Seconds()), "err", err)
	}
	return s.value
}

func (s *Secret) read(ctx context.Context) (err error) {
	value, now := s.variable, s.source.Now()
	if IsARN(value) {
		value, err = s.source.Read(ctx, s.variable)
	}
	if err == nil {
		err = s.check(value)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.value, s.since, s.until = value, now, now.Add(MaxAge)
	return nil
}
