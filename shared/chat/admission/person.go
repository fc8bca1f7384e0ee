package admission

import (
	"infocig/shared/chat/rollout"
	"infocig/shared/identity"
)

// phasesOf returns the audience whose phases of the rollout count for a. Intermediaries count
// as employers.
func phasesOf(a identity.Audience) rollout.Audience {
	if a == identity.Intermediary {
		return rollout.Employer
	}
	return rollout.Audience(a)
}
