package office

import (
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-json-experiment/json"
)

// Faults are how Linea INPS misbehaves towards the chat. Officers are spared.
type Faults struct {
	Down   bool `json:"down"`    // nothing is done; 503
	SlowMS int  `json:"slow_ms"` // everything takes that long, in milliseconds
	Silent bool `json:"silent"`  // what is asked is done, and then the connection breaks
	Twice  bool `json:"twice"`   // every event is posted twice
	Refuse bool `json:"refuse"`  // every escalation is refused for good: not the office's case
}

func (s *Service) fault() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// SetFaults replaces them.
func (s *Service) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

func (s *Service) getFaults(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, s.fault())
}

func (s *Service) putFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &f, json.RejectUnknownMembers(true))
	}
	if err != nil || f.SlowMS < 0 {
		problem(w, http.StatusBadRequest, "invalid")
		return
	}
	s.SetFaults(f)
	write(w, http.StatusOK, f)
}

// misbehave does what is asked, as the faults have it.
func (s *Service) misbehave(do http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
	f := s.fault()
	if f.SlowMS > 0 {
		select {
		case <-time.After(time.Duration(f.SlowMS) * time.Millisecond):
		case <-r.Context().Done():
			// Nobody waits any more, but it is done all the same.
		}
	}
	switch {
	case f.Down:
		problem(w, http.StatusServiceUnavailable, "unavailable")
	case f.Refuse && r.Method == http.MethodPost:
		problem(w, http.StatusUnprocessableEntity, "not_competent")
	case f.Silent:
		do(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		do(w, r)
	}
}
