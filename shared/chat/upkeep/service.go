package upkeep

import (
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
)

// A Service has the use cases beside the desk: the acts that are due at some time, the
// commands of supervisors and operators, and the rights of people over their data.
type Service struct {
	*desk.Desk
	Escalations *escalation.Service
}
