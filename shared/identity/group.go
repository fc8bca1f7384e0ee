package identity

// Staff groups that may do something.
const (
	GroupAdvisors    = "advisors"
	GroupSupervisors = "supervisors"
	GroupOperators   = "operators"
)
