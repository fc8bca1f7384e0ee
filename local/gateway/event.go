package gateway

import (
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// requestTimeLayout is how API Gateway writes a time for people.
const requestTimeLayout = "02/Jan/2006:15:04:05 -0700"

// authorizerEvent is what a REQUEST authorizer of a WebSocket API gets. It has
// the fields of events.APIGatewayCustomAuthorizerRequestTypeRequest that such
// an API fills, with the request context of the connection.
type authorizerEvent struct {
	Type                            string                                        `json:"type"`
	MethodArn                       string                                        `json:"methodArn"`
	Headers                         map[string]string                             `json:"headers"`
	MultiValueHeaders               map[string][]string                           `json:"multiValueHeaders"`
	QueryStringParameters           map[string]string                             `json:"queryStringParameters"`
	MultiValueQueryStringParameters map[string][]string                           `json:"multiValueQueryStringParameters"`
	StageVariables                  map[string]string                             `json:"stageVariables"`
	RequestContext                  events.APIGatewayWebsocketProxyRequestContext `json:"requestContext"`
}

func (g *WebSocket) authorizerEvent(r *http.Request, c *conn, arn string) authorizerEvent {
	headers := forwarded(r)
	return authorizerEvent{
		Type:                            "REQUEST",
		MethodArn:                       arn,
		Headers:                         last(headers),
		MultiValueHeaders:               headers,
		QueryStringParameters:           last(r.URL.Query()),
		MultiValueQueryStringParameters: r.URL.Query(),
		StageVariables:                  map[string]string{},
		RequestContext:                  g.requestContext(c, "$connect", "CONNECT"),
	}
}

// connectEvent, messageEvent and disconnectEvent are the three events of a
// connection's life (row 15).
func (g *WebSocket) connectEvent(r *http.Request, c *conn) events.APIGatewayWebsocketProxyRequest {
	headers := forwarded(r)
	delete(headers, "Connection")
	delete(headers, "Upgrade")
	return events.APIGatewayWebsocketProxyRequest{
		Headers:                         last(headers),
		MultiValueHeaders:               headers,
		QueryStringParameters:           last(r.URL.Query()),
		MultiValueQueryStringParameters: r.URL.Query(),
		RequestContext:                  g.requestContext(c, "$connect", "CONNECT"),
	}
}

func (g *WebSocket) messageEvent(c *conn, routeKey, body string) events.APIGatewayWebsocketProxyRequest {
	ctx := g.requestContext(c, routeKey, "MESSAGE")
	ctx.MessageID = g.config.NewID()
	return events.APIGatewayWebsocketProxyRequest{RequestContext: ctx, Body: body}
}

func (g *WebSocket) disconnectEvent(c *conn, code int, reason string) events.APIGatewayWebsocketProxyRequest {
	ctx := g.requestContext(c, "$disconnect", "DISCONNECT")
	ctx.DisconnectStatusCode = int64(code)
	ctx.DisconnectReason = &reason
	headers := map[string][]string{"Host": {c.domain}, "x-api-key": {""}, "X-Forwarded-For": {""}, "x-restapi": {""}}
	return events.APIGatewayWebsocketProxyRequest{
		Headers:           last(headers),
		MultiValueHeaders: headers,
		RequestContext:    ctx,
	}
}

func (g *WebSocket) requestContext(c *conn, routeKey, eventType string) events.APIGatewayWebsocketProxyRequestContext {
	now := g.config.Now().UTC()
	id := g.config.NewID()
	ctx := events.APIGatewayWebsocketProxyRequestContext{
		RouteKey:          routeKey,
		EventType:         eventType,
		RequestID:         id,
		ExtendedRequestID: id,
		RequestTime:       now.Format(requestTimeLayout),
		RequestTimeEpoch:  now.UnixMilli(),
		MessageDirection:  "IN",
		Stage:             g.config.Stage,
		ConnectedAt:       c.connectedAt.UnixMilli(),
		Identity:          events.APIGatewayRequestIdentity{SourceIP: c.identity.SourceIP, UserAgent: c.identity.UserAgent},
		DomainName:        c.domain,
		ConnectionID:      c.id,
		APIID:             g.config.APIID,
	}
	if c.authorizer != nil {
		ctx.Authorizer = maps.Clone(c.authorizer)
	}
	return ctx
}

// forwarded returns the headers of r as API Gateway hands them on: Host and
// X-Forwarded-* added, Sec-WebSocket-* spelled as in RFC 6455.
func forwarded(r *http.Request) map[string][]string {
	h := make(map[string][]string, len(r.Header)+4)
	for name, values := range r.Header {
		if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
			name = "Sec-WebSocket-" + rest
		}
		h[name] = values
	}
	h["Host"] = []string{r.Host}
	addForwarded(h, r, textproto.CanonicalMIMEHeaderKey)
	return h
}

// addForwarded sets X-Forwarded-For, -Port and -Proto, named by name.
func addForwarded(h map[string][]string, r *http.Request, name func(string) string) {
	proto, port := "http", "80"
	if r.TLS != nil {
		proto, port = "https", "443"
	}
	if _, p, err := net.SplitHostPort(r.Host); err == nil {
		port = p
	}
	via := append(append([]string(nil), r.Header.Values("X-Forwarded-For")...), sourceIP(r))
	h[name("X-Forwarded-For")] = []string{strings.Join(via, ", ")}
	h[name("X-Forwarded-Port")] = []string{port}
	h[name("X-Forwarded-Proto")] = []string{proto}
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// last keeps the last value of each name, as API Gateway does.
func last[M ~map[string][]string](m M) map[string]string {
	out := make(map[string]string, len(m))
	for name, values := range m {
		if len(values) > 0 {
			out[name] = values[len(values)-1]
		}
	}
	return out
}
