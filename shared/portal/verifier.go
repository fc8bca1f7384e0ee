// Package portal verifies the tokens with which people come from the portals:
// MyINPS for workers, the Cassetto previdenziale for companies, and the
// institute's own issuer for staff. Requirements.
package portal

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// A Door is through which portal somebody comes.
type Door string

// The doors.
const (
	MyINPS    Door = "myinps"    // workers
	Cassetto  Door = "cassetto"  // employers and intermediaries
	Institute Door = "institute" // staff
)

// An Issuer is an OpenID Connect provider that we trust.
type Issuer struct {
	Door     Door
	URL      string // the iss claim, exactly
	Audience string // the aud claim
	JWKS     string // address of its keys
}

// A Verifier checks tokens. It may be used concurrently.
type Verifier struct {
	issuers map[string]issuer // by URL
}

type issuer struct {
	door     Door
	verifier *oidc.IDTokenVerifier
}

// New returns a verifier for the issuers. Keys are fetched when they are first
// needed, and again when a token names one that is not known.
func New(ctx context.Context, issuers []Issuer, now func() time.Time) *Verifier {
	v := &Verifier{issuers: map[string]issuer{}}
	for _, i := range issuers {
		v.issuers[i.URL] = issuer{door: i.Door, verifier: oidc.NewVerifier(i.URL, oidc.NewRemoteKeySet(ctx, i.JWKS), &oidc.Config{
			ClientID:             i.Audience,
			SupportedSigningAlgs: []string{oidc.RS256},
			Now:                  now,
		})}
	}
	return v
}

// ErrToken means: no valid token. What is wrong with it is nobody's business.
var ErrToken = errors.New("no valid token")

// Verify returns the claims of a signed token: issuer, audience, expiry, start
// (with five minutes of leeway), algorithm (RS256) and key are checked; keys
// that the token itself brings or points to are ignored. It returns ErrToken
// for any that fails.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	i, ok := v.issuers[issuerOf(token)]
	if !ok {
		return Claims{}, ErrToken
	}
	t, err := i.verifier.Verify(ctx, token)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	c := Claims{Door: i.door}
	if err := t.Claims(&c); err != nil || c.Subject == "" {
		return Claims{}, ErrToken
	}
	return c, nil
}

// issuerOf reads the iss claim of a token that is not verified yet, to find who
// must have signed it.
func issuerOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var c struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return ""
	}
	return c.Issuer
}

// Bearer returns the token of an Authorization header, "" if it has none.
func Bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
