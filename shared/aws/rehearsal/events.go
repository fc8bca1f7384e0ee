package rehearsal

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
)

// A Rehearsal is an event that a function can have at any time, and a part of what it
// answers: it has started, with its variables, its secrets and its permissions, and
// nothing that people see has changed.
type Rehearsal struct {
	Event any
	Want  string
}

// somebody is as a connection's identity is handed on. Nobody has this id.
var somebody = map[string]any{"identity": `{"side":"citizen","id":"rehearsal","name":"rehearsal"}`}

// Rehearsals are those of every function that has a canary, by its name.
var Rehearsals = map[string]Rehearsal{
	"authorize": {events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type: "REQUEST", MethodArn: "arn:aws:execute-api:rehearsal", QueryStringParameters: map[string]string{"ticket": "rehearsal"},
	}, `"Effect":"Deny"`},
	"connect":    {socket("CONNECT", "$connect", ""), `"statusCode":200`},
	"disconnect": {socket("DISCONNECT", "$disconnect", ""), `"statusCode":200`},
	"message":    {socket("MESSAGE", "$default", `{"action":"ping"}`), `"statusCode":200`},
	"citizen":    {route("GET", "/v1/availability", "audience=worker&province=RM"), `"statusCode":200`},
	"advisor":    {route("GET", "/v1/advisor/colleagues", ""), `"statusCode":401`},
	"operator":   {route("GET", "/v1/operator/rules", ""), `"statusCode":401`},
	"webhook":    {route("POST", "/v1/lineainps/events", ""), `"statusCode":403`},
	"escalate":   {events.SQSEvent{Records: []events.SQSMessage{}}, `"batchItemFailures"`},
	"sweep":      {map[string]any{"looks": 1}, `"looked"`},
}

func socket(kind, route, body string) events.APIGatewayWebsocketProxyRequest {
	return events.APIGatewayWebsocketProxyRequest{Body: body, RequestContext: events.APIGatewayWebsocketProxyRequestContext{
		EventType: kind, RouteKey: route, ConnectionID: "rehearsal=", ConnectedAt: 1, Authorizer: somebody, RequestID: "rehearsal",
	}}
}

func route(method, path, query string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: method + " " + path, RawPath: path, RawQueryString: query,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RequestID: "rehearsal", HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path, SourceIP: "127.0.0.1"},
		},
	}
}

// payload returns the event as a function gets it.
func (r Rehearsal) payload() []byte {
	raw, _ := json.Marshal(r.Event) // plain values
	return raw
}
