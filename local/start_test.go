package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"infocig/shared/hours"
)

// TestOneClearLine: what is wrong with a flag is said in one line that names it.
func TestOneClearLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inUse := t.TempDir()
	serve(t, options{data: inUse, clock: opening})
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"address in use":        {[]string{"-data", "memory", "-addr", busy.Addr().String()}, "address already in use"},
		"no address":            {[]string{"-data", "memory", "-addr", "nowhere"}, "-addr nowhere"},
		"data that is a file":   {[]string{"-addr", "127.0.0.1:0", "-data", file}, "not a directory"},
		"data nobody can write": {[]string{"-addr", "127.0.0.1:0", "-data", "/proc/infocig"}, "-data /proc/infocig"},
		"data in use":           {[]string{"-addr", "127.0.0.1:0", "-data", inUse}, "in use by another process"},
		"wrong clock":           {[]string{"-addr", "127.0.0.1:0", "-data", "memory", "-clock", "tomorrow"}, "-clock tomorrow: want real or an instant"},
		"unknown functions":     {[]string{"-functions", "magic"}, "-functions magic"},
		"binaries for nobody":   {[]string{"-binaries", "x"}, "-binaries: want -functions bootstrap"},
		"unknown flag":          {[]string{"-foo"}, "not defined: -foo; see -help"},
		"an argument too many":  {[]string{"start"}, `"start"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := start(t.Context(), test.args, &bytes.Buffer{}, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		})
	}
}

// TestDataSurviveARestart: a conversation goes on, and time does not run back.
func TestDataSurviveARestart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s, stop := serve(t, options{data: data})
	before := s.clock.Now()
	token := login(t, s, "myinps", "worker-rm")
	c := dial(t, s, "/v1/tickets", token, map[string]any{})
	id := c.must("join", map[string]any{"topic": "worker_case"})["conversation"]
	c.must("send", map[string]any{"conversation": id, "number": 1, "text": "ci siete?"})
	stop()

	s, stop = serve(t, options{data: data})
	if !s.clock.Now().After(before) {
		t.Errorf("the clock went back from %v to %v", before, s.clock.Now())
	}
	c = dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-rm"), map[string]any{})
	welcome := c.must("hello", nil)
	same(t, "the conversation", welcome["conversation"], id)
	same(t, "its messages", texts(welcome["snapshot"]), []string{"ci siete?"})
	stop()
	if _, err := newServer(t.Context(), options{addr: "127.0.0.1:0", data: data, clock: "2021-05-10T15:00:00+02:00"}, s.log); err == nil || !strings.Contains(err.Error(), "choose a later instant") {
		t.Errorf("an earlier clock: %v", err)
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	_ = start(t.Context(), []string{"-help"}, &bytes.Buffer{}, &out)
	for _, flag := range []string{"-addr", "-data", "-clock", "-functions", "-web"} {
		if !strings.Contains(out.String(), flag) {
			t.Errorf("the help lacks %s", flag)
		}
	}
}

// TestStopsCleanly: after an interrupt the sockets are closed with 1001, and the
// service is gone within seconds.
func TestStopsCleanly(t *testing.T) {
	s, stop := serve(t, options{clock: opening})
	c := dial(t, s, "/v1/tickets", login(t, s, "myinps", "worker-rm"), map[string]any{})
	c.must("hello", nil)
	closed := make(chan error, 1)
	go func() {
		_, _, err := c.socket.Read(context.WithoutCancel(t.Context()))
		closed <- err
	}()
	stop()
	if err := <-closed; err == nil || !strings.Contains(err.Error(), "StatusGoingAway") {
		t.Errorf("the socket: %v", err)
	}
	if resp, err := http.Get(s.base); err == nil {
		_ = resp.Body.Close()
		t.Error("it still answers")
	}
}

func TestStartClock(t *testing.T) {
	desk, err := hours.New(hours.MondayToFriday(), hours.Clock(15, 0), hours.Clock(18, 0), true)
	if err != nil {
		t.Fatal(err)
	}
	utc := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	saturday, monday := utc("2026-11-21T23:30:00Z"), utc("2026-11-23T14:00:00Z")
	for name, test := range map[string]struct {
		setting   string
		now, last time.Time
		want      time.Time
		bad       bool
	}{
		"open: real time":              {now: monday.Add(time.Hour), want: monday.Add(time.Hour)},
		"a Saturday night":             {now: saturday, want: monday},
		"the same night again":         {now: saturday, last: monday.Add(time.Hour), want: monday.Add(time.Hour + clockMargin)},
		"after a whole opening":        {now: saturday, last: monday.Add(3 * time.Hour), want: monday.Add(24 * time.Hour)},
		"open, but the data are ahead": {now: monday.Add(time.Minute), last: monday.Add(time.Hour), want: monday.Add(time.Hour + clockMargin)},
		"real":                         {setting: "real", now: saturday, want: saturday},
		"real, but the data are ahead": {setting: "real", now: saturday, last: monday, bad: true},
		"an instant":                   {setting: "2021-05-10T15:00:00+02:00", now: saturday, want: utc("2021-05-10T13:00:00Z")},
		"an earlier instant":           {setting: "2021-05-10T15:00:00+02:00", now: saturday, last: monday, bad: true},
		"nonsense":                     {setting: "2021-05-10", now: saturday, bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := startClock(test.setting, test.now, test.last, desk)
			if (err != nil) != test.bad || err == nil && !got.Equal(test.want) {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}
