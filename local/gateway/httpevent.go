package gateway

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// event is the request r in payload format 2.0: names of headers in lower
// case, several values joined by commas, cookies apart.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (h *HTTP) event(r *http.Request, route HTTPRoute, params map[string]string,
	authorizer *events.APIGatewayV2HTTPRequestContextAuthorizerDescription, body []byte,
) events.APIGatewayV2HTTPRequest {
	now := h.config.Now().UTC()
	domain, _, _ := strings.Cut(r.Host, ".")
	e := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              route.Key,
		RawPath:               r.URL.EscapedPath(),
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r),
		Headers:               joinedHeaders(r),
		QueryStringParameters: joined(r.URL.Query()),
		PathParameters:        params,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     route.Key,
			AccountID:    h.config.Account,
			Stage:        h.config.Stage,
			RequestID:    h.config.NewID(),
			Authorizer:   authorizer,
			APIID:        h.config.APIID,
			DomainName:   r.Host,
			DomainPrefix: domain,
			Time:         now.Format(requestTimeLayout),
			TimeEpoch:    now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.EscapedPath(),
				Protocol:  r.Proto,
				SourceIP:  sourceIP(r),
				UserAgent: r.UserAgent(),
			},
		},
	}
	if isText(r.Header.Get("Content-Type"), body) {
		e.Body = string(body)
	} else {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}

// isText reports whether API Gateway passes a body on as it is. Forms are not
// text to it, nor are types like application/problem+json.
func isText(contentType string, body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType == "" || len(body) == 0
	}
	switch t {
	case "application/json", "application/xml", "application/javascript":
		return true
	default:
		return strings.HasPrefix(t, "text/") || len(body) == 0
	}
}

func cookies(r *http.Request) []string {
	var out []string
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				out = append(out, cookie)
			}
		}
	}
	return out
}

func joinedHeaders(r *http.Request) map[string]string {
	h := make(map[string][]string, len(r.Header)+4)
	for name, values := range r.Header {
		if name != "Cookie" {
			h[strings.ToLower(name)] = values
		}
	}
	h["host"] = []string{r.Host}
	addForwarded(h, r, strings.ToLower)
	return joined(h)
}

// joined puts the values of each name behind commas; nil if there are none.
func joined[M ~map[string][]string](m M) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for name, values := range m {
		out[name] = strings.Join(values, ",")
	}
	return out
}
