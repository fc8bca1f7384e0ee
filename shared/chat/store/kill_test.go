package store_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/store"
	"infocig/shared/table/bolt"
)

const writerFile = "INFOCIG_TEST_WRITER_FILE"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		write(path)
		return
	}
	os.Exit(m.Run())
}

// write appends entries without end, and prints the number of each entry when it is stored.
func write(path string) {
	tab, err := bolt.Open(path)
	if err != nil {
		fmt.Println("cannot open:", err)
		return
	}
	s := store.New(tab)
	last, err := s.Tail(nil, "c") //nolint:staticcheck // the store does not look at it
	for seq := last.Seq + 1; err == nil || seq == 1; seq++ {
		err = s.Commit(nil, store.Step{ //nolint:staticcheck // as above
			Entry:   &conversation.Entry{Conversation: "c", Seq: seq, Kind: conversation.KindMessage, Text: conversation.Text(strings.Repeat("x", 600))},
			Changes: []store.Change{store.Out{Escalation: conversation.Escalation{ID: conversation.EscalationID(strconv.Itoa(seq)), Status: conversation.EscalationPending}}},
		})
		if err == nil {
			fmt.Println(seq)
		}
	}
}

// TestKilled kills the writer at several moments, over the same file. Everything that the
// writer has acknowledged must be stored, as a whole.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	for round := range 8 {
		acknowledged := killedAfter(t, path, time.Duration(20+round*15)*time.Millisecond)
		tab, err := bolt.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		s := store.New(tab)
		entries, err := s.Read(t.Context(), "c", 0, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) < acknowledged {
			t.Errorf("round %d: %d entries acknowledged, %d there", round, acknowledged, len(entries))
		}
		for i, e := range entries {
			if e.Seq != i+1 {
				t.Fatalf("round %d: entry %d has number %d", round, i+1, e.Seq)
			}
			if _, err := s.Escalation(t.Context(), conversation.EscalationID(strconv.Itoa(e.Seq))); err != nil {
				t.Fatalf("round %d: entry %d without its escalation: %v", round, e.Seq, err)
			}
		}
		if err := tab.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killedAfter runs the writer, kills it, and returns the last number that the writer
// acknowledged.
func killedAfter(t *testing.T, path string, life time.Duration) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), writerFile+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := 0
	var kill *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatalf("the writer says: %s", lines.Text())
		}
		last = n
		if kill == nil { // from the first write on
			kill = time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // killed, as wanted
	if last == 0 {
		t.Fatal("the writer wrote nothing")
	}
	return last
}
