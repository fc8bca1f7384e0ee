package admission

import (
	"infocig/shared/chat/rollout"
	"infocig/shared/identity"
)

// phasesOf returns the audience of the phases that count.
func phasesOf(a identity.Audience) rollout.Audience {
	if a == identity.Intermediary {
		return rollout.Employer
	}
	return rollout.Audience(a)
}
