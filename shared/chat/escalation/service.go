package escalation

import "infocig/shared/chat/desk"

// A Service hands escalations to the territorial offices and takes the offices' news back.
type Service struct {
	*desk.Desk
	Relay Relay     // nil if nothing is sent on
	Linea LineaINPS // for Forward

	lists lists
}
