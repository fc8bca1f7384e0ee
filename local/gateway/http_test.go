package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func httpRoutes() []HTTPRoute {
	return []HTTPRoute{
		{Key: "GET /v1/availability", Function: "citizen"},
		{Key: "POST /v1/tickets", Function: "tickets", Authorizer: "myinps"},
		{Key: "GET /v1/cases/{id}", Function: "case"},
		{Key: "GET /v1/cases/mine", Function: "mine"},
		{Key: "ANY /v1/cases/{id}", Function: "any"},
		{Key: "GET /v1/files/{id}/{rest+}", Function: "files"},
	}
}

func startHTTP(t *testing.T, change func(*HTTPConfig, *fake)) (*fake, http.Handler) {
	t.Helper()
	f := &fake{functions: map[string]func(context.Context, []byte) (string, error){}, calls: map[string][][]byte{}}
	c := HTTPConfig{Routes: httpRoutes(), Log: quiet(), Verify: func(_ context.Context, authorizer, token string) (map[string]string, []string, error) {
		if authorizer != "myinps" || token != "good" {
			return nil, nil, errors.New("bad token")
		}
		return map[string]string{"sub": "s"}, []string{"openid"}, nil
	}}
	if change != nil {
		change(&c, f)
	}
	h, err := NewHTTP(c, f)
	if err != nil {
		t.Fatal(err)
	}
	return f, h
}

func ask(h http.Handler, method, target, body string, header http.Header) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func (f *fake) httpEvent(t *testing.T, function string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	payloads := f.payloads(function)
	if len(payloads) != 1 {
		t.Fatalf("%s invoked %d times", function, len(payloads))
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payloads[0], &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestHTTPRouting(t *testing.T) {
	for name, test := range map[string]struct {
		method, target, function string // "": 404
		params                   map[string]string
	}{
		"fixed path":                     {"GET", "/v1/availability", "citizen", nil},
		"method differs":                 {"POST", "/v1/availability", "", nil},
		"unknown path":                   {"GET", "/v1/other", "", nil},
		"trailing slash":                 {"GET", "/v1/availability/", "", nil},
		"root":                           {"GET", "/", "", nil},
		"parameter":                      {"GET", "/v1/cases/A%2F1=", "case", map[string]string{"id": "A/1="}},
		"parameter may not be empty":     {"GET", "/v1/cases/", "", nil},
		"fixed segment before parameter": {"GET", "/v1/cases/mine", "mine", nil},
		"method before ANY":              {"DELETE", "/v1/cases/7", "any", map[string]string{"id": "7"}},
		"path before method":             {"DELETE", "/v1/cases/mine", "any", map[string]string{"id": "mine"}},
		"greedy parameter":               {"GET", "/v1/files/7/a/b", "files", map[string]string{"id": "7", "rest": "a/b"}},
		"greedy parameter needs one":     {"GET", "/v1/files/7", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, h := startHTTP(t, nil)
			resp := ask(h, test.method, test.target, "", nil)
			if test.function == "" {
				if got := text(t, resp); resp.StatusCode != http.StatusNotFound || got != `{"message":"Not Found"}` {
					t.Errorf("%d %s", resp.StatusCode, got)
				}
				return
			}
			if diff := cmp.Diff(test.params, f.httpEvent(t, test.function).PathParameters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHTTPDefaultRouteTakesTheRest(t *testing.T) {
	f, h := startHTTP(t, func(c *HTTPConfig, _ *fake) {
		c.Routes = append([]HTTPRoute{{Key: "$default", Function: "rest"}}, c.Routes...)
	})
	ask(h, "GET", "/v1/availability", "", nil)
	f.httpEvent(t, "citizen")
	ask(h, "PATCH", "/anything", "", nil)
	if got := f.httpEvent(t, "rest").RouteKey; got != "$default" {
		t.Errorf("route key %q", got)
	}
}

// TestHTTPTellsTheTime: pages learn from Date how far the service's clock is ahead.
func TestHTTPTellsTheTime(t *testing.T) {
	at := time.Date(2098, 6, 11, 13, 0, 0, 0, time.UTC)
	_, h := startHTTP(t, func(c *HTTPConfig, _ *fake) { c.Now = func() time.Time { return at } })
	if got := ask(h, "GET", "/v1/other", "", nil).Header.Get("Date"); got != at.Format(http.TimeFormat) {
		t.Errorf("Date is %q", got)
	}
}

func TestHTTPConfigIsChecked(t *testing.T) {
	for name, c := range map[string]HTTPConfig{
		"no method":           {Routes: []HTTPRoute{{Key: "/v1", Function: "f"}}},
		"lower case":          {Routes: []HTTPRoute{{Key: "get /v1", Function: "f"}}},
		"no function":         {Routes: []HTTPRoute{{Key: "GET /v1"}}},
		"no Verify":           {Routes: []HTTPRoute{{Key: "GET /v1", Function: "f", Authorizer: "a"}}},
		"greedy not last":     {Routes: []HTTPRoute{{Key: "GET /{a+}/b", Function: "f"}}},
		"twice":               {Routes: []HTTPRoute{{Key: "GET /v1", Function: "f"}, {Key: "GET /v1", Function: "g"}}},
		"twice, other naming": {Routes: []HTTPRoute{{Key: "GET /{a}", Function: "f"}, {Key: "GET /{b}", Function: "g"}}},
	} {
		if _, err := NewHTTP(c, &fake{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHTTPAuthorizer(t *testing.T) {
	for name, test := range map[string]struct {
		authorization string
		status        int
	}{
		"good":         {"Bearer good", 200},
		"scheme case":  {"bearer good", 200},
		"bad":          {"Bearer bad", 401},
		"none":         {"", 401},
		"other scheme": {"Basic good", 401},
		"bare":         {"good", 401},
		"empty":        {"Bearer ", 401},
	} {
		t.Run(name, func(t *testing.T) {
			f, h := startHTTP(t, nil)
			resp := ask(h, "POST", "/v1/tickets", "{}", http.Header{"Authorization": {test.authorization}})
			if resp.StatusCode != test.status {
				t.Fatalf("status %d, want %d", resp.StatusCode, test.status)
			}
			if test.status == 401 {
				if got := text(t, resp); got != `{"message":"Unauthorized"}` || len(f.payloads("tickets")) != 0 {
					t.Errorf("body %s", got)
				}
				return
			}
			jwt := f.httpEvent(t, "tickets").RequestContext.Authorizer.JWT
			if diff := cmp.Diff(map[string]string{"sub": "s"}, jwt.Claims); diff != "" || !slices.Equal(jwt.Scopes, []string{"openid"}) {
				t.Errorf("%s %v", diff, jwt.Scopes)
			}
		})
	}
}

func TestHTTPEvent(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	f, h := startHTTP(t, func(c *HTTPConfig, _ *fake) {
		c.Now = func() time.Time { return now }
		c.NewID = func() string { return "id" }
	})
	ask(h, "GET", "http://id.example.it/v1/availability?province=RM&x=1&x=2&empty", "", http.Header{
		"Cookie": {"a=1; b=2", "c=3"}, "Accept-Language": {"it", "de"}, "User-Agent": {"test"},
	})
	got := f.httpEvent(t, "citizen")
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "GET /v1/availability", RawPath: "/v1/availability", RawQueryString: "province=RM&x=1&x=2&empty",
		Cookies: []string{"a=1", "b=2", "c=3"},
		Headers: map[string]string{
			"accept-language": "it,de", "user-agent": "test", "host": "id.example.it",
			"x-forwarded-for": "192.0.2.1", "x-forwarded-port": "80", "x-forwarded-proto": "http",
		},
		QueryStringParameters: map[string]string{"province": "RM", "x": "1,2", "empty": ""},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "GET /v1/availability", AccountID: "000000000000", Stage: "$default", RequestID: "id", APIID: "local",
			DomainName: "id.example.it", DomainPrefix: "id", Time: "22/Nov/2026:14:00:00 +0000", TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "GET", Path: "/v1/availability", Protocol: "HTTP/1.1", SourceIP: "192.0.2.1", UserAgent: "test"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	known := fields(t, golden(t, "apigw-v2-request-jwt-authorizer.json"))
	for _, field := range fields(t, f.payloads("citizen")[0]) {
		if !slices.Contains(known, field) {
			t.Errorf("field %s is not in the captured event", field)
		}
	}
}

func TestHTTPBody(t *testing.T) {
	for name, test := range map[string]struct {
		contentType, body, want string
		base64                  bool
	}{
		"json":           {"application/json; charset=utf-8", `{"a":"è"}`, `{"a":"è"}`, false},
		"text":           {"text/plain", "x", "x", false},
		"no type":        {"", "x", "x", false},
		"form is binary": {"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		"binary":         {"application/octet-stream", "\x00\xff", "AP8=", true},
		"false text":     {"text/plain", "\xff", "/w==", true},
	} {
		t.Run(name, func(t *testing.T) {
			f, h := startHTTP(t, nil)
			ask(h, "PUT", "/v1/cases/7", test.body, http.Header{"Content-Type": {test.contentType}})
			if e := f.httpEvent(t, "any"); e.Body != test.want || e.IsBase64Encoded != test.base64 {
				t.Errorf("body %q %v", e.Body, e.IsBase64Encoded)
			}
		})
	}
}

func TestHTTPBodyOverTheLimitIs413(t *testing.T) {
	f, h := startHTTP(t, func(c *HTTPConfig, _ *fake) { c.Body = 4 })
	if resp := ask(h, "PUT", "/v1/cases/7", "12345", nil); resp.StatusCode != http.StatusRequestEntityTooLarge || len(f.payloads("any")) != 0 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if resp := ask(h, "PUT", "/v1/cases/7", "1234", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestHTTPResponse(t *testing.T) {
	for name, test := range map[string]struct {
		result string
		err    error
		status int
		body   string
		header http.Header
	}{
		"status, header, body": {`{"statusCode":201,"headers":{"content-type":"application/json","x-a":"b"},"body":"{}"}`, nil, 201, "{}", http.Header{"Content-Type": {"application/json"}, "X-A": {"b"}}},
		"cookies":              {`{"statusCode":204,"cookies":["a=1","b=2"]}`, nil, 204, "", http.Header{"Set-Cookie": {"a=1", "b=2"}}},
		"several values":       {`{"statusCode":200,"multiValueHeaders":{"x-a":["1","2"]}}`, nil, 200, "", http.Header{"X-A": {"1", "2"}}},
		"binary":               {`{"statusCode":200,"body":"AP8=","isBase64Encoded":true}`, nil, 200, "\x00\xff", http.Header{"Content-Type": {"text/plain; charset=utf-8"}}},
		"a 500 of its own":     {`{"statusCode":500,"body":"mine"}`, nil, 500, "mine", http.Header{}},
		"JSON without status":  {`{"ok":true}`, nil, 200, `{"ok":true}`, http.Header{"Content-Type": {"application/json"}}},
		"not JSON":             {`ok`, nil, 500, `{"message":"Internal Server Error"}`, http.Header{}},
		"status out of range":  {`{"statusCode":0}`, nil, 500, `{"message":"Internal Server Error"}`, http.Header{}},
		"function error":       {``, errors.New("boom"), 500, `{"message":"Internal Server Error"}`, http.Header{}},
		"time exceeded":        {``, context.DeadlineExceeded, 503, `{"message":"Service Unavailable"}`, http.Header{}},
	} {
		t.Run(name, func(t *testing.T) {
			_, h := startHTTP(t, func(_ *HTTPConfig, f *fake) {
				f.run("citizen", func(context.Context, []byte) (string, error) { return test.result, test.err })
			})
			resp := ask(h, "GET", "/v1/availability", "", nil)
			if got := text(t, resp); resp.StatusCode != test.status || got != test.body {
				t.Errorf("%d %q", resp.StatusCode, got)
			}
			for name, values := range test.header {
				if diff := cmp.Diff(values, resp.Header.Values(name)); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

func TestCORSIsAnExactList(t *testing.T) {
	f, h := startHTTP(t, func(c *HTTPConfig, _ *fake) {
		c.CORS = &CORS{Origins: []string{"https://a.it"}, Methods: []string{"GET", "POST"}, Headers: []string{"authorization"}, MaxAge: time.Minute}
	})
	preflight := http.Header{"Origin": {"https://a.it"}, "Access-Control-Request-Method": {"POST"}}
	resp := ask(h, "OPTIONS", "/v1/tickets", "", preflight)
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != "https://a.it" || resp.Header.Get("Access-Control-Allow-Methods") != "GET,POST" || resp.Header.Get("Access-Control-Max-Age") != "60" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for _, origin := range []string{"https://a.it.evil.it", "http://a.it", "null", "https://A.it"} {
		preflight.Set("Origin", origin)
		if resp := ask(h, "OPTIONS", "/v1/tickets", "", preflight); resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", origin, resp.Header)
		}
	}
	if resp := ask(h, "GET", "/v1/availability", "", http.Header{"Origin": {"https://a.it"}}); resp.Header.Get("Access-Control-Allow-Origin") != "https://a.it" {
		t.Errorf("%v", resp.Header)
	}
	f.httpEvent(t, "citizen")
}
