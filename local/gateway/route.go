package gateway

import (
	"encoding/json"
	"strings"
)

// route chooses the route of a message by $request.body.action: exact match,
// else $default. It reports false if there is neither.
func (g *WebSocket) route(body []byte) (key string, route Route, ok bool) {
	if action := action(body); action != "" && !strings.HasPrefix(action, "$") {
		if route, ok = g.config.Routes[action]; ok {
			return action, route, true
		}
	}
	route, ok = g.config.Routes["$default"]
	return "$default", route, ok
}

// action returns the text of the member "action" of a JSON object, or nothing.
func action(body []byte) string {
	var members map[string]json.RawMessage // not a struct: names match exactly
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	var action string
	if json.Unmarshal(members["action"], &action) != nil {
		return ""
	}
	return action
}

// handle runs the function of one message.
func (g *WebSocket) handle(c *conn, body []byte) {
	if !g.requests.admit() {
		g.tell(c, "Limit exceeded", g.config.NewID())
		return
	}
	key, route, ok := g.route(body)
	if !ok {
		g.tell(c, "Forbidden", g.config.NewID())
		return
	}
	event := g.messageEvent(c, key, string(body))
	result, err := call(g.ctx, g.inv, route.Function, event, g.limits.Integration)
	var answer []byte
	if err == nil {
		answer, err = routeResponse(result)
	}
	if err != nil {
		g.log.Error("message failed", "route", key, "connection_id", c.id, "err", err)
		g.tell(c, "Internal server error", event.RequestContext.RequestID)
		return
	}
	if route.Response && len(answer) > 0 {
		if err := c.push(answer); err != nil {
			g.log.Warn("route response lost", "route", key, "connection_id", c.id, "err", err)
		}
	}
}

func routeResponse(result []byte) ([]byte, error) {
	r, err := proxyResponse(result)
	if err != nil {
		return nil, err
	}
	return decodeBody(r.Body, r.IsBase64Encoded)
}

// tell sends a frame of the gateway's own.
func (g *WebSocket) tell(c *conn, message, requestID string) {
	frame, err := json.Marshal(notice{message, c.id, requestID})
	if err == nil {
		err = c.push(frame)
	}
	if err != nil {
		g.log.Warn("notice lost", "notice", message, "connection_id", c.id, "err", err)
	}
}
