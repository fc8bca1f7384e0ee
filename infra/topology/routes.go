package topology

// Stage is the name of the WebSocket API's stage. The HTTP API has the one
// without a name: its paths begin with the version.
const Stage = "v1"

// A SocketRoute is a route of the WebSocket API.
type SocketRoute struct {
	Function Function
	Response bool // has a route response: the body that the function returns goes to the client
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
