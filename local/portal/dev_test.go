package portal

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDevToken(t *testing.T) {
	s := open(t, nil)
	for name, test := range map[string]struct {
		body   string
		issuer string
		want   map[string]string // claims; nil: refused by the verifier
		life   int64
	}{
		"a ready person":        {`{"issuer":"myinps","person":"worker-to"}`, "myinps", map[string]string{"sub": "worker-to", "acr": "https://www.spid.gov.it/SpidL1"}, 3600},
		"claims of one's own":   {`{"issuer":"institute","claims":{"sub":"me","groups":["advisors"]}}`, "institute", map[string]string{"sub": "me", "groups": "[advisors]"}, 3600},
		"override":              {`{"issuer":"cassetto","person":"owner-mi","claims":{"registered_office_province":"BA"}}`, "cassetto", map[string]string{"role": "owner", "registered_office_province": "BA"}, 3600},
		"null takes away":       {`{"issuer":"cassetto","person":"owner-mi","claims":{"role":null}}`, "cassetto", map[string]string{"sub": "owner-mi", "role": ""}, 3600},
		"companies become text": {`{"issuer":"cassetto","person":"consultant","claims":{"companies":[ {"name":"A"} ]}}`, "cassetto", map[string]string{"companies": `[{"name":"A"}]`}, 3600},
		"expired":               {`{"issuer":"myinps","person":"worker-rm","claims":{"exp":1676300300}}`, "myinps", nil, -100},
		"another audience":      {`{"issuer":"myinps","person":"worker-rm","claims":{"aud":"x"}}`, "myinps", nil, 3600},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := s.do(t, http.MethodPost, s.url+"/dev/token", "application/json", test.body)
			var got struct {
				AccessToken string `json:"access_token"`
				TokenType   string `json:"token_type"`
				ExpiresIn   int64  `json:"expires_in"`
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
			if got.TokenType != "Bearer" || got.ExpiresIn != test.life {
				t.Errorf("%+v", got)
			}
			claims, _, err := s.Verifier().Verify(t.Context(), test.issuer, got.AccessToken)
			if (err == nil) != (test.want != nil) {
				t.Fatalf("verify: %v", err)
			}
			for name, want := range test.want {
				if claims[name] != want {
					t.Errorf("%s: %q, want %q", name, claims[name], want)
				}
			}
		})
	}
}

func TestDevTokenIsStrict(t *testing.T) {
	s := open(t, nil)
	for name, body := range map[string]string{
		"empty":                    ``,
		"not an object":            `[]`,
		"no issuer":                `{"person":"worker-rm"}`,
		"unknown issuer":           `{"issuer":"x","person":"worker-rm"}`,
		"unknown field":            `{"issuer":"myinps","person":"worker-rm","x":1}`,
		"name in another case":     `{"Issuer":"myinps","person":"worker-rm"}`,
		"duplicate name":           `{"issuer":"myinps","issuer":"myinps","person":"worker-rm"}`,
		"a second document":        `{"issuer":"myinps","person":"worker-rm"}{}`,
		"unknown person":           `{"issuer":"myinps","person":"x"}`,
		"person of another issuer": `{"issuer":"myinps","person":"owner-mi"}`,
		"nobody":                   `{"issuer":"myinps"}`,
		"sub not text":             `{"issuer":"myinps","claims":{"sub":1}}`,
		"sub taken away":           `{"issuer":"myinps","person":"worker-rm","claims":{"sub":null}}`,
		"iss":                      `{"issuer":"myinps","person":"worker-rm","claims":{"iss":"x"}}`,
		"exp not a number":         `{"issuer":"myinps","person":"worker-rm","claims":{"exp":"soon"}}`,
		"claims a list":            `{"issuer":"myinps","person":"worker-rm","claims":[]}`,
		"too large":                `{"issuer":"myinps","person":"` + strings.Repeat("x", 16<<10) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			resp, got := s.do(t, http.MethodPost, s.url+"/dev/token", "application/json", body)
			if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s", resp.StatusCode, got)
			}
		})
	}
	if resp, _ := s.do(t, http.MethodPost, s.url+"/dev/token", "text/plain", `{"issuer":"myinps","person":"worker-rm"}`); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("text/plain: %d", resp.StatusCode)
	}
	if resp, _ := s.do(t, http.MethodGet, s.url+"/dev/token", "", ""); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}

func TestDevTokenOnlyFromThisMachine(t *testing.T) {
	s := open(t, nil)
	for name, test := range map[string]struct {
		remote, host, via string
		status            int
	}{
		"loopback":                {"127.0.0.1:5000", "127.0.0.1:8080", "", 200},
		"loopback, IPv6":          {"[::1]:5000", "[::1]:8080", "", 200},
		"localhost":               {"127.0.0.1:5000", "localhost:8080", "", 200},
		"another machine":         {"192.0.2.1:5000", "127.0.0.1:8080", "", 403},
		"name that resolves here": {"127.0.0.1:5000", "evil.example:8080", "", 403},
		"through a proxy":         {"127.0.0.1:5000", "127.0.0.1:8080", "192.0.2.1", 403},
		"no address":              {"", "127.0.0.1:8080", "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "http://"+test.host+"/dev/token", strings.NewReader(`{"issuer":"myinps","person":"worker-rm"}`))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = test.remote
			if test.via != "" {
				r.Header.Set("X-Forwarded-For", test.via)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
		})
	}
}
