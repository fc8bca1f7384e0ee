package portal

import (
	"crypto/rsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

const (
	callback = "http://127.0.0.1:8080/callback"
	verifier = "a-verifier-of-at-least-forty-three-characters-long"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := NewKey()
	if err != nil {
		panic(err)
	}
	return key
})

// clock is a virtual clock, far from the real one.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// site is a portal behind a server.
type site struct {
	*Portal
	clock  *clock
	url    string
	client *http.Client
}

func open(t *testing.T, change func(*Config)) *site {
	t.Helper()
	c := &clock{t: time.Date(2023, 2, 13, 15, 0, 0, 0, time.UTC)}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	config := Config{
		BaseURL: server.URL, Key: testKey(), RedirectURIs: []string{callback}, Now: c.now,
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&config)
	}
	p, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", p)
	jar, _ := cookiejar.New(nil)
	return &site{Portal: p, clock: c, url: server.URL, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (s *site) do(t *testing.T, method, target, contentType, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func (s *site) post(t *testing.T, target string, form url.Values) (*http.Response, string) {
	t.Helper()
	return s.do(t, http.MethodPost, target, "application/x-www-form-urlencoded", form.Encode())
}

func authorization() url.Values {
	return url.Values{
		"client_id": {ClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"s1"}, "nonce": {"n1"}, "code_challenge": {oidc.NewSHACodeChallenge(verifier)}, "code_challenge_method": {"S256"},
	}
}

// login walks from authorize to the code.
func (s *site) login(t *testing.T, issuer Issuer, person string) (code string) {
	t.Helper()
	base := IssuerURL(s.url, issuer)
	resp, body := s.do(t, http.MethodGet, base+"/authorize?"+authorization().Encode(), "", "")
	page := resp.Header.Get("Location")
	if resp.StatusCode != http.StatusFound || !strings.HasPrefix(page, base+"/login?request=") {
		t.Fatalf("authorize: %d %s %s", resp.StatusCode, page, body)
	}
	if resp, body = s.do(t, http.MethodGet, page, "", ""); resp.StatusCode != http.StatusOK || !strings.Contains(body, `value="`+person+`"`) {
		t.Fatalf("login page: %d %s", resp.StatusCode, body)
	}
	u, _ := url.Parse(page)
	resp, body = s.post(t, base+"/login", url.Values{"request": {u.Query().Get("request")}, "person": {person}})
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("choice: %d %s", resp.StatusCode, body)
	}
	back, _ := url.Parse(resp.Header.Get("Location"))
	if q := back.Query(); !strings.HasPrefix(back.String(), callback+"?") || q.Get("state") != "s1" || q.Get("iss") != base {
		t.Fatalf("back at %s", back)
	}
	return back.Query().Get("code")
}

func exchange(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {ClientID}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
}

func TestLoginFromAuthorizeToVerifiedToken(t *testing.T) {
	s := open(t, nil)
	for _, p := range Ready() {
		t.Run(p.ID, func(t *testing.T) {
			base := IssuerURL(s.url, p.Issuer)
			resp, body := s.post(t, base+"/token", exchange(s.login(t, p.Issuer, p.ID)))
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("token: %d %v %s", resp.StatusCode, resp.Header, body)
			}
			var tokens oidc.AccessTokenResponse
			if err := json.Unmarshal([]byte(body), &tokens); err != nil {
				t.Fatal(err)
			}
			if tokens.ExpiresIn != 3600 || tokens.TokenType != "Bearer" || (tokens.RefreshToken != "") != (p.Issuer == Institute) {
				t.Errorf("%+v", tokens)
			}
			claims, scopes, err := s.Verifier().Verify(t.Context(), string(p.Issuer), tokens.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range p.Claims() {
				if claims[name] != flatten(want) {
					t.Errorf("%s: %q, want %q", name, claims[name], flatten(want))
				}
			}
			if claims["iss"] != base || claims["aud"] != Audience || claims["iat"] != "1676300400" || claims["exp"] != "1676304000" {
				t.Errorf("claims %v", claims)
			}
			if !cmp.Equal(scopes, []string{"openid", "profile"}) {
				t.Errorf("scopes %v", scopes)
			}
			for _, other := range Issuers {
				if other != p.Issuer {
					if _, _, err := s.Verifier().Verify(t.Context(), string(other), tokens.AccessToken); err == nil {
						t.Errorf("accepted by %s", other)
					}
				}
			}
			if _, _, err := s.Verifier().Verify(t.Context(), string(p.Issuer), tokens.IDToken); err == nil {
				t.Error("the id token is accepted as an access token")
			}
			s.checkIDToken(t, p, tokens.IDToken)
		})
	}
}

// checkIDToken verifies an id token with the published keys.
func (s *site) checkIDToken(t *testing.T, p Person, idToken string) {
	t.Helper()
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(idToken, claims, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil },
		jwt.WithTimeFunc(s.clock.now), jwt.WithAudience(ClientID), jwt.WithIssuer(IssuerURL(s.url, p.Issuer)), jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		t.Fatal(err)
	}
	if claims["nonce"] != "n1" || claims["sub"] != p.ID || claims["fiscal_number"] != nil {
		t.Errorf("id token %v", claims)
	}
}

func TestDiscoveryAndKeys(t *testing.T) {
	s := open(t, nil)
	for _, issuer := range Issuers {
		base := IssuerURL(s.url, issuer)
		_, body := s.do(t, http.MethodGet, base+"/.well-known/openid-configuration", "", "")
		var d oidc.DiscoveryConfiguration
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			t.Fatal(err)
		}
		if d.Issuer != base || d.TokenEndpoint != base+"/token" || d.AuthorizationEndpoint != base+"/authorize" || d.JwksURI != base+"/keys" {
			t.Errorf("%+v", d)
		}
		_, body = s.do(t, http.MethodGet, d.JwksURI, "", "")
		var set struct{ Keys []jwk }
		if err := json.Unmarshal([]byte(body), &set); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]jwk{newJWK(&testKey().PublicKey)}, set.Keys); diff != "" {
			t.Error(diff)
		}
	}
}

func TestUserInfo(t *testing.T) {
	s := open(t, nil)
	_, body := s.post(t, IssuerURL(s.url, MyINPS)+"/token", exchange(s.login(t, MyINPS, "worker-rm")))
	var tokens oidc.AccessTokenResponse
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{tokens.AccessToken: 200, tokens.IDToken: 401, "x": 401} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, IssuerURL(s.url, MyINPS)+"/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("status %d, want %d", resp.StatusCode, want)
		}
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	s := open(t, nil)
	for name, test := range map[string]struct {
		key, value string
		redirect   string // the error at the redirect URI, or nothing for a plain answer
	}{
		"unknown client":            {"client_id", "other", ""},
		"unknown redirect URI":      {"redirect_uri", callback + "/x", ""},
		"no redirect URI":           {"redirect_uri", "", ""},
		"implicit flow":             {"response_type", "id_token token", ""},
		"no scope":                  {"scope", "", "invalid_scope"},
		"scope without openid":      {"scope", "profile", "invalid_scope"},
		"no PKCE":                   {"code_challenge", "", "invalid_request"},
		"plain PKCE":                {"code_challenge_method", "plain", "invalid_request"},
		"without interaction":       {"prompt", "none", "login_required"},
		"answer in the fragment":    {"response_mode", "fragment", "invalid_request"},
		"request object":            {"request", "x.y.z", ""},
		"redirect URI, other case":  {"redirect_uri", strings.ToUpper(callback), ""},
		"redirect URI, other query": {"redirect_uri", callback + "?a=b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := authorization()
			q.Set(test.key, test.value)
			resp, body := s.do(t, http.MethodGet, IssuerURL(s.url, MyINPS)+"/authorize?"+q.Encode(), "", "")
			if test.redirect == "" {
				if resp.StatusCode < 400 || resp.StatusCode > 499 {
					t.Errorf("status %d %s", resp.StatusCode, body)
				}
				return
			}
			back, _ := url.Parse(resp.Header.Get("Location"))
			values, _ := url.ParseQuery(back.RawQuery + "&" + back.Fragment)
			if resp.StatusCode != http.StatusFound || values.Get("error") != test.redirect || values.Get("state") != "s1" || values.Get("code") != "" {
				t.Errorf("%d %s %s", resp.StatusCode, back, body)
			}
		})
	}
}

func TestTokenRefuses(t *testing.T) {
	for name, change := range map[string]func(s *site, form url.Values){
		"another verifier":     func(_ *site, f url.Values) { f.Set("code_verifier", verifier+"x") },
		"no verifier":          func(_ *site, f url.Values) { f.Del("code_verifier") },
		"another redirect URI": func(_ *site, f url.Values) { f.Set("redirect_uri", callback+"x") },
		"another client":       func(_ *site, f url.Values) { f.Set("client_id", "other") },
		"unknown code":         func(_ *site, f url.Values) { f.Set("code", "x") },
		"expired code":         func(s *site, _ url.Values) { s.clock.pass(codeLife) },
		"another grant":        func(_ *site, f url.Values) { f.Set("grant_type", "client_credentials") },
		"jwt bearer": func(_ *site, f url.Values) {
			f.Set("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
			f.Set("assertion", "x")
		},
		"refresh": func(_ *site, f url.Values) { f.Set("grant_type", "refresh_token"); f.Set("refresh_token", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			form := exchange(s.login(t, MyINPS, "worker-rm"))
			change(s, form)
			resp, body := s.post(t, IssuerURL(s.url, MyINPS)+"/token", form)
			if resp.StatusCode < 400 || resp.StatusCode > 499 || strings.Contains(body, "access_token") {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
	t.Run("second use, and at another issuer", func(t *testing.T) {
		s := open(t, nil)
		form := exchange(s.login(t, MyINPS, "worker-rm"))
		if resp, _ := s.post(t, IssuerURL(s.url, Cassetto)+"/token", form); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("another issuer: %d", resp.StatusCode)
		}
		if resp, _ := s.post(t, IssuerURL(s.url, MyINPS)+"/token", form); resp.StatusCode != http.StatusOK {
			t.Errorf("first use: %d", resp.StatusCode)
		}
		if resp, _ := s.post(t, IssuerURL(s.url, MyINPS)+"/token", form); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("second use: %d", resp.StatusCode)
		}
	})
	t.Run("the request is not a code", func(t *testing.T) {
		s := open(t, nil)
		resp, _ := s.do(t, http.MethodGet, IssuerURL(s.url, MyINPS)+"/authorize?"+authorization().Encode(), "", "")
		u, _ := url.Parse(resp.Header.Get("Location"))
		if resp, body := s.post(t, IssuerURL(s.url, MyINPS)+"/token", exchange(u.Query().Get("request"))); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%d %s", resp.StatusCode, body)
		}
	})
}

func TestLoginPage(t *testing.T) {
	s := open(t, func(c *Config) { c.Stylesheet = "/assets/<site>.css" })
	base := IssuerURL(s.url, Cassetto)
	resp, _ := s.do(t, http.MethodGet, base+"/authorize?"+authorization().Encode(), "", "")
	page := resp.Header.Get("Location")
	resp, body := s.do(t, http.MethodGet, page, "", "")
	for _, want := range []string{`lang="it"`, "Cassetto previdenziale", "Dell’Erba", "SPID livello 2", `href="/assets/%3csite%3e.css"`, "<h1>"} {
		if !strings.Contains(body, want) {
			t.Errorf("page lacks %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "worker-rm") || strings.Contains(body, "Z999") {
		t.Error("page shows people of another issuer, or a fiscal code")
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self' http://127.0.0.1:8080") {
		t.Errorf("policy %q", csp)
	}
	if resp, _ := s.do(t, http.MethodGet, base+"/login.css", "", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("stylesheet %d", resp.StatusCode)
	}
	u, _ := url.Parse(page)
	if resp, _ := s.post(t, base+"/login", url.Values{"request": {u.Query().Get("request")}, "person": {"worker-rm"}}); resp.StatusCode != http.StatusOK {
		t.Errorf("person of another issuer: %d, want the list again", resp.StatusCode)
	}
	s.clock.pass(loginLife)
	if resp, body := s.do(t, http.MethodGet, page, "", ""); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "Accesso scaduto") {
		t.Errorf("expired request: %d", resp.StatusCode)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{BaseURL: "http://127.0.0.1:8080", Key: testKey(), RedirectURIs: []string{callback}}
	for name, change := range map[string]func(*Config){
		"no base URL":      func(c *Config) { c.BaseURL = "" },
		"base with a path": func(c *Config) { c.BaseURL += "/x" },
		"no key":           func(c *Config) { c.Key = nil },
		"no redirect URI":  func(c *Config) { c.RedirectURIs = nil },
		"unknown issuer":   func(c *Config) { c.People = []Person{{ID: "x", Issuer: "y"}} },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestKeyIsKept(t *testing.T) {
	dir := t.TempDir() + "/data"
	first, err := LoadOrCreateKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadOrCreateKey(dir)
	if err != nil || !first.Equal(second) {
		t.Errorf("another key: %v", err)
	}
	if _, err := LoadOrCreateKey(dir + "/" + KeyFile); err == nil {
		t.Error("a file as directory is accepted")
	}
}
