package office

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"infocig/shared/fiscal"
	"infocig/shared/http/portal"
	"infocig/shared/http/wire"
	"infocig/shared/lineainps"
)

const maxBody = 64 << 10

// system lets the chat in, and misbehaves where that is asked for.
func (s *Service) system(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := portal.Bearer(r.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare([]byte(token), []byte(s.config.Token)) != 1 {
			problem(w, http.StatusUnauthorized, "unauthorized")
			return
		}
		s.misbehave(do, w, r)
	}
}

func (s *Service) deliver(w http.ResponseWriter, r *http.Request) {
	var d lineainps.Delivery
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &d, json.RejectUnknownMembers(true))
	}
	if err != nil || d.ID == "" || d.ID != r.Header.Get(lineainps.KeyHeader) || d.Case == "" || d.Person.Name == "" ||
		d.Advisor == "" || strings.TrimSpace(d.Text) == "" || d.SentAt.IsZero() {
		problem(w, http.StatusBadRequest, "invalid")
		return
	}
	if _, err := fiscal.ParsePerson(d.Person.FiscalCode); err != nil {
		problem(w, http.StatusBadRequest, "invalid")
		return
	}
	if _, known := s.config.Offices[d.Office]; !known {
		problem(w, http.StatusUnprocessableEntity, "unknown_office")
		return
	}
	answer, again, err := s.take(d)
	switch {
	case errors.Is(err, errConflict):
		problem(w, http.StatusConflict, "conflict")
	case err != nil:
		s.config.Log.ErrorContext(r.Context(), "linea inps cannot keep an escalation", "err", err)
		problem(w, http.StatusServiceUnavailable, "unavailable")
	case again:
		write(w, http.StatusOK, answer)
	default:
		s.announce(answer.ID, 1) //nolint:contextcheck // events outlive the request
		write(w, http.StatusCreated, answer)
	}
}

func (s *Service) ask(w http.ResponseWriter, r *http.Request) {
	answer, ok := s.find(r.PathValue("id"))
	if !ok {
		problem(w, http.StatusNotFound, "not_found")
		return
	}
	write(w, http.StatusOK, answer)
}

func problem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, lineainps.Problem{Status: status, Title: http.StatusText(status), Code: code}) // the client has gone
}

func write(w http.ResponseWriter, status int, v any) {
	body, err := wire.Encode(v)
	if err != nil {
		panic(err) // a value of ours
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // or the client has gone
}
