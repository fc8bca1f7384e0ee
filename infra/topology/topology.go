// Package topology is the shape of the deployment as plain values: functions
// and routes. The CDK stacks build from it, and the local gateway runs it: a
// route cannot exist in one and not in the other.
package topology

// A Function is a Lambda, by the name of its folder under functions.
type Function string

// The functions.
const (
	Authorize  Function = "authorize"
	Connect    Function = "connect"
	Disconnect Function = "disconnect"
	Message    Function = "message"
	Citizen    Function = "citizen"
	Advisor    Function = "advisor"
	Operator   Function = "operator"
	Sweep      Function = "sweep"
	Escalate   Function = "escalate"
	Webhook    Function = "webhook"
)

// Functions lists every function.
var Functions = []Function{Authorize, Connect, Disconnect, Message, Citizen, Advisor, Operator, Sweep, Escalate, Webhook}

// Stage is the name of the stage of both APIs.
const Stage = "v1"

// A SocketRoute is a route of the WebSocket API.
type SocketRoute struct {
	Function Function
	Response bool // has a route response: the body that the function returns goes to the client
}

// Socket is the routes of the WebSocket API, by their keys.
var Socket = map[string]SocketRoute{
	"$connect":    {Function: Connect},
	"$disconnect": {Function: Disconnect},
	"$default":    {Function: Message, Response: true},
}

// SocketIdentitySource must be present in the request, or the gateway refuses
// it without asking the authorizer.
const SocketIdentitySource = "route.request.querystring.ticket"

// HTTP is the routes of the HTTP API. Tokens are verified by the functions: a
// route can be for people of several issuers.
var HTTP = map[string]Function{
	"GET /v1/availability":                     Citizen,
	"GET /v1/me":                               Citizen,
	"GET /v1/cases":                            Citizen,
	"POST /v1/tickets":                         Citizen,
	"POST /v1/logout":                          Citizen,
	"GET /v1/escalations":                      Citizen,
	"GET /v1/conversations/{id}/transcript":    Citizen,
	"POST /v1/advisor/tickets":                 Advisor,
	"POST /v1/advisor/logout":                  Advisor,
	"GET /v1/advisor/colleagues":               Advisor,
	"GET /v1/advisor/escalations":              Advisor,
	"GET /v1/advisor/conversations/{id}/cases": Advisor,
	"GET /v1/advisor/conversations/{id}/notes": Advisor,
	"GET /v1/operator/rules":                   Operator,
	"PUT /v1/operator/rules":                   Operator,
	"POST /v1/lineainps/events":                Webhook,
}

// Timeout is how long an invocation may take, in seconds. A write needs three:
// one is kept for the answer, and none begins with less than two left.
const Timeout = 15

// The queue to Linea INPS.
const (
	Queue      = "escalations"
	DeadLetter = "escalations-dead"
	Consumer   = Escalate
	// BatchSize is how many messages an invocation gets. Each may wait for Linea
	// INPS twice.
	BatchSize = 1
	// Visibility is for how long a message that is being handled is hidden,
	// in seconds: six times the function's timeout, as AWS asks for.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	Visibility = 6 * Timeout
	// MaxReceive is how often a message is tried before it is a dead letter.
	MaxReceive = 5
	// DeadDays is for how many days a dead letter is kept.
	DeadDays = 14
)

// SweepEvery is the schedule of the sweep, in minutes.
const SweepEvery = 1
