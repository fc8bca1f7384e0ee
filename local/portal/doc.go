// Package portal is the identity side of the two INPS portals and of the
// institute itself for one machine: three OpenID Connect issuers, at which
// ready, invented people log in by being chosen from a list.
//
//	/oidc/myinps      MyINPS: workers
//	/oidc/cassetto    Cassetto previdenziale del contribuente: employers, consultants
//	/oidc/institute   the institute's own: advisors, supervisors, operators, officers
//
// Under each path: .well-known/openid-configuration, authorize, token, keys,
// userinfo, login and login.css. There is one public client, ClientID, with
// the authorization code flow and PKCE (S256), nothing else: no refresh, no
// implicit flow, no session. Who logs in again chooses again.
//
// The protocol is github.com/zitadel/oidc/v3/pkg/op. It tells time by itself,
// and here the clock may be virtual: so this package keeps codes, signs tokens
// and verifies them (golang-jwt) by Config.Now.
//
// An access token has typ at+jwt and aud Audience; an id token has aud
// ClientID and is therefore refused where an access token is wanted.
package portal
