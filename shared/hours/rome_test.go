package hours

import (
	"archive/zip"
	"bytes"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRomeIsTheGoDistributions: when it has newer rules for Italy, rome.tzif is to be
// taken from it again (lib/time/zoneinfo.zip, Europe/Rome).
func TestRomeIsTheGoDistributions(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	zones, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = zones.Close() }()
	f, err := zones.Open("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(romeData, want) {
		t.Errorf("rome.tzif has %d bytes, the Go distribution other %d", len(romeData), len(want))
	}
}
