package portal

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

func TestForgedTokensAreRefused(t *testing.T) {
	s := open(t, nil)
	other, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	now := s.clock.now().Unix()
	good := s.accessClaims(MyINPS, map[string]any{"sub": "x"})
	token := func(method jwt.SigningMethod, key any, header, claims map[string]any) string {
		c := maps.Clone(good)
		maps.Copy(c, claims)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		tok := jwt.NewWithClaims(method, jwt.MapClaims(c))
		tok.Header["kid"], tok.Header["typ"] = keyID(&testKey().PublicKey), typeAccess
		maps.Copy(tok.Header, header)
		signed, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	rs := jwt.SigningMethodRS256
	claim := func(name string, value any) string {
		return token(rs, testKey(), nil, map[string]any{name: value})
	}
	header := func(name string, value any) string {
		return token(rs, testKey(), map[string]any{name: value}, nil)
	}
	valid := token(rs, testKey(), nil, nil)
	parts := strings.Split(valid, ".")
	public, _ := json.Marshal(newJWK(&other.PublicKey))
	for name, test := range map[string]struct {
		token string
		ok    bool
	}{
		"valid":                            {valid, true},
		"empty":                            {"", false},
		"two parts":                        {parts[0] + "." + parts[1], false},
		"signature cut":                    {parts[0] + "." + parts[1] + ".", false},
		"claims exchanged":                 {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"y"}`)) + "." + parts[2], false},
		"signed by another key":            {token(rs, other, nil, nil), false},
		"another key, sent along":          {token(rs, other, map[string]any{"jwk": json.RawMessage(public)}, nil), false},
		"alg none":                         {token(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil), false},
		"HS256 with the public key":        {token(jwt.SigningMethodHS256, []byte(newJWK(&testKey().PublicKey).N), nil, nil), false},
		"RS512":                            {token(jwt.SigningMethodRS512, testKey(), nil, nil), false},
		"PS256":                            {token(jwt.SigningMethodPS256, testKey(), nil, nil), false},
		"unknown kid":                      {header("kid", "x"), false},
		"kid of another type":              {header("kid", 1), false},
		"jku":                              {header("jku", "https://evil.example/keys"), false},
		"x5u":                              {header("x5u", "https://evil.example/cert"), false},
		"crit":                             {header("crit", []string{"exp"}), false},
		"typ of an id token":               {header("typ", "JWT"), false},
		"another issuer":                   {claim("iss", IssuerURL(s.url, Cassetto)), false},
		"issuer elsewhere":                 {claim("iss", "https://evil.example/oidc/myinps"), false},
		"no issuer":                        {claim("iss", nil), false},
		"another audience":                 {claim("aud", ClientID), false},
		"no audience":                      {claim("aud", nil), false},
		"one audience of several":          {claim("aud", []string{"x", Audience}), true},
		"expired this second":              {claim("exp", now), false},
		"expires next second":              {claim("exp", now+1), true},
		"no expiry":                        {claim("exp", nil), false},
		"expiry as text":                   {claim("exp", "9999999999"), false},
		"not yet valid":                    {claim("nbf", now+1), false},
		"issued in the future":             {claim("iat", now+1), false},
		"padding in the signature":         {valid + "==", false},
		"white space":                      {" " + valid, false},
		"valid by the real clock, not now": {claim("exp", time.Now().Unix()), true},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := s.Verifier().Verify(t.Context(), "myinps", test.token)
			if (err == nil) != test.ok {
				t.Errorf("err %v", err)
			}
			if err != nil && len(test.token) > 10 && strings.Contains(err.Error(), test.token) {
				t.Error("the error contains the token")
			}
		})
	}
	if _, _, err := s.Verifier().Verify(t.Context(), "other", valid); err == nil {
		t.Error("unknown authorizer accepts")
	}
}

func TestClaimsAreFlattenedAsAPIGatewayDoes(t *testing.T) {
	s := open(t, nil)
	token, err := s.signer.sign(typeAccess, s.accessClaims(Institute, map[string]any{
		"sub": "x", "groups": []string{"advisors", "supervisors"}, "n": 1676300400, "yes": true,
	}))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := s.Verifier().Verify(t.Context(), "institute", token)
	if err != nil {
		t.Fatal(err)
	}
	got = map[string]string{"groups": got["groups"], "n": got["n"], "yes": got["yes"]}
	if diff := cmp.Diff(map[string]string{"groups": "[advisors supervisors]", "n": "1676300400", "yes": "true"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTokenExpiresByTheInjectedClock(t *testing.T) {
	s := open(t, nil)
	token, err := s.signer.sign(typeAccess, s.accessClaims(MyINPS, map[string]any{"sub": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	s.clock.pass(time.Hour - time.Second)
	if _, _, err := s.Verifier().Verify(t.Context(), "myinps", token); err != nil {
		t.Error(err)
	}
	s.clock.pass(time.Second)
	if _, _, err := s.Verifier().Verify(t.Context(), "myinps", token); err == nil {
		t.Error("accepted after an hour")
	}
}
