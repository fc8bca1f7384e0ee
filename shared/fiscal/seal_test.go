package fiscal_test

import (
	"bytes"
	"errors"
	"testing"

	"infocig/shared/fiscal"
)

func TestSeal(t *testing.T) {
	const code, person = "FRRGLN84C52Z999T", "0f8fad5b"
	sealer := func(b byte) fiscal.Sealer {
		s, err := fiscal.NewSealer(bytes.Repeat([]byte{b}, fiscal.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := sealer(1)
	a, b := s.Seal(code, person), s.Seal(code, person)
	if bytes.Equal(a, b) || bytes.Contains(a, []byte(code)) {
		t.Errorf("sealed as %x and %x", a, b)
	}
	if got, err := s.Open(a, person); got != code || err != nil {
		t.Errorf("opened: %q, %v", got, err)
	}
	for name, open := range map[string]func() (string, error){
		"for another person": func() (string, error) { return s.Open(a, "1f8fad5b") },
		"with another key":   func() (string, error) { return sealer(2).Open(a, person) },
		"with no key":        func() (string, error) { return fiscal.Sealer{}.Open(a, person) },
		"changed":            func() (string, error) { return s.Open(append(bytes.Clone(a[:len(a)-1]), a[len(a)-1]^1), person) },
		"cut":                func() (string, error) { return s.Open(a[:8], person) },
		"of another kind":    func() (string, error) { return s.Open(append([]byte{2}, a[1:]...), person) },
		"nothing":            func() (string, error) { return s.Open(nil, person) },
	} {
		if got, err := open(); got != "" || !errors.Is(err, fiscal.ErrSeal) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got := (fiscal.Sealer{}).Seal(code, person); got != nil {
		t.Errorf("sealed without a key: %x", got)
	}
	if _, err := fiscal.NewSealer([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}
