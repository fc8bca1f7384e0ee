// Package gateway imitates Amazon API Gateway on one machine: a WebSocket API
// with a REQUEST authorizer, its @connections management API, and an HTTP API
// with payload format 2.0 and JWT authorizers. It knows functions by name only
// and nothing of what they do.
//
// The behaviours are the rows 1 to 16 of section 1 of the platform facts; each
// has a test TestRowNN. What no AWS document promises is one constant or one
// short function here, so that it is easy to change:
//
//   - a $connect function that fails or answers without a statusCode: 502;
//   - an answer without a statusCode on any other route counts as a failure of
//     the function, as in row 12;
//   - a close because of idleness, age or shutdown: 1001 "Going away";
//   - a $disconnect event carries the four headers of the captured event of
//     aws-lambda-go and none of the client's;
//   - requestContext.authorizer holds the context and principalId, all strings.
//     AWS may add integrationLatency, a number: functions must tolerate it;
//   - text that is not valid UTF-8 reaches the function with U+FFFD in place of
//     the bad bytes, because an event is JSON;
//   - an integration of the HTTP API that exceeds its time: 503.
//
// Not imitated: throttling bursts (a rate is also its own burst), authorizer
// result caches, stage variables, mutual TLS, custom domains, access logs.
package gateway
