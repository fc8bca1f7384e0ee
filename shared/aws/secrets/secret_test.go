package secrets

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"infocig/shared/app/env"
)

// A shop is where secrets of tests are, by ARN.
type shop struct {
	mu     sync.Mutex
	values map[string]string
	err    error
	reads  atomic.Int32
	now    time.Time
	log    strings.Builder
}

func (s *shop) source() Source {
	return Source{
		Read: func(_ context.Context, arn string) (string, error) {
			s.reads.Add(1)
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.values[arn], s.err
		},
		Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewTextHandler(&s.log, nil)),
	}
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// long refuses short values.
func long(value string) error {
	if len(value) < 5 {
		return errors.New("want at least 5 characters")
	}
	return nil
}

func open(t *testing.T, s *shop, variable string) *Secret {
	t.Helper()
	all, err := s.source().Open(t.Context(), env.Values{env.LineaToken: variable}, map[env.Name]Check{env.LineaToken: long, env.FiscalKey: long})
	if err != nil || len(all) != 1 {
		t.Fatalf("got %v, %v", all, err)
	}
	return all[env.LineaToken]
}

func TestAValueIsReadAgain(t *testing.T) {
	s := &shop{now: noon, values: map[string]string{name: "first"}}
	secret := open(t, s, name)
	fail := errors.New("secrets manager: status 500")
	for _, step := range []struct {
		at    time.Duration // after noon
		value string        // that is stored
		err   error         // of reading
		want  string
		reads int32 // until now
		warns int
	}{
		{0, "second", nil, "first", 1, 0},
		{MaxAge - time.Millisecond, "second", nil, "first", 1, 0},
		{MaxAge, "second", nil, "second", 2, 0},
		{2*MaxAge - time.Millisecond, "third", nil, "second", 2, 0},
		{2 * MaxAge, "third", fail, "second", 3, 1},
		{2*MaxAge + RetryAfter - time.Millisecond, "third", nil, "second", 3, 1},
		{2*MaxAge + RetryAfter, "bad", nil, "second", 4, 2},
		{2*MaxAge + 2*RetryAfter, "third", nil, "third", 5, 2},
		{3*MaxAge + RetryAfter, "fourth", nil, "third", 5, 2},
		{9 * MaxAge, "fourth", nil, "fourth", 6, 2},
	} {
		s.now, s.values[name], s.err = noon.Add(step.at), step.value, step.err
		got := secret.Value(t.Context())
		if warns := strings.Count(s.log.String(), "level=WARN"); got != step.want || s.reads.Load() != step.reads || warns != step.warns {
			t.Errorf("after %v: got %s, %d reads, %d warnings; want %s, %d, %d", step.at, got, s.reads.Load(), warns, step.want, step.reads, step.warns)
		}
	}
	for _, word := range []string{"first", "second", "third", "bad"} {
		if strings.Contains(s.log.String(), word) {
			t.Errorf("the log has a secret: %s", s.log.String())
		}
	}
	if !strings.Contains(s.log.String(), "LINEA_TOKEN: want at least 5") || !strings.Contains(s.log.String(), "age_s=300") {
		t.Errorf("the log does not say what happened: %s", s.log.String())
	}
}

func TestAValueOfTheEnvironmentIsNotRead(t *testing.T) {
	s := &shop{now: noon}
	secret := open(t, s, "value")
	s.now = noon.Add(9 * MaxAge)
	if got := secret.Value(t.Context()); got != "value" || s.reads.Load() != 0 {
		t.Errorf("got %s, %d reads", got, s.reads.Load())
	}
}

// TestNobodyWaitsLongForANewValue: who has an old one goes on with it.
func TestNobodyWaitsLongForANewValue(t *testing.T) {
	s := &shop{now: noon, values: map[string]string{name: "first"}}
	secret := open(t, s, name)
	s.now = noon.Add(MaxAge)
	secret.source.Read = func(ctx context.Context, _ string) (string, error) {
		if end, ok := ctx.Deadline(); !ok || time.Until(end) > patience {
			t.Errorf("it ends at %v", end)
		}
		return "", context.DeadlineExceeded
	}
	if got := secret.Value(t.Context()); got != "first" {
		t.Errorf("got %s", got)
	}
}

// TestSecretsAreReadTogether: the second is asked for while the first is read.
func TestSecretsAreReadTogether(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	both := make(chan struct{})
	var asked atomic.Int32
	s := Source{Now: time.Now, Read: func(ctx context.Context, arn string) (string, error) {
		if asked.Add(1) == 2 {
			close(both)
		}
		select {
		case <-both:
			return "value of " + arn, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}}
	all, err := s.Open(ctx, env.Values{env.FiscalKey: "arn:1", env.LineaToken: "arn:2"}, map[env.Name]Check{env.FiscalKey: long, env.LineaToken: long})
	if err != nil || all[env.FiscalKey].Value(ctx) != "value of arn:1" || all[env.LineaToken].Value(ctx) != "value of arn:2" {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestAllThatIsWrongIsSaid(t *testing.T) {
	s := &shop{now: noon, values: map[string]string{"arn:short": "oops"}, err: nil}
	v := env.Values{env.FiscalKey: "arn:short", env.PseudonymKey: "hm", env.LineaToken: "good one", env.Table: "x"}
	_, err := s.source().Open(t.Context(), v, map[env.Name]Check{env.FiscalKey: long, env.PseudonymKey: long, env.LineaToken: long})
	if err == nil {
		t.Fatal("no error")
	}
	for word, want := range map[string]bool{"FISCAL_KEY: want": true, "PSEUDONYM_KEY: want": true, "LINEA_TOKEN": false, "oops": false, "hm": false} {
		if strings.Contains(err.Error(), word) != want {
			t.Errorf("%q is in the error: %v: %v", word, !want, err)
		}
	}
	s.err = errors.New("secrets manager: status 400 AccessDeniedException")
	_, err = s.source().Open(t.Context(), v, map[env.Name]Check{env.FiscalKey: long})
	if err == nil || err.Error() != "FISCAL_KEY: secrets manager: status 400 AccessDeniedException" {
		t.Errorf("got %v", err)
	}
}

func TestASecretIsUsedConcurrently(t *testing.T) {
	s := &shop{now: noon, values: map[string]string{name: "first"}}
	secret := open(t, s, name)
	s.now = noon.Add(MaxAge)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { secret.Value(t.Context()) })
	}
	wg.Wait()
	if s.reads.Load() != 2 {
		t.Errorf("%d reads", s.reads.Load())
	}
}
