package main

import (
	"crypto/rsa"
	"net/http"
	"path/filepath"
	"strings"

	"infocig/infra/topology"
	loginportal "infocig/local/portal"
)

// pages serves the built pages. A path without a file name is that of a page:
// /myinps is myinps.html. Whoever comes by another name of this machine, such as
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
		if p := strings.Trim(r.URL.Path, "/"); p != "" && !strings.ContainsAny(p, "./") {
			r.URL.Path = "/" + p + ".html"
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		files.ServeHTTP(w, r)
	})
}

// pagesWithLogin are the pages to which a login leads back.
func pagesWithLogin(base string) []string {
	var all []string
	for _, page := range []string{"myinps", "cassetto", "advisor", "supervisor", "officer"} {
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
