package upkeep

import (
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
)

// A Service does what nobody at the desk asks for: what time asks for, what supervisors
// and operators do, and what people may ask about their data.
type Service struct {
	*desk.Desk
	Escalations *escalation.Service
}
