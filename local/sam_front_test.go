//go:build sam

package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"infocig/infra/topology"
)

// An output is what a command has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// A front passes requests on to a server of sam, counts them, and has patience
// with one thing: SAM asks a container that it has just started for less than half
// a second, and if nothing listens there yet it says so in its log and answers with
// nothing. The function has not been called then, and is asked for again. Since
// tools/sam/sam.py has SAM wait until something listens, that is rare.
// https://github.com/aws/aws-sam-cli/issues/3714
type front struct {
	address string
	printed *output
	asked   atomic.Int64
	again   atomic.Int64
}

// gaveUp is what SAM prints then, before the name of the function; also if a
// function takes too long, but not before its timeout.
const gaveUp = "No response from invoke container for "

// RoundTrip implements http.RoundTripper.
func (f *front) RoundTrip(r *http.Request) (*http.Response, error) {
	f.asked.Add(1)
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	mark := gaveUp
	if _, rest, ok := strings.Cut(r.URL.Path, "/functions/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		mark += name
	}
	for try := 1; ; try++ {
		before, began := strings.Count(f.printed.String(), mark), time.Now()
		out := r.Clone(r.Context())
		out.Body = io.NopCloser(bytes.NewReader(sent))
		resp, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		nothing := len(bytes.TrimSpace(got)) == 0 || resp.StatusCode >= http.StatusInternalServerError
		if try < 4 && nothing && time.Since(began) < topology.Timeout*time.Second/2 && strings.Count(f.printed.String(), mark) > before {
			f.again.Add(1)
			continue
		}
		resp.Body = io.NopCloser(bytes.NewReader(got))
		return resp, nil
	}
}

// A door is an address at which a front is found, also if that comes later: the
// address of start-lambda must be known before it starts.
type door struct{ to atomic.Pointer[front] }

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := d.to.Load()
	if f == nil {
		http.Error(w, "not yet", http.StatusServiceUnavailable)
		return
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: f.address})
	proxy.Transport = f
	proxy.ErrorLog = log.New(io.Discard, "", 0) // what is under way when it ends
	proxy.ServeHTTP(w, r)
}

// TestFront: what SAM answers is asked for again if its log says that it gave up on
// this function's container, and for nothing else.
func TestFront(t *testing.T) {
	const path = "/2015-03-31/functions/connect/invocations"
	for name, c := range map[string]struct {
		prints, answers string
		status, asked   int
	}{
		"gave up":                             {gaveUp + "connect\n", "", http.StatusOK, 2},
		"gave up, as start-api says it":       {gaveUp + "connect\n", "Internal server error", http.StatusBadGateway, 2},
		"gave up on another function":         {gaveUp + "message\n", "", http.StatusOK, 1},
		"did not start":                       {"Init failed\n", "", http.StatusOK, 1},
		"failed":                              {"", `{"errorMessage":"x"}`, http.StatusOK, 1},
		"answered while another was given up": {gaveUp + "connect\n", "null", http.StatusOK, 1},
	} {
		t.Run(name, func(t *testing.T) {
			printed := &output{}
			var bodies []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				raw, _ := io.ReadAll(r.Body) // what is missing is seen below
				bodies = append(bodies, string(raw))
				if len(bodies) > 1 {
					_, _ = io.WriteString(w, "done")
					return
				}
				_, _ = io.WriteString(printed, c.prints)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answers)
			}))
			defer server.Close()
			d := &door{}
			d.to.Store(&front{address: strings.TrimPrefix(server.URL, "http://"), printed: printed})
			outside := httptest.NewServer(d)
			defer outside.Close()
			resp, err := http.Post(outside.URL+path, "application/json", strings.NewReader("event"))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			want := c.answers
			if c.asked == 2 {
				want = "done"
			}
			same(t, "answer", string(got), want)
			same(t, "asked with", strings.Join(bodies, " "), strings.TrimSpace(strings.Repeat("event ", c.asked)))
		})
	}
}
