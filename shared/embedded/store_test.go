package embedded_test

import (
	"path/filepath"
	"strings"
	"testing"

	"infocig/shared/chat"
	"infocig/shared/embedded"
	"infocig/shared/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) chat.Store {
		s, err := embedded.Memory()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

func TestFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) chat.Store {
		s, err := embedded.Open(filepath.Join(t.TempDir(), "data", "chat.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}

func TestOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	s, err := embedded.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := embedded.Open(path); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("second Open: %v", err)
	}
}
