package portal

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const audience = "infocig-api"

// A provider signs tokens and serves its keys.
type provider struct {
	key *rsa.PrivateKey
	url string
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{jwk(&key.PublicKey, "k1")}})
	}))
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

func jwk(key *rsa.PublicKey, kid string) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	return map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
}

// token signs claims, changed by change.
func (p *provider) token(t *testing.T, method jwt.SigningMethod, key crypto.PrivateKey, change func(c jwt.MapClaims, header map[string]any)) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": p.url, "aud": audience, "sub": "s", "iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
		"fiscal_number": "TINIT-FRRGLN84C52Z999T", "idp": "spid", "acr": "https://www.spid.gov.it/SpidL2",
	}
	tok := jwt.NewWithClaims(method, claims)
	tok.Header["kid"] = "k1"
	if change != nil {
		change(claims, tok.Header)
	}
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestForgedTokensAreRefused(t *testing.T) {
	p, other := newProvider(t), newProvider(t)
	v := New(t.Context(), []Issuer{{Door: MyINPS, URL: p.url, Audience: audience, JWKS: p.url}}, func() time.Time { return noon })
	rs := jwt.SigningMethodRS256
	claim := func(name string, value any) string {
		return p.token(t, rs, p.key, func(c jwt.MapClaims, _ map[string]any) { c[name] = value })
	}
	header := func(key *rsa.PrivateKey, name string, value any) string {
		return p.token(t, rs, key, func(_ jwt.MapClaims, h map[string]any) { h[name] = value })
	}
	good := p.token(t, rs, p.key, nil)
	c, err := v.Verify(t.Context(), good)
	if err != nil || c.Subject != "s" || c.Door != MyINPS || c.Login().Level != 2 {
		t.Fatalf("a good token: %+v %v", c, err)
	}
	part := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"nothing":                       "",
		"not a token":                   "abc",
		"two parts":                     part[0] + "." + part[1],
		"four parts":                    good + ".x",
		"no signature":                  part[0] + "." + part[1] + ".",
		"another signature":             part[0] + "." + part[1] + "." + strings.Split(claim("sub", "x"), ".")[2],
		"changed payload":               part[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"s"`, `"x"`, 1))) + "." + part[2],
		"algorithm none":                p.token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"HMAC with the public key":      p.token(t, jwt.SigningMethodHS256, public, nil),
		"RS384":                         p.token(t, jwt.SigningMethodRS384, p.key, nil),
		"PS256":                         p.token(t, jwt.SigningMethodPS256, p.key, nil),
		"somebody else's key":           p.token(t, rs, other.key, nil),
		"a key of its own in jwk":       header(other.key, "jwk", jwk(&other.key.PublicKey, "k1")),
		"a key set of its own in jku":   header(other.key, "jku", other.url),
		"a certificate of its own":      header(other.key, "x5u", other.url),
		"unknown key id":                header(other.key, "kid", "k2"),
		"issuer unknown":                claim("iss", "https://evil.example"),
		"issuer with a slash":           claim("iss", p.url+"/"),
		"no issuer":                     claim("iss", nil),
		"another audience":              claim("aud", "infocig-web"),
		"no audience":                   claim("aud", nil),
		"expired":                       claim("exp", noon.Add(-time.Second).Unix()),
		"no expiry":                     claim("exp", nil),
		"not yet valid":                 claim("nbf", noon.Add(time.Hour).Unix()),
		"no subject":                    claim("sub", ""),
		"a subject that is not a text":  claim("sub", 7),
		"a claim of another type":       claim("fiscal_number", []string{"x"}),
		"another issuer's, good for it": other.token(t, rs, other.key, nil),
	} {
		if c, err := v.Verify(t.Context(), forged); !errors.Is(err, ErrToken) {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
}
