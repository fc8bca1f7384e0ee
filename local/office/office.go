// Package office is Linea INPS and the desks of the territorial offices on one
// machine: it implements the contract of shared/lineainps, keeps what it was
// given in a file, lets officers make steps, and misbehaves on request.
package office

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"infocig/shared/hours"
	"infocig/shared/http/portal"
	"infocig/shared/lineainps"
)

// A Config describes the offices. All but File are needed.
type Config struct {
	File     string            // where everything is kept; "" for nowhere
	Offices  map[string]string // names by id
	Token    string            // of the chat
	Secret   lineainps.Secret  // signs events
	Events   string            // address that gets the events
	Verifier *portal.Verifier  // of officers' tokens
	Now      func() time.Time
	Log      *slog.Logger
}

// A Service is Linea INPS. It may be used concurrently.
type Service struct {
	config Config
	mux    *http.ServeMux
	wg     sync.WaitGroup // events under way
	ending chan struct{}

	mu     sync.Mutex
	book   book
	faults Faults
}

// A book is what the offices have.
type book struct {
	Last        int                `json:"last"` // number of the last protocol
	Escalations map[string]*record `json:"escalations"`
}

// A record is an escalation at an office.
type record struct {
	Delivery lineainps.Delivery   `json:"delivery"`
	Answer   lineainps.Escalation `json:"answer"`
	Posts    int                  `json:"posts"` // requests with its key
}

// New opens the service.
func New(c Config) (*Service, error) {
	s := &Service{config: c, mux: http.NewServeMux(), ending: make(chan struct{})}
	var err error
	if s.book, err = load(c.File); err != nil {
		return nil, fmt.Errorf("linea inps: %w", err)
	}
	s.mux.HandleFunc("POST /linea/v1/escalations", s.system(s.deliver))
	s.mux.HandleFunc("GET /linea/v1/escalations/{id}", s.system(s.ask))
	s.mux.HandleFunc("GET /linea/desk/escalations", s.officer(s.list))
	s.mux.HandleFunc("POST /linea/desk/escalations/{id}/steps", s.officer(s.step))
	s.mux.HandleFunc("GET /dev/linea/faults", s.getFaults)
	s.mux.HandleFunc("PUT /dev/linea/faults", s.putFaults)
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close waits for the events under way, which give up.
func (s *Service) Close() {
	close(s.ending)
	s.wg.Wait()
}

// answerIn is how long an office has to answer; if its last day is not a working day,
// the next one counts (articles 2963 of the Civil Code and 155 of the Code of Civil
// Procedure do so, too).
const answerIn = 30 * 24 * time.Hour

// dueAfter is until when an office answers what it gets at t.
func dueAfter(t time.Time) time.Time {
	due := t.In(hours.Rome()).Add(answerIn)
	for !workingDay(due) {
		due = due.AddDate(0, 0, 1)
	}
	return due.UTC()
}

// workingDay reports whether offices work on the day of t in Italy.
func workingDay(t time.Time) bool {
	year, month, day := t.In(hours.Rome()).Date()
	_, holiday := hours.HolidayOn(year, month, day)
	return hours.MondayToFriday().Has(t.In(hours.Rome()).Weekday()) && !holiday
}

var errConflict = errors.New("the key was used for another content")

// take registers a delivery, once.
func (s *Service) take(d lineainps.Delivery) (answer lineainps.Escalation, again bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.book.Escalations[d.ID]; ok {
		r.Posts++
		if !same(r.Delivery, d) {
			return answer, true, errConflict
		}
		return r.Answer, true, s.save()
	}
	now := s.config.Now().UTC().Truncate(time.Second)
	s.book.Last++
	answer = lineainps.Escalation{
		ID: d.ID, Office: d.Office, DueAt: dueAfter(now),
		Protocol: fmt.Sprintf("INPS.7000.%s.%07d", now.In(hours.Rome()).Format("02/01/2006"), s.book.Last),
		Steps:    []lineainps.Step{{Number: 1, Status: lineainps.Received, At: now}},
	}
	s.book.Escalations[d.ID] = &record{Delivery: d, Answer: answer, Posts: 1}
	return answer, false, s.save()
}

// same compares two deliveries; their instants may be written differently.
func same(a, b lineainps.Delivery) bool {
	equal := a.SentAt.Equal(b.SentAt)
	a.SentAt, b.SentAt = time.Time{}, time.Time{}
	return equal && a == b
}

// find returns what is known of an escalation.
func (s *Service) find(id string) (lineainps.Escalation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.book.Escalations[id]
	if !ok {
		return lineainps.Escalation{}, false
	}
	return r.Answer, true
}
