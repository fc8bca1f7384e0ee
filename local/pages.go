package main

import (
	"crypto/rsa"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"infocig/infra/topology"
	loginportal "infocig/local/portal"
)

// allPages are those of the topology, and that of the offices' own staff.
var allPages = append(slices.Clone(topology.Pages), "officer")

// pages serves the built pages as CloudFront does: /myinps is myinps.html, and a
// path that is no page's gets the page that says so. Whoever comes by another name of this machine, such as
// localhost, is sent to base: logins and sockets are for one origin only.
func pages(dir, base string) http.Handler {
	files := http.FileServer(http.Dir(dir))
	headers := topology.PageHeaders("ws:", "wss:")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if "http://"+r.Host != base {
			http.Redirect(w, r, base+r.URL.RequestURI(), http.StatusTemporaryRedirect) //nolint:gosec // to ourselves
			return
		}
		h := w.Header()
		for name, value := range headers {
			h.Set(name, value)
		}
		if !exists(filepath.Join(dir, "index.html")) {
			http.Error(w, "The pages are not built yet: run `make web`, or `make run`, which does it for you.", http.StatusServiceUnavailable)
			return
		}
		path := strings.TrimSuffix(strings.Trim(r.URL.Path, "/"), ".html")
		switch {
		case strings.HasPrefix(r.URL.Path, "/assets/"):
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		case path == "" || path == "index":
			r.URL.Path = "/"
			h.Set("Cache-Control", "no-cache")
		case slices.Contains(allPages, path):
			r.URL.Path = "/" + path + ".html"
			h.Set("Cache-Control", "no-cache")
		default:
			h.Set("Cache-Control", "no-cache")
			h.Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(topology.NotFound()))
			return
		}
		files.ServeHTTP(w, r)
	})
}

// pagesWithLogin are the pages to which a login leads back.
func pagesWithLogin(base string) []string {
	var all []string
	for _, page := range allPages {
		all = append(all, base+"/"+page)
	}
	return all
}

// signingKey returns the key of the portals, kept in dir so that a login
// survives a restart; with "" it is a new one.
func signingKey(dir string) (*rsa.PrivateKey, error) {
	if dir == "" {
		return loginportal.NewKey()
	}
	return loginportal.LoadOrCreateKey(dir)
}
