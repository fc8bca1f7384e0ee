package httpapi

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/http/portal"
	"infocig/shared/http/rest"
)

// TestAnIssuerThatIsDownSignsNobodyOut asks with a token whose issuer does not give its keys.
// The answer is 503 and not 401.
func TestAnIssuerThatIsDownSignsNobodyOut(t *testing.T) {
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer down.Close()
	var log bytes.Buffer
	a := &API{Log: slog.New(slog.NewJSONHandler(&log, nil)), Verifier: portal.New(t.Context(), []portal.Issuer{{Door: portal.MyINPS, URL: "i", Audience: "a", JWKS: down.URL}}, time.Now)}
	// {"alg":"RS256","kid":"k"} {"iss":"i"}
	const token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJpIn0.c2lnbmF0dXJl"
	ask := func(token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/v1/me", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		_, err := a.claims(r)
		rest.Fail(w, r, a.Log, "GET /v1/me", err)
		return w
	}
	for range 2 {
		w := ask(token)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), `"code":"unavailable"`) || w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
		}
	}
	w := ask("x" + token)
	if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("a bad token: %d %v", w.Code, w.Header())
	}
	if !strings.Contains(log.String(), "token refused") || strings.Contains(log.String(), "c2lnbmF0dXJl") {
		t.Errorf("the log lacks the cause, or has the token: %s", log.String())
	}
}

// TestEveryAnswerHasTheHeaders checks the headers of an answer, also for a path without a
// route.
func TestEveryAnswerHasTheHeaders(t *testing.T) {
	a := &API{Log: slog.New(slog.DiscardHandler), Verifier: portal.New(t.Context(), nil, time.Now)}
	for path, want := range map[string]int{"/v1/me": http.StatusUnauthorized, "/v1/nothing": http.StatusNotFound} {
		var req events.APIGatewayV2HTTPRequest
		req.RawPath, req.RequestContext.HTTP.Method, req.RequestContext.HTTP.Path = path, http.MethodGet, path
		got, err := rest.Handler(a.Citizen(), a.Log)(t.Context(), req)
		if err != nil || got.StatusCode != want {
			t.Fatalf("%s: %+v, %v", path, got, err)
		}
		for name, value := range rest.Headers {
			if got.Headers[name] != value && !slices.Equal(got.MultiValueHeaders[name], []string{value}) {
				t.Errorf("%s: %s is %q", path, name, got.Headers[name])
			}
		}
	}
}
