package portal

import (
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Claims are what a token says about a person. docs/design.md, "Entry and availability".
type Claims struct {
	Door Door `json:"-"`

	Subject string `json:"sub"`

	// Of a citizen.
	ACR               string `json:"acr"`
	IDP               string `json:"idp"`           // spid, cie or cns
	FiscalNumber      string `json:"fiscal_number"` // fiscal.ParsePerson
	GivenName         string `json:"given_name"`
	FamilyName        string `json:"family_name"`
	ResidenceProvince string `json:"residence_province"`

	// Of somebody who acts for one company.
	Role                     string `json:"role"`
	CompanyFiscalCode        loose  `json:"company_fiscal_code"`
	CompanyName              string `json:"company_name"`
	RegisteredOfficeProvince string `json:"registered_office_province"`
	DelegationID             string `json:"delegation_id"`

	// Of somebody who acts for several: a JSON array of companies, as text because
	// gateways flatten lists.
	Companies listed `json:"companies"`

	// Of staff.
	Groups []string `json:"groups"`
	Topics []string `json:"topics"`
	Office string   `json:"office"` // of an officer
}

// Login returns how the person logged in.
func (c Claims) Login() identity.Login {
	l := identity.Login{Scheme: identity.Scheme(c.IDP)}
	for level, suffix := range map[int]string{1: "SpidL1", 2: "SpidL2", 3: "SpidL3"} {
		if c.ACR == "https://www.spid.gov.it/"+suffix {
			l.Level = level
		}
	}
	return l
}

// Staff returns who a member of the institute's staff is, and as whom they would chat
// themselves, where the token has a fiscal number and p its key. It returns Forbidden for
// anybody else, and for staff outside the group.
func (c Claims) Staff(p identity.Pseudonym, group string) (identity.Identity, error) {
	who := identity.Identity{Side: identity.SideAdvisor, ID: c.Subject, Name: c.Name("name.advisor"), Groups: c.Groups}
	if code, err := c.FiscalCode(); err == nil && len(p.Key) > 0 {
		who.Person = identity.PersonID(p.Of(code))
	}
	if c.Door != Institute {
		return identity.Identity{}, code.Forbidden
	}
	who.Skills = c.Topics
	for _, g := range c.Groups {
		if g == group {
			return who, nil
		}
	}
	return identity.Identity{}, code.Forbidden
}
