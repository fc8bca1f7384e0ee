// Package rest has what the HTTP API of every area has: routes as AWS Lambda calls them,
// problems (RFC 9457), strict bodies, the headers of every answer.
package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"infocig/shared/code"
	"infocig/shared/http/portal"
	"infocig/shared/http/wire"
)

// MaxBody is how many bytes the body of a request may have.
const MaxBody = 64 << 10

// Headers are sent with every answer. They say that the answer is data and not a page, and
// that clients must not store it, guess its type, or ask for it without TLS.
var Headers = map[string]string{
	"Cache-Control":                "no-store",
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
		"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
	"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

// Routes are handlers by their pattern, as in net/http and in the topology.
type Routes map[string]func(w http.ResponseWriter, r *http.Request) error

// Handler returns the function that AWS Lambda calls for the routes. An error of a route
// becomes a problem (RFC 9457). An error without a code is logged in full, once.
func Handler(routes Routes, log *slog.Logger) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request) {
		for name, value := range Headers {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
	}
	for pattern, handle := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := handle(w, r); err != nil {
				Fail(w, r, log, pattern, err)
			}
		})
	}
	return httpadapter.NewV2(http.HandlerFunc(answer)).ProxyWithContext
}

// Language returns the first language that the client prefers, "" if it names none.
func Language(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	tag, _, _ := strings.Cut(first, ";")
	base, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	return strings.ToLower(base)
}

// Read decodes a JSON body strictly. Its error is a *[Problem], Invalid.
func Read(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err == nil {
		err = wire.Decode(raw, v)
	}
	if err != nil {
		return &Problem{Code: code.Invalid, Detail: "body"}
	}
	return nil
}

// Write answers with v as JSON.
func Write(w http.ResponseWriter, status int, v any) error {
	body, err := wire.Encode(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// RequestID returns the gateway's id of the request, which the gateway's access log has, too.
func RequestID(r *http.Request) string {
	c, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok {
		return ""
	}
	return c.RequestID
}

// Fail answers with the problem that err is, and logs what has no code.
func Fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, route string, err error) {
	p := ProblemOf(err, Language(r))
	if p.Code == code.Internal {
		log.ErrorContext(r.Context(), "request failed", "route", route, "request_id", RequestID(r), "err", err)
		p.Instance = RequestID(r)
	}
	if errors.Is(err, portal.ErrToken) {
		log.InfoContext(r.Context(), "token refused", "route", route, "request_id", RequestID(r), "err", err)
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	p.Write(w)
}
