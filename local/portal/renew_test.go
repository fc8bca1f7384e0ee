package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// silently asks for a login without the person, and returns the query of where it leads.
func (s *site) silently(t *testing.T, issuer Issuer) url.Values {
	t.Helper()
	q := authorization()
	q.Set("prompt", "none")
	resp, body := s.do(t, http.MethodGet, IssuerURL(s.url, issuer)+"/authorize?"+q.Encode(), "", "")
	back, err := url.Parse(resp.Header.Get("Location"))
	if resp.StatusCode != http.StatusFound || err != nil {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return back.Query()
}

func TestAKnownBrowserLogsInSilently(t *testing.T) {
	s := open(t, nil)
	if got := s.silently(t, MyINPS).Get("error"); got != "login_required" {
		t.Errorf("nobody has logged in: %q", got)
	}
	s.login(t, MyINPS, "worker-rm")
	q := s.silently(t, MyINPS)
	if q.Get("state") != "s1" || q.Get("iss") != IssuerURL(s.url, MyINPS) {
		t.Errorf("leads back with %v", q)
	}
	resp, body := s.post(t, IssuerURL(s.url, MyINPS)+"/token", exchange(q.Get("code")))
	if resp.StatusCode != http.StatusOK {
		t.Errorf("token: %d %s", resp.StatusCode, body)
	}
	if got := s.silently(t, Cassetto).Get("error"); got != "login_required" {
		t.Errorf("another issuer: %q", got)
	}
	s.clock.pass(sessionLife)
	if got := s.silently(t, MyINPS).Get("error"); got != "login_required" {
		t.Errorf("after %v: %q", sessionLife, got)
	}
}

func TestARefreshTokenIsGoodOnceAndForItsIssuer(t *testing.T) {
	s := open(t, nil)
	base := IssuerURL(s.url, Institute)
	_, body := s.post(t, base+"/token", exchange(s.login(t, Institute, "advisor-1")))
	first := tokensIn(t, body)
	renew := url.Values{"grant_type": {"refresh_token"}, "client_id": {ClientID}, "refresh_token": {first.RefreshToken}}
	if resp, _ := s.post(t, IssuerURL(s.url, MyINPS)+"/token", renew); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("another issuer: %d", resp.StatusCode)
	}
	s.clock.pass(s.config.Lifetime)
	resp, body := s.post(t, base+"/token", renew)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("renewed: %d %s", resp.StatusCode, body)
	}
	second := tokensIn(t, body)
	if _, _, err := s.Verifier().Verify(t.Context(), string(Institute), second.AccessToken); err != nil {
		t.Error(err)
	}
	if second.RefreshToken == first.RefreshToken {
		t.Error("the refresh token stays the same")
	}
	if resp, _ := s.post(t, base+"/token", renew); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("used again: %d", resp.StatusCode)
	}
	// What finds one thing finds no other.
	resp, _ = s.post(t, base+"/token", exchange(second.RefreshToken))
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("as a code: %d", resp.StatusCode)
	}
}

func tokensIn(t *testing.T, body string) oidc.AccessTokenResponse {
	t.Helper()
	var tokens oidc.AccessTokenResponse
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		t.Fatal(err)
	}
	return tokens
}
