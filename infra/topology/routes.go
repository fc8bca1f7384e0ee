package topology

// Stage is the name of the WebSocket API's stage. The HTTP API has the one
// without a name: its paths begin with the version.
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

// An HTTPRoute is a route of the HTTP API.
type HTTPRoute struct {
	Function Function
	// Door is whose issuer's tokens the gateway lets through, before the function
	// verifies them again. A route has one authorizer, and that one issuer: what
	// is for people of several issuers, or of none, has no door here.
	Door string
	// Rate is how many requests a second the gateway lets through of all clients
	// together, and at once; 0 is what the stage says for routes without their own.
	// What anybody can ask for takes nothing from what people need to get in.
	Rate int
}

// staff come through this door.
const staff = "institute"

// HTTP is the routes of the HTTP API.
var HTTP = map[string]HTTPRoute{
	"GET /v1/availability":                     {Function: Citizen, Rate: 200},
	"GET /v1/me":                               {Function: Citizen},
	"GET /v1/cases":                            {Function: Citizen},
	"POST /v1/tickets":                         {Function: Citizen, Rate: 500},
	"POST /v1/slips":                           {Function: Citizen},
	"POST /v1/logout":                          {Function: Citizen},
	"GET /v1/escalations":                      {Function: Citizen},
	"GET /v1/conversations/{id}/transcript":    {Function: Citizen},
	"POST /v1/advisor/tickets":                 {Function: Advisor, Door: staff},
	"POST /v1/advisor/logout":                  {Function: Advisor, Door: staff},
	"GET /v1/advisor/colleagues":               {Function: Advisor, Door: staff},
	"GET /v1/advisor/escalations":              {Function: Advisor, Door: staff},
	"GET /v1/advisor/conversations/{id}/cases": {Function: Advisor, Door: staff},
	"GET /v1/advisor/conversations/{id}/notes": {Function: Advisor, Door: staff},
	"GET /v1/supervisor/waiting":               {Function: Operator, Door: staff},
	"GET /v1/supervisor/waiting/{id}":          {Function: Operator, Door: staff},
	"POST /v1/supervisor/waiting/{id}/front":   {Function: Operator, Door: staff},
	"GET /v1/operator/rules":                   {Function: Operator, Door: staff},
	"PUT /v1/operator/rules":                   {Function: Operator, Door: staff},
	"POST /v1/operator/closure":                {Function: Operator, Door: staff},
	"POST /v1/lineainps/events":                {Function: Webhook},
}
