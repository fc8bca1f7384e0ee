package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A pattern is a route key in parts.
type pattern struct {
	route    HTTPRoute
	method   string   // ANY for all
	segments []string // {name} stands for one, {name+} for all that follow
	fallback bool     // $default
}

func parsePattern(route HTTPRoute) (pattern, error) {
	if route.Key == "$default" {
		return pattern{route: route, method: "ANY", fallback: true}, nil
	}
	method, path, ok := strings.Cut(route.Key, " ")
	if !ok || method == "" || method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") {
		return pattern{}, fmt.Errorf("route %q: want METHOD /path", route.Key)
	}
	p := pattern{route: route, method: method, segments: segments(path)}
	for i, s := range p.segments {
		if isParam(s) && isGreedy(s) && i != len(p.segments)-1 {
			return pattern{}, fmt.Errorf("route %q: %s must be last", route.Key, s)
		}
	}
	return p, nil
}

// sameAs reports whether p and q match the same requests.
func (p pattern) sameAs(q pattern) bool {
	return p.method == q.method && p.fallback == q.fallback && slices.EqualFunc(p.segments, q.segments, func(a, b string) bool {
		return rank(a) == rank(b) && (isParam(a) || a == b)
	})
}

// match finds the most specific route for r: fixed segments before parameters
// before the greedy one, a method before ANY, $default last.
func (h *HTTP) match(r *http.Request) (HTTPRoute, map[string]string, bool) {
	path := segments(r.URL.EscapedPath())
	var best *pattern
	for i := range h.table {
		p := &h.table[i]
		if (p.method == "ANY" || p.method == r.Method) && p.matches(path) && (best == nil || p.before(best)) {
			best = p
		}
	}
	if best == nil {
		return HTTPRoute{}, nil, false
	}
	return best.route, best.params(path), true
}

func (p *pattern) matches(path []string) bool {
	if p.fallback {
		return true
	}
	for i, s := range p.segments {
		switch {
		case i >= len(path):
			return false
		case isParam(s) && isGreedy(s):
			return path[i] != ""
		case isParam(s) && path[i] == "", !isParam(s) && s != path[i]:
			return false
		}
	}
	return len(path) == len(p.segments)
}

// before reports whether p is more specific than q; both match.
func (p *pattern) before(q *pattern) bool {
	if p.fallback != q.fallback {
		return q.fallback
	}
	for i := range min(len(p.segments), len(q.segments)) {
		if a, b := rank(p.segments[i]), rank(q.segments[i]); a != b {
			return a < b
		}
	}
	return q.method == "ANY" && p.method != "ANY"
}

func (p *pattern) params(path []string) map[string]string {
	var params map[string]string
	for i, s := range p.segments {
		if !isParam(s) {
			continue
		}
		value := path[i]
		if isGreedy(s) {
			value = strings.Join(path[i:], "/")
		}
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		if params == nil {
			params = make(map[string]string)
		}
		params[strings.TrimSuffix(s[1:len(s)-1], "+")] = value
	}
	return params
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

func isParam(s string) bool { return strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") }

func isGreedy(s string) bool { return strings.HasSuffix(s, "+}") }

// rank orders segments from specific to general.
func rank(s string) int {
	switch {
	case !isParam(s):
		return 0
	case !isGreedy(s):
		return 1
	default:
		return 2
	}
}
