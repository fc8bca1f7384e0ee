package portal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"math/big"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	typeAccess = "at+jwt" // RFC 9068
	typeID     = "JWT"
)

// A signer signs tokens with RS256.
type signer struct {
	key *rsa.PrivateKey
	kid string
}

func newSigner(key *rsa.PrivateKey) signer { return signer{key, keyID(&key.PublicKey)} }

func (s signer) sign(typ string, claims map[string]any) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	t.Header["typ"], t.Header["kid"] = typ, s.kid
	return t.SignedString(s.key)
}

// accessClaims completes the claims of a person to those of an access token
// that is issued now.
func (p *Portal) accessClaims(issuer Issuer, claims map[string]any) map[string]any {
	now := p.config.Now()
	c := map[string]any{
		"iss":       IssuerURL(p.config.BaseURL, issuer),
		"aud":       Audience,
		"client_id": ClientID,
		"iat":       now.Unix(),
		"nbf":       now.Unix(),
		"exp":       now.Add(p.config.Lifetime).Unix(),
		"jti":       p.config.NewID(),
		"scope":     "openid profile",
	}
	maps.Copy(c, claims)
	return c
}

// idClaims are those of the id token that goes with an access token.
func (p *Portal) idClaims(issuer Issuer, person Person, nonce, accessToken string, authTime time.Time) map[string]any {
	now := p.config.Now()
	half := sha256.Sum256([]byte(accessToken))
	c := map[string]any{
		"iss":         IssuerURL(p.config.BaseURL, issuer),
		"aud":         ClientID,
		"sub":         person.ID,
		"acr":         person.Claims()["acr"],
		"given_name":  person.GivenName,
		"family_name": person.FamilyName,
		"iat":         now.Unix(),
		"exp":         now.Add(p.config.Lifetime).Unix(),
		"auth_time":   authTime.Unix(),
		"at_hash":     base64.RawURLEncoding.EncodeToString(half[:16]),
	}
	if nonce != "" {
		c["nonce"] = nonce
	}
	return c
}

// A jwk is a public key in a JSON Web Key Set (RFC 7517).
type jwk struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	N         string `json:"n"`
	E         string `json:"e"`
}

func newJWK(key *rsa.PublicKey) jwk {
	n, e := coordinates(key)
	return jwk{KeyType: "RSA", Use: "sig", Algorithm: "RS256", KeyID: keyID(key), N: n, E: e}
}

// keyID is the thumbprint of a key (RFC 7638).
func keyID(key *rsa.PublicKey) string {
	n, e := coordinates(key)
	sum := sha256.Sum256([]byte(`{"e":"` + e + `","kty":"RSA","n":"` + n + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func coordinates(key *rsa.PublicKey) (n, e string) {
	return base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())
}

// newID returns 128 random bits.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
