package portal

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	loginLife = 10 * time.Minute // from authorize to the choice of a person
	codeLife  = time.Minute      // from the choice to the token
	maxLogins = 1000             // under way at once, for each issuer

	sessionLife = 8 * time.Hour // for which the issuer remembers a browser, and renews tokens
)

// cookieName is of the cookie by which an issuer remembers a browser.
const cookieName = "session"

var endpoints = op.Endpoints{
	Authorization: op.NewEndpoint("authorize"),
	Token:         op.NewEndpoint("token"),
	Userinfo:      op.NewEndpoint("userinfo"),
	JwksURI:       op.NewEndpoint("keys"),
}

// A provider is the OpenID Connect provider of one issuer.
type provider struct {
	op.UnimplementedServer
	portal *Portal
	issuer Issuer
	url    string
	log    *slog.Logger

	mu     sync.Mutex
	logins map[string]login // by request id, later by code; by session; by refresh token
}

// A login is an authorization request on its way to a token.
type login struct {
	redirectURI string
	state       string
	nonce       string
	challenge   string
	person      Person    // once chosen
	at          time.Time // of the choice
	until       time.Time
	purpose     purpose
}

// A purpose keeps what one kind of secret finds from being found by another.
type purpose string

const (
	aRequest purpose = "" // of a login page
	aCode    purpose = "code"
	aSession purpose = "session"
	aRefresh purpose = "refresh"
)

func newProvider(p *Portal, issuer Issuer) *provider {
	return &provider{
		portal: p, issuer: issuer, url: IssuerURL(p.config.BaseURL, issuer),
		log:    slog.New(atLeast{p.config.Log.Handler(), slog.LevelWarn}),
		logins: make(map[string]login),
	}
}

func (s *provider) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", op.RegisterServer(s, endpoints, op.WithServerCORSOptions(nil), op.WithFallbackLogger(s.log)))
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.choose)
	mux.HandleFunc("GET /login.css", stylesheet)
	return mux
}

// Health implements op.Server.
func (s *provider) Health(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(op.Status{Status: "ok"}), nil
}

// Discovery implements op.Server.
func (s *provider) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(oidc.DiscoveryConfiguration{
		Issuer:                            s.url,
		AuthorizationEndpoint:             endpoints.Authorization.Absolute(s.url),
		TokenEndpoint:                     endpoints.Token.Absolute(s.url),
		UserinfoEndpoint:                  endpoints.Userinfo.Absolute(s.url),
		JwksURI:                           endpoints.JwksURI.Absolute(s.url),
		ScopesSupported:                   []string{oidc.ScopeOpenID, oidc.ScopeProfile},
		ResponseTypesSupported:            []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported:            []string{string(oidc.ResponseModeQuery)},
		GrantTypesSupported:               s.grants(),
		ACRValuesSupported:                []string{"https://www.spid.gov.it/SpidL1", "https://www.spid.gov.it/SpidL2", "https://www.spid.gov.it/SpidL3"},
		SubjectTypesSupported:             []string{"public"},
		IDTokenSigningAlgValuesSupported:  []string{"RS256"},
		TokenEndpointAuthMethodsSupported: []oidc.AuthMethod{oidc.AuthMethodNone},
		CodeChallengeMethodsSupported:     []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
	}), nil
}

// Keys implements op.Server.
func (s *provider) Keys(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(map[string][]jwk{"keys": {newJWK(&s.portal.config.Key.PublicKey)}}), nil
}

// VerifyAuthRequest implements op.Server.
func (s *provider) VerifyAuthRequest(_ context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	switch {
	case r.Data.RequestParam != "":
		return nil, oidc.ErrRequestNotSupported()
	case r.Data.ClientID != ClientID:
		return nil, oidc.ErrInvalidRequest().WithDescription("client_id is missing or unknown")
	case r.Data.RedirectURI == "":
		return nil, oidc.ErrInvalidRequest().WithDescription("redirect_uri is missing")
	}
	return &op.ClientRequest[oidc.AuthRequest]{Request: r, Client: client{s.portal.config.RedirectURIs}}, nil
}

// Authorize implements op.Server: it leads to the login page. The library has
// checked redirect_uri, scope and response_type.
func (s *provider) Authorize(ctx context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	var refusal *oidc.Error
	switch q := r.Data; {
	case !slices.Contains(q.Scopes, oidc.ScopeOpenID):
		refusal = oidc.ErrInvalidScope().WithDescription("scope openid is missing")
	case q.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || len(q.CodeChallenge) != 43:
		refusal = oidc.ErrInvalidRequest().WithDescription("code_challenge with method S256 is needed")
	case q.ResponseMode != "" && q.ResponseMode != oidc.ResponseModeQuery:
		refusal = oidc.ErrInvalidRequest().WithDescription("response_mode must be query")
	}
	l := login{redirectURI: r.Data.RedirectURI, state: r.Data.State, nonce: r.Data.Nonce, challenge: r.Data.CodeChallenge}
	silent := slices.Contains(r.Data.Prompt, oidc.PromptNone)
	known, ok := s.known(r.Header)
	if refusal == nil && silent && !ok {
		refusal = oidc.ErrLoginRequired()
	}
	if refusal != nil {
		return op.TryErrorRedirect(ctx, r.Data, refusal, oidc.NewEncoder(), s.log)
	}
	if silent {
		l.person, l.at = known.person, known.at
		back, err := s.back(l)
		if err != nil {
			return nil, oidc.ErrServerError().WithParent(err)
		}
		return op.NewRedirect(back), nil
	}
	return op.NewRedirect(s.url + "/login?request=" + url.QueryEscape(s.keep(l, loginLife))), nil
}

// known returns the login of a browser that the issuer remembers.
func (s *provider) known(h http.Header) (login, bool) {
	cookie, err := (&http.Request{Header: h}).Cookie(cookieName)
	if err != nil {
		return login{}, false
	}
	return s.peek(cookie.Value, aSession)
}

// remember returns the cookie by which the browser of l is known again. The
// person still chooses at every login that is not silent.
func (s *provider) remember(l login) *http.Cookie {
	l.purpose = aSession
	return &http.Cookie{ //nolint:gosec // plain HTTP, on one machine
		Name: cookieName, Value: s.keep(l, sessionLife), Path: "/oidc/" + string(s.issuer),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLife.Seconds()),
	}
}

// back returns where a login leads whose person is known, with its code.
func (s *provider) back(l login) (string, error) {
	back, err := url.Parse(l.redirectURI)
	if err != nil {
		return "", err
	}
	l.purpose = aCode
	q := back.Query()
	q.Set("code", s.keep(l, codeLife))
	q.Set("iss", s.url) // RFC 9207
	if l.state != "" {
		q.Set("state", l.state)
	}
	back.RawQuery = q.Encode()
	return back.String(), nil
}

// renews reports whether the issuer gives refresh tokens. That of the institute
// does; those of citizens do not, since a login renewed under SPID is of level 1.
func (s *provider) renews() bool { return s.issuer == Institute }

func (s *provider) grants() []oidc.GrantType {
	if s.renews() {
		return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
	}
	return []oidc.GrantType{oidc.GrantTypeCode}
}

// VerifyClient implements op.Server: the only client has no secret.
func (s *provider) VerifyClient(_ context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	if r.Data.ClientID != ClientID {
		return nil, oidc.ErrInvalidClient().WithDescription("client_id is unknown")
	}
	return client{s.portal.config.RedirectURIs}, nil
}

// CodeExchange implements op.Server. A code is good for one attempt.
func (s *provider) CodeExchange(_ context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	l, ok := s.take(r.Data.Code, aCode)
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("code is unknown, used or expired")
	}
	if r.Data.RedirectURI != l.redirectURI {
		return nil, oidc.ErrInvalidGrant().WithDescription("redirect_uri differs")
	}
	challenge := &oidc.CodeChallenge{Challenge: l.challenge, Method: oidc.CodeChallengeMethodS256}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, challenge); err != nil {
		return nil, err
	}
	return s.tokens(l)
}

// RefreshToken implements op.Server. A refresh token is good for one use, and is
// followed by another one.
func (s *provider) RefreshToken(_ context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	l, ok := s.take(r.Data.RefreshToken, aRefresh)
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("refresh token is unknown, used or expired")
	}
	return s.tokens(l)
}

// tokens answers a grant with the tokens of l.
func (s *provider) tokens(l login) (*op.Response, error) {
	claims := s.portal.accessClaims(s.issuer, l.person.Claims())
	claims["auth_time"] = l.at.Unix()
	access, err := s.portal.signer.sign(typeAccess, claims)
	if err != nil {
		return nil, err
	}
	id, err := s.portal.signer.sign(typeID, s.portal.idClaims(s.issuer, l.person, l.nonce, access, l.at))
	if err != nil {
		return nil, err
	}
	answer := oidc.AccessTokenResponse{
		AccessToken: access,
		IDToken:     id,
		TokenType:   oidc.BearerToken,
		ExpiresIn:   uint64(s.portal.config.Lifetime.Seconds()),
		Scope:       oidc.SpaceDelimitedArray{oidc.ScopeOpenID, oidc.ScopeProfile},
	}
	if s.renews() {
		l.purpose = aRefresh
		answer.RefreshToken = s.keep(l, sessionLife)
	}
	resp := op.NewResponse(answer)
	resp.Header.Set("Cache-Control", "no-store")
	return resp, nil
}

// UserInfo implements op.Server.
func (s *provider) UserInfo(ctx context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	claims, _, err := s.portal.verifier.Verify(ctx, string(s.issuer), r.Data.AccessToken)
	if err != nil {
		return nil, op.NewStatusError(oidc.ErrAccessDenied().WithDescription("access token is not valid"), http.StatusUnauthorized)
	}
	return op.NewResponse(map[string]string{
		"sub": claims["sub"], "given_name": claims["given_name"], "family_name": claims["family_name"],
	}), nil
}

// keep stores a login for some time and returns the secret that finds it.
func (s *provider) keep(l login, life time.Duration) string {
	id, now := s.portal.config.NewID(), s.portal.config.Now()
	l.until = now.Add(life)
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, o := range s.logins {
		if o.until.Before(now) || len(s.logins) >= maxLogins {
			delete(s.logins, old)
		}
	}
	s.logins[id] = l
	return id
}

// peek returns a login that has not expired.
func (s *provider) peek(id string, want purpose) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[id]
	return l, ok && l.purpose == want && s.portal.config.Now().Before(l.until)
}

// take is peek for the last time.
func (s *provider) take(id string, want purpose) (login, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.logins[id]
	if l.purpose != want {
		return login{}, false
	}
	delete(s.logins, id)
	return l, ok && s.portal.config.Now().Before(l.until)
}

// atLeast drops log records below a level: the library is talkative.
type atLeast struct {
	slog.Handler
	level slog.Level
}

// Enabled implements slog.Handler.
func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(attrs), h.level}
}

// WithGroup implements slog.Handler.
func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
