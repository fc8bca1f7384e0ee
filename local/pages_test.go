package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"infocig/infra/topology"
)

func TestPages(t *testing.T) {
	dir := t.TempDir()
	get := func(host, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://"+host+path, nil)
		pages(dir, "http://127.0.0.1:8080").ServeHTTP(w, r)
		return w
	}
	if w := get("127.0.0.1:8080", "/"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make web") {
		t.Errorf("before the pages are built: %d %s", w.Code, w.Body)
	}
	for _, name := range []string{"index.html", "myinps.html"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := get("127.0.0.1:8080", "/myinps")
	same(t, "a page by its path", w.Body.String(), "myinps.html")
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"} {
		if w.Header().Get(header) == "" {
			t.Errorf("%s is missing", header)
		}
	}
	w = get("localhost:8080", "/myinps?code=1")
	same(t, "another name of this machine", w.Header().Get("Location"), "http://127.0.0.1:8080/myinps?code=1")
	same(t, "where logins lead back to", strings.Join(pagesWithLogin("http://x"), " "),
		"http://x/myinps http://x/cassetto http://x/advisor http://x/supervisor http://x/officer")
	same(t, "a page by its path with a slash", get("127.0.0.1:8080", "/myinps/").Body.String(), "myinps.html")
	for _, path := range []string{"/nothing", "/favicon.ico", "/myinps/x", "/nothing.html"} {
		w := get("127.0.0.1:8080", path)
		same(t, path, w.Code, http.StatusNotFound)
		same(t, path, w.Body.String(), topology.NotFound())
		same(t, path, w.Header().Get("Content-Type"), "text/html; charset=utf-8")
	}
	same(t, "no such asset", get("127.0.0.1:8080", "/assets/nothing.js").Code, http.StatusNotFound)
}
