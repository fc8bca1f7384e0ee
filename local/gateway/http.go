package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// A Verify checks a bearer token for the JWT authorizer of that name and
// returns its claims, flattened to strings, and its scopes.
type Verify func(ctx context.Context, authorizer, bearerToken string) (claims map[string]string, scopes []string, err error)

// An HTTPConfig describes an HTTP API. Routes is needed, and Verify if a route
// has an authorizer; the rest has defaults.
type HTTPConfig struct {
	Routes []HTTPRoute
	Verify Verify
	CORS   *CORS // nil: no answer to preflights, no headers

	Stage       string        // default $default; its name is not part of the path
	APIID       string        // default local
	Account     string        // default 000000000000
	Body        int           // bytes of a request's body; default 10 MB
	Integration time.Duration // for one invocation; default 30 s

	Now   func() time.Time // default time.Now
	NewID func() string    // of requests; default NewID
	Log   *slog.Logger     // default slog.Default
}

// An HTTPRoute says which function serves requests of a kind.
type HTTPRoute struct {
	// Key is "METHOD /path/{param}". METHOD may be ANY, the last segment may
	// be {param+} for the rest of the path, and $default takes what is left.
	Key      string
	Function string

	// Authorizer is the name of a JWT authorizer, or nothing for everybody.
	Authorizer string
}

// HTTP is an HTTP API with payload format 2.0.
type HTTP struct {
	inv    Invoker
	config HTTPConfig
	table  []pattern
	log    *slog.Logger
}

// NewHTTP returns an HTTP API whose functions inv runs. It returns an error if
// c cannot be served.
func NewHTTP(c HTTPConfig, inv Invoker) (*HTTP, error) {
	if inv == nil {
		return nil, errors.New("gateway: an invoker is needed")
	}
	h := &HTTP{inv: inv}
	for _, route := range c.Routes {
		p, err := parsePattern(route)
		if err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
		for _, q := range h.table {
			if p.sameAs(q) {
				return nil, fmt.Errorf("gateway: routes %q and %q are the same", q.route.Key, route.Key)
			}
		}
		if route.Function == "" || route.Authorizer != "" && c.Verify == nil {
			return nil, fmt.Errorf("gateway: route %q has no function, or an authorizer and no Verify", route.Key)
		}
		h.table = append(h.table, p)
	}
	c.Stage = or(c.Stage, "$default")
	c.APIID = or(c.APIID, "local")
	c.Account = or(c.Account, "000000000000")
	c.Body = or(c.Body, 10<<20)
	c.Integration = or(c.Integration, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = NewID
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	h.config, h.log = c, c.Log
	return h, nil
}

// ServeHTTP answers with what the route's function returns.
func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", h.config.Now().UTC().Format(http.TimeFormat)) // the service's time, which may not be this machine's
	if h.config.CORS.serve(w, r) {
		return
	}
	route, params, ok := h.match(r)
	if !ok {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	authorizer, ok := h.authorize(r, route)
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		message(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(h.config.Body)+1))
	if err != nil {
		message(w, http.StatusBadRequest, "Bad Request")
		return
	}
	if len(body) > h.config.Body {
		w.Header().Set("Connection", "close")
		message(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	event := h.event(r, route, params, authorizer, body)
	result, err := call(context.WithoutCancel(r.Context()), h.inv, route.Function, event, h.config.Integration)
	var answer events.APIGatewayV2HTTPResponse
	if err == nil {
		answer, body, err = httpResponse(result)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		h.log.ErrorContext(r.Context(), "function timed out", "route", route.Key, "err", err)
		message(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		h.log.ErrorContext(r.Context(), "function failed", "route", route.Key, "err", err)
		message(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		writeAnswer(w, answer, body)
	}
}

// authorize verifies the bearer token if the route has an authorizer.
func (h *HTTP) authorize(r *http.Request, route HTTPRoute) (*events.APIGatewayV2HTTPRequestContextAuthorizerDescription, bool) {
	if route.Authorizer == "" {
		return nil, true
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, false
	}
	claims, scopes, err := h.config.Verify(r.Context(), route.Authorizer, token)
	if err != nil {
		h.log.InfoContext(r.Context(), "token refused", "route", route.Key, "authorizer", route.Authorizer, "err", err)
		return nil, false
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims, Scopes: scopes},
	}, true
}

// httpResponse decodes the answer of a function. JSON without a statusCode is
// itself the body of a 200, as payload format 2.0 has it.
func httpResponse(result []byte) (events.APIGatewayV2HTTPResponse, []byte, error) {
	var r events.APIGatewayV2HTTPResponse
	var members map[string]json.RawMessage
	if json.Unmarshal(result, &members) != nil || members["statusCode"] == nil {
		if !json.Valid(result) {
			return r, nil, fmt.Errorf("%w: not JSON", errMalformed)
		}
		r.StatusCode = http.StatusOK
		r.Headers = map[string]string{"Content-Type": "application/json"}
		return r, result, nil
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return r, nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if r.StatusCode < 200 || r.StatusCode > 599 {
		return r, nil, fmt.Errorf("%w: statusCode %d", errMalformed, r.StatusCode)
	}
	body, err := decodeBody(r.Body, r.IsBase64Encoded)
	return r, body, err
}

func writeAnswer(w http.ResponseWriter, r events.APIGatewayV2HTTPResponse, body []byte) {
	header := w.Header()
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	for name, values := range r.MultiValueHeaders {
		header[http.CanonicalHeaderKey(name)] = values
	}
	for _, cookie := range r.Cookies {
		header.Add("Set-Cookie", cookie)
	}
	if header.Get("Content-Type") == "" && len(body) > 0 {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	header.Del("Content-Length") // what the function thought of it does not count
	w.WriteHeader(r.StatusCode)
	_, _ = w.Write(body)
}

// message answers in the gateway's own words.
func message(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Message string `json:"message"`
	}{text})
}
