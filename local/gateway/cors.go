package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS is the cross-origin configuration of an HTTP API.
type CORS struct {
	Origins     []string // exact, such as https://www.example.it
	Methods     []string
	Headers     []string
	Expose      []string
	Credentials bool
	MaxAge      time.Duration
}

// serve sets the headers for an origin on the list and answers preflights. It
// reports whether r has been answered.
func (c *CORS) serve(w http.ResponseWriter, r *http.Request) bool {
	if c == nil {
		return false
	}
	origin, h := r.Header.Get("Origin"), w.Header()
	allowed := origin != "" && slices.Contains(c.Origins, origin)
	h.Add("Vary", "Origin")
	if allowed {
		h.Set("Access-Control-Allow-Origin", origin)
		setList(h, "Access-Control-Expose-Headers", c.Expose)
		if c.Credentials {
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if allowed {
		setList(h, "Access-Control-Allow-Methods", c.Methods)
		setList(h, "Access-Control-Allow-Headers", c.Headers)
		if c.MaxAge > 0 {
			h.Set("Access-Control-Max-Age", strconv.Itoa(int(c.MaxAge/time.Second)))
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

func setList(h http.Header, name string, values []string) {
	if len(values) > 0 {
		h.Set(name, strings.Join(values, ","))
	}
}
