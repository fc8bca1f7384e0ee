package identity

// An Audience is on whose behalf a person comes.
type Audience string

// The audiences. An intermediary comes for an employer, in the role of its
// consultant, and enters by the employer's phases ("ai datori di lavoro e agli
// intermediari", INPS message 4497/2022).
const (
	Worker       Audience = "worker"
	Employer     Audience = "employer"
	Intermediary Audience = "intermediary"
)

// Known reports whether a is one of the audiences.
func (a Audience) Known() bool { return a == Worker || a == Employer || a == Intermediary }

// A Role is what a person is to the company represented, or a worker.
type Role string

// The roles. Owner, legal representative and consultant are the three that
// INPS message 4497/2022 admits for employers, and no other.
const (
	RoleWorker              Role = "worker"
	RoleOwner               Role = "owner"
	RoleLegalRepresentative Role = "legal_representative"
	RoleConsultant          Role = "consultant"
	RoleEmployee            Role = "employee" // of the firm, in none of the three roles: refused
	RoleNone                Role = ""         // nobody's: no company that the person acts for
)

// Known reports whether r is a role that somebody can say.
func (r Role) Known() bool {
	switch r {
	case RoleWorker, RoleOwner, RoleLegalRepresentative, RoleConsultant, RoleEmployee:
		return true
	}
	return false
}

// Contradicts reports whether nobody can have this role in this audience, so
// that the question makes no sense.
func (r Role) Contradicts(a Audience) bool {
	switch a {
	case Worker:
		return r != RoleWorker
	case Intermediary:
		return r != RoleConsultant && r != RoleEmployee
	default:
		return r == RoleWorker
	}
}
