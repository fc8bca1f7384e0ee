package office

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/lineainps"
)

const (
	id    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	token = "token"
)

// start runs the service until the test ends; events go to events.
func start(t *testing.T, file, events string) (*Service, string) {
	t.Helper()
	s, err := New(Config{
		File: file, Offices: map[string]string{"RM-EUR": "Roma EUR"}, Token: token, Secret: lineainps.Secret("secret"), Events: events,
		Now: func() time.Time { return time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func TestAnOfficeAnswersOnAWorkingDay(t *testing.T) {
	tests := map[string]struct{ at, want string }{
		"thirty days later":               {"2026-11-23T14:00:00Z", "2026-12-23T14:00:00Z"},
		"Christmas, a weekend after it":   {"2026-11-25T14:00:00Z", "2026-12-28T14:00:00Z"},
		"a Saturday":                      {"2026-08-27T14:00:00Z", "2026-09-28T14:00:00Z"},
		"in Italy the day is one later":   {"2026-08-26T22:30:00Z", "2026-09-27T22:30:00Z"},
		"the clocks have changed between": {"2026-10-20T14:00:00Z", "2026-11-19T14:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := dueAfter(at).Format(time.RFC3339); got != tt.want {
				t.Errorf("due %s, want %s", got, tt.want)
			}
		})
	}
}

func delivery() lineainps.Delivery {
	return lineainps.Delivery{
		ID: id, Case: "k", Office: "RM-EUR", Person: lineainps.Person{FiscalCode: "FRRGLN84C52Z999T", Name: "Giuliana Ferrantini"},
		Advisor: "Marta Sorgenti", Text: "manca l'accordo", SentAt: time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC),
	}
}

func deliver(t *testing.T, url string, d lineainps.Delivery, key, token string) (int, lineainps.Escalation, error) {
	t.Helper()
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/linea/v1/escalations", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set(lineainps.KeyHeader, key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, lineainps.Escalation{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var e lineainps.Escalation
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(text, &e) // a problem has none of its fields
	return resp.StatusCode, e, nil
}

// TestOneKeyOneEffect: whatever the number of requests, and over a restart.
func TestOneKeyOneEffect(t *testing.T) {
	file := filepath.Join(t.TempDir(), "linea.json")
	_, url := start(t, file, "http://127.0.0.1:1")
	var mu sync.Mutex
	statuses, protocols := map[int]int{}, map[string]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			status, e, err := deliver(t, url, delivery(), id, token)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
			protocols[e.Protocol]++
		})
	}
	wg.Wait()
	_, again := start(t, file, "http://127.0.0.1:1")
	status, e, err := deliver(t, again, delivery(), id, token)
	if err != nil || status != http.StatusOK || e.Protocol != "INPS.7000.23/11/2026.0000001" {
		t.Errorf("after a restart: %d %+v %v", status, e, err)
	}
	if d := cmp.Diff(map[int]int{http.StatusCreated: 1, http.StatusOK: 19}, statuses); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]int{"INPS.7000.23/11/2026.0000001": 20}, protocols); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	_, url := start(t, "", "http://127.0.0.1:1")
	for name, test := range map[string]struct {
		change     func(*lineainps.Delivery)
		key, token string
		want       int
	}{
		"another token":  {func(*lineainps.Delivery) {}, id, "x", http.StatusUnauthorized},
		"another key":    {func(*lineainps.Delivery) {}, "x", token, http.StatusBadRequest},
		"no key":         {func(*lineainps.Delivery) {}, "", token, http.StatusBadRequest},
		"no such office": {func(d *lineainps.Delivery) { d.Office = "XX" }, id, token, http.StatusUnprocessableEntity},
		"no words":       {func(d *lineainps.Delivery) { d.Text = " " }, id, token, http.StatusBadRequest},
		"nobody's code":  {func(d *lineainps.Delivery) { d.Person.FiscalCode = "FRRGLN84C52Z999A" }, id, token, http.StatusBadRequest},
		"no case":        {func(d *lineainps.Delivery) { d.Case = "" }, id, token, http.StatusBadRequest},
	} {
		d := delivery()
		test.change(&d)
		if status, _, err := deliver(t, url, d, test.key, test.token); err != nil || status != test.want {
			t.Errorf("%s: %d, %v", name, status, err)
		}
	}
	if status, _, err := deliver(t, url, delivery(), id, token); err != nil || status != http.StatusCreated {
		t.Errorf("good: %d, %v", status, err)
	}
	other := delivery()
	other.Text = "un altro testo"
	if status, _, err := deliver(t, url, other, id, token); err != nil || status != http.StatusConflict {
		t.Errorf("the same key with another content: %d, %v", status, err)
	}
}

func TestFaults(t *testing.T) {
	var mu sync.Mutex
	events := 0
	chat := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := lineainps.Verify([]lineainps.Secret{lineainps.Secret("secret")}, r.Header, body, time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)); err != nil {
			t.Errorf("an event that is not signed: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		events++
		w.WriteHeader(http.StatusAccepted)
	}))
	defer chat.Close()
	s, url := start(t, "", chat.URL)
	s.SetFaults(Faults{Down: true})
	if status, _, err := deliver(t, url, delivery(), id, token); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("down: %d, %v", status, err)
	}
	s.SetFaults(Faults{Silent: true, Twice: true})
	if _, _, err := deliver(t, url, delivery(), id, token); err == nil {
		t.Error("silent: there is an answer")
	}
	s.SetFaults(Faults{})
	if status, _, err := deliver(t, url, delivery(), id, token); err != nil || status != http.StatusOK {
		t.Errorf("it was done all the same: %d, %v", status, err)
	}
	s.wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if events != 2 {
		t.Errorf("%d events, want 2", events)
	}
}
