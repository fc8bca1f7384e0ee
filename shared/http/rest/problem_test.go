package rest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"infocig/shared/code"
	"infocig/shared/http/rest"
)

func TestUnavailableSaysWhenToAskAgain(t *testing.T) {
	w := httptest.NewRecorder()
	rest.ProblemOf(errors.Join(errors.New("busy"), code.Unavailable), "").Write(w)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}
