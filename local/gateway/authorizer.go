package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// An Authorizer is a Lambda authorizer of type REQUEST on $connect.
type Authorizer struct {
	Function string

	// IdentitySources must all be present and not empty, else the client gets
	// a 401 and the function is not called. Each is
	// route.request.querystring.NAME or route.request.header.NAME.
	IdentitySources []string
}

const (
	querySource  = "route.request.querystring."
	headerSource = "route.request.header."
)

// check reports an identity source that API Gateway would not accept.
func (a *Authorizer) check() error {
	for _, s := range a.IdentitySources {
		if s == querySource || s == headerSource || !strings.HasPrefix(s, querySource) && !strings.HasPrefix(s, headerSource) {
			return fmt.Errorf("identity source %q: want %sNAME or %sNAME", s, querySource, headerSource)
		}
	}
	return nil
}

// identified reports whether r has all identity sources.
func (a *Authorizer) identified(r *http.Request) bool {
	for _, s := range a.IdentitySources {
		value := ""
		if name, ok := strings.CutPrefix(s, querySource); ok {
			value = r.URL.Query().Get(name)
		} else if name, ok := strings.CutPrefix(s, headerSource); ok {
			value = r.Header.Get(name)
		}
		if value == "" {
			return false
		}
	}
	return true
}

// authorize asks the authorizer, if there is one, about the upgrade r that
// would become c. It returns the status for the client: 200, or the refusal.
func (g *WebSocket) authorize(ctx context.Context, r *http.Request, c *conn) int {
	a := g.config.Authorizer
	if a == nil {
		return http.StatusOK
	}
	if !a.identified(r) {
		return http.StatusUnauthorized
	}
	arn := fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/$connect",
		g.config.Region, g.config.Account, g.config.APIID, g.config.Stage)
	result, err := call(ctx, g.inv, a.Function, g.authorizerEvent(r, c, arn), g.limits.Integration)
	if err != nil {
		if unauthorized(err) {
			return http.StatusUnauthorized
		}
		g.log.ErrorContext(ctx, "authorizer failed", "function", a.Function, "connection_id", c.id, "err", err)
		return http.StatusInternalServerError
	}
	if len(result) > g.limits.AuthorizerResult {
		g.log.ErrorContext(ctx, "authorizer answer too large", "function", a.Function, "bytes", len(result))
		return http.StatusInternalServerError
	}
	answer, err := parseAuthorization(result, arn)
	if err != nil {
		g.log.ErrorContext(ctx, "authorizer answer malformed", "function", a.Function, "err", err)
		return http.StatusInternalServerError
	}
	if !answer.Allowed {
		return http.StatusForbidden
	}
	c.authorizer = answer.Context
	return http.StatusOK
}
