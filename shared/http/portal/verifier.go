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
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
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
	Log    *slog.Logger // tells when the keys of an issuer cannot be had, and when again
	Missed func()       // is called for each fetch of keys that failed

	issuers map[string]issuer // by URL
}

type issuer struct {
	door   Door
	url    string
	config *oidc.Config
	keys   *keySet
}

// New returns a verifier for the issuers, with no log and no counter. Keys are
// fetched with ctx when they are first needed, again when a token names one that
// is not known, and every hour (KeysFresh).
func New(ctx context.Context, issuers []Issuer, now func() time.Time) *Verifier {
	v := &Verifier{issuers: map[string]issuer{}, Log: discard, Missed: func() {}}
	for _, i := range issuers {
		v.issuers[i.URL] = issuer{
			door: i.Door, url: i.URL,
			config: &oidc.Config{ClientID: i.Audience, SupportedSigningAlgs: []string{oidc.RS256}, Now: now},
			keys:   &keySet{issuer: i.URL, url: i.JWKS, ctx: ctx, client: &http.Client{}, now: now, verifier: v},
		}
	}
	return v
}

// ErrToken means that the token is missing or invalid. The client is not told the
// cause; it is wrapped for the log.
var ErrToken = errors.New("no valid token")

// Verify returns the claims of a signed token: issuer, audience, expiry, start
// (with five minutes of leeway), algorithm (RS256) and key are checked; keys
// that the token itself brings or points to are ignored. It returns ErrToken
// for any that fails, and *Unreachable, which is code.Unavailable, if the key that
// the token names is not known and the issuer cannot be asked for it.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	refuse := func(cause error) (Claims, error) { return Claims{}, fmt.Errorf("%w: %w", ErrToken, cause) }
	i, ok := v.issuers[issuerOf(token)]
	if !ok {
		return refuse(errors.New("no token, or of an issuer that is not ours"))
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return refuse(err)
	}
	keys, err := i.keys.named(ctx, signed.Signatures[0].Header.KeyID)
	if _, unreachable := errors.AsType[*Unreachable](err); unreachable {
		return Claims{}, err
	}
	if err != nil {
		return refuse(err)
	}
	t, err := oidc.NewVerifier(i.url, &oidc.StaticKeySet{PublicKeys: keys}, i.config).Verify(ctx, token)
	if err != nil {
		return refuse(err)
	}
	c := Claims{Door: i.door}
	if err := t.Claims(&c); err != nil {
		return refuse(err)
	}
	if c.Subject == "" {
		return refuse(errors.New("no subject"))
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
