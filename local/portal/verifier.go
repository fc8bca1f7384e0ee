package portal

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// errHeader says that the header of a token is not one of ours.
var errHeader = errors.New("token header not accepted")

// A Verifier accepts access tokens of the portals. It fits the Verify of an
// HTTP API: an authorizer is named like its Issuer.
type Verifier struct {
	key     *rsa.PublicKey
	kid     string
	parsers map[string]*jwt.Parser
}

// NewVerifier returns a Verifier for the issuers under base, whose tokens key
// has signed, by the clock now.
func NewVerifier(base string, key *rsa.PublicKey, now func() time.Time) *Verifier {
	v := &Verifier{key: key, kid: keyID(key), parsers: make(map[string]*jwt.Parser)}
	for _, issuer := range Issuers {
		v.parsers[string(issuer)] = jwt.NewParser(
			jwt.WithValidMethods([]string{"RS256"}),
			jwt.WithIssuer(IssuerURL(base, issuer)),
			jwt.WithAudience(Audience),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithTimeFunc(now),
			jwt.WithJSONNumber(),
			jwt.WithStrictDecoding(),
		)
	}
	return v
}

// Verify checks the token for the authorizer: signature, algorithm, key,
// type, iss, aud, exp, nbf and iat. It returns the claims as strings, as API
// Gateway does, and the scopes. No error contains the token.
func (v *Verifier) Verify(_ context.Context, authorizer, token string) (map[string]string, []string, error) {
	parser, ok := v.parsers[authorizer]
	if !ok {
		return nil, nil, fmt.Errorf("no authorizer %q", authorizer)
	}
	claims := jwt.MapClaims{}
	if _, err := parser.ParseWithClaims(token, claims, v.keyFor); err != nil {
		return nil, nil, err
	}
	flat := make(map[string]string, len(claims))
	for name, value := range claims {
		flat[name] = flatten(value)
	}
	return flat, strings.Fields(flat["scope"]), nil
}

// keyFor returns our key for a header that names it and brings none along.
func (v *Verifier) keyFor(t *jwt.Token) (any, error) {
	for name := range t.Header {
		switch name {
		case "alg", "typ", "kid":
		default: // jku, jwk, x5u, x5c, crit, …
			return nil, fmt.Errorf("%w: %q", errHeader, name)
		}
	}
	if t.Header["kid"] != v.kid || t.Header["typ"] != typeAccess {
		return nil, fmt.Errorf("%w: unknown key or type", errHeader)
	}
	return v.key, nil
}

// flatten writes a claim as API Gateway does: a list as [a b].
func flatten(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	default:
		return fmt.Sprint(value)
	}
}
