package portal

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// An Issuer is one of the three portals. It also is the name of the JWT
// authorizer that accepts its tokens.
type Issuer string

// The issuers.
const (
	MyINPS    Issuer = "myinps"
	Cassetto  Issuer = "cassetto"
	Institute Issuer = "institute"
)

// Issuers lists all issuers.
var Issuers = []Issuer{MyINPS, Cassetto, Institute}

// What tokens and logins are for.
const (
	ClientID = "infocig-web" // the public client: our pages
	Audience = "infocig-api" // aud of access tokens
)

// A Config describes the portals. BaseURL, Key and RedirectURIs are needed.
type Config struct {
	BaseURL      string          // of the local server, such as http://127.0.0.1:8080
	Key          *rsa.PrivateKey // signs for all issuers; see LoadOrCreateKey
	RedirectURIs []string        // where a login may lead back to; exact
	Stylesheet   string          // path of a further stylesheet for the login page, or nothing

	People   []Person         // default Ready()
	Lifetime time.Duration    // of tokens; default one hour
	Now      func() time.Time // default time.Now
	NewID    func() string    // of requests, codes and tokens, not to be guessed; default random
	Log      *slog.Logger     // default slog.Default
}

// A Portal serves the three issuers and /dev/token.
type Portal struct {
	config   Config
	people   map[Issuer][]Person
	signer   signer
	verifier *Verifier
	mux      *http.ServeMux
}

// New returns the portals. It returns an error if c cannot be served.
func New(c Config) (*Portal, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Path != "" || base.RawQuery != "" {
		return nil, fmt.Errorf("portal: base URL %q: want scheme and host", c.BaseURL)
	}
	if c.Key == nil || len(c.RedirectURIs) == 0 {
		return nil, errors.New("portal: a key and redirect URIs are needed")
	}
	if c.People == nil {
		c.People = Ready()
	}
	if c.Lifetime == 0 {
		c.Lifetime = time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = newID
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	p := &Portal{
		config:   c,
		people:   make(map[Issuer][]Person),
		signer:   newSigner(c.Key),
		verifier: NewVerifier(c.BaseURL, &c.Key.PublicKey, c.Now),
		mux:      http.NewServeMux(),
	}
	for _, person := range c.People {
		if !slices.Contains(Issuers, person.Issuer) {
			return nil, fmt.Errorf("portal: person %q has issuer %q", person.ID, person.Issuer)
		}
		p.people[person.Issuer] = append(p.people[person.Issuer], person)
	}
	for _, issuer := range Issuers {
		path := "/oidc/" + string(issuer)
		p.mux.Handle(path+"/", http.StripPrefix(path, newProvider(p, issuer).handler()))
	}
	p.mux.Handle("POST /dev/token", loopbackOnly(http.HandlerFunc(p.devToken)))
	return p, nil
}

// ServeHTTP serves /oidc/ and POST /dev/token.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// Verifier returns what accepts the tokens of these portals.
func (p *Portal) Verifier() *Verifier { return p.verifier }

// IssuerURL returns the iss of an issuer under a base URL.
func IssuerURL(base string, issuer Issuer) string {
	return strings.TrimSuffix(base, "/") + "/oidc/" + string(issuer)
}

// person finds a ready person of any issuer.
func (p *Portal) person(id string) (Person, bool) {
	i := slices.IndexFunc(p.config.People, func(person Person) bool { return person.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return p.config.People[i], true
}
