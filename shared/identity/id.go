package identity

import "strings"

// A Side of a conversation.
type Side string

// The sides.
const (
	SideCitizen Side = "citizen"
	SideAdvisor Side = "advisor"
	SideSystem  Side = "system"
)

// Other returns the side opposite to a citizen or an advisor.
func (s Side) Other() Side {
	if s == SideCitizen {
		return SideAdvisor
	}
	return SideCitizen
}

// A PersonID is the pseudonym of a person: a keyed hash of the fiscal code.
type PersonID string

// A CompanyID is the pseudonym of a company: a keyed hash of its fiscal code.
type CompanyID string

// A StaffID names a member of the institute's staff, as the institute's issuer does.
type StaffID string

// Valid reports whether an issuer can name somebody so: OpenID Connect Core 1.0,
// section 2, wants at most 255 characters of ASCII, and none of them is a control
// character here.
func (id StaffID) Valid() bool {
	return len(id) <= 255 && !strings.ContainsFunc(string(id), func(r rune) bool { return r < ' ' || r > '~' })
}
