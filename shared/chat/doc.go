// Package chat is the area of INFO CIG. New puts it together from its rooms:
//
//	queue         the order of service: topics, tickets, estimates        pure
//	conversation  the rules of a conversation: Decide                     pure
//	rollout       which provinces and roles may come in, and since when   pure
//	admission     whether somebody may come in now, and how that is said  pure
//	store         what is kept, on which conditions; keys and attributes
//	desk          what citizens and advisors do
//	escalation    what goes to the territorial office and comes back
//	upkeep        what time, supervisors and operators do; people's data
//	socket        the wire of the WebSocket API
//	httpapi       the wire of the HTTP API
//	sim           the simulator
//
// Each room imports those above it only.
package chat
