package portal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A devRequest asks for an access token without a login.
type devRequest struct {
	Issuer Issuer                    `json:"issuer"`
	Person string                    `json:"person"`
	Claims map[string]jsontext.Value `json:"claims"`
}

// devToken answers POST /dev/token. The claims are those of the ready person,
// if one is named, overridden by the claims given; null takes one away.
func (p *Portal) devToken(w http.ResponseWriter, r *http.Request) {
	req, err := decodeDev(w, r)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	claims, err := p.devClaims(req)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	exp, err := expiry(claims)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	token, err := p.signer.sign(typeAccess, claims)
	if err != nil {
		p.config.Log.ErrorContext(r.Context(), "dev token failed", "err", err)
		problem(w, http.StatusInternalServerError, "the token could not be signed")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int64  `json:"expires_in"`
	}{token, "Bearer", int64(exp.Sub(p.config.Now().Truncate(time.Second)).Seconds())})
}

func decodeDev(w http.ResponseWriter, r *http.Request) (devRequest, error) {
	var req devRequest
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return req, errors.New("content type must be application/json")
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	if err != nil {
		return req, errors.New("body cannot be read or is over 16 KB")
	}
	if err := strict.Unmarshal(b, &req, strict.RejectUnknownMembers(true)); err != nil {
		return req, fmt.Errorf("body: %w", err)
	}
	if !slices.Contains(Issuers, req.Issuer) {
		return req, fmt.Errorf("issuer must be one of %v", Issuers)
	}
	return req, nil
}

func (p *Portal) devClaims(req devRequest) (map[string]any, error) {
	claims := p.accessClaims(req.Issuer, nil)
	if req.Person != "" {
		person, ok := p.person(req.Person)
		if !ok || person.Issuer != req.Issuer {
			return nil, fmt.Errorf("person %q is not known to issuer %s", req.Person, req.Issuer)
		}
		maps.Copy(claims, person.Claims())
	}
	for name, raw := range req.Claims {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("claim %q: %w", name, err)
		}
		switch _, isText := value.(string); {
		case name == "iss":
			return nil, errors.New("claim iss: choose by issuer")
		case value == nil:
			delete(claims, name)
		case name == "companies" && !isText: // what Person.Claims does
			if err := raw.Compact(); err != nil {
				return nil, fmt.Errorf("claim companies: %w", err)
			}
			claims[name] = string(raw)
		default:
			claims[name] = value
		}
	}
	if sub, _ := claims["sub"].(string); sub == "" {
		return nil, errors.New("claim sub, or person, is needed")
	}
	return claims, nil
}

// expiry reads exp back, which may have been overridden.
func expiry(claims map[string]any) (time.Time, error) {
	switch exp := claims["exp"].(type) {
	case int64:
		return time.Unix(exp, 0), nil
	case json.Number:
		if n, err := exp.Int64(); err == nil {
			return time.Unix(n, 0), nil
		}
	}
	return time.Time{}, errors.New("claim exp must be seconds since 1970")
}

// loopbackOnly refuses whoever is not on this machine: another address, a
// proxy, or a page of another site that has its name resolve to loopback.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		addr, _, _ := net.SplitHostPort(r.RemoteAddr)
		proxied := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != ""
		if !isLoopback(addr) || !isLoopback(host) && host != "localhost" || proxied {
			problem(w, http.StatusForbidden, "only from this machine")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// problem answers with problem details (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{http.StatusText(status), status, detail})
}
