package escalation

import "infocig/shared/chat/desk"

// A Service takes escalations to the territorial offices and their news back.
type Service struct {
	*desk.Desk
	Relay Relay     // nil where nothing is sent on
	Linea LineaINPS // for Forward

	lists lists
}
