package stacks

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"testing"

	"infocig/infra/topology"
)

// TestPathsOfPages runs the function as CloudFront would, for one path each.
func TestPathsOfPages(t *testing.T) {
	const missing = "404"
	for path, want := range map[string]string{
		"/":               "/index.html",
		"/index.html":     "/index.html",
		"/myinps":         "/myinps.html",
		"/myinps/":        "/myinps.html",
		"/advisor.html":   "/advisor.html",
		"/assets/a.js":    "/assets/a.js",
		"/officer":        missing,
		"/nothing":        missing,
		"/nothing.html":   missing,
		"/favicon.ico":    missing,
		"/myinps/x":       missing,
		"/constructor":    missing,
		"/assetsx/a.html": missing,
	} {
		script := functionOfPaths() + "console.log(JSON.stringify(handler({request: {uri: " + literal(path) + "}})))"
		out, err := exec.CommandContext(t.Context(), "node", "-e", script).Output()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			URI        string
			StatusCode int
			Headers    map[string]struct{ Value string }
			Body       struct{ Data string }
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if want != missing {
			if got.URI != want {
				t.Errorf("%s is %q, want %q", path, got.URI, want)
			}
			continue
		}
		if got.StatusCode != http.StatusNotFound || got.Body.Data != topology.NotFound() || got.Headers["content-type"].Value != "text/html; charset=utf-8" {
			t.Errorf("%s: %+v", path, got)
		}
	}
}
