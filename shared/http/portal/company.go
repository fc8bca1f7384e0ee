package portal

import (
	"encoding/json"
	"slices"
	"strings"

	"infocig/shared/fiscal"
	"infocig/shared/identity"
)

// A Company that somebody acts for.
type Company struct {
	ID       identity.CompanyID // pseudonym of the fiscal code
	Masked   string             // the fiscal code, but for its last four characters
	Name     string
	Province string // sigla of its registered office; "" if the token does not say
	Role     identity.Role
}

// A claimed company, as a token has it.
type claimed struct {
	FiscalCode loose `json:"fiscal_code"`
	Name       loose `json:"name"`
	Province   loose `json:"province"`
	Role       loose `json:"role"`
}

// loose is a claim that is a text, or a number as issuers write codes; anything else
// is "". It never fails, so that one odd value spoils no other.
type loose string

// UnmarshalJSON implements json.Unmarshaler.
func (l *loose) UnmarshalJSON(raw []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(raw, &s) == nil:
		*l = loose(s)
	case json.Unmarshal(raw, &n) == nil:
		*l = loose(n)
	default:
		*l = ""
	}
	return nil
}

// listed is a claim that is JSON, as a text that has it or as it is.
type listed string

// UnmarshalJSON implements json.Unmarshaler.
func (l *listed) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
	}
	*l = listed(s)
	return nil
}

// Acts returns the companies that the person acts for, each once, in the order of the
// token. What has no good fiscal code is left out. A company that comes with several
// roles has the first one that is admitted.
func (c Claims) Acts(p identity.Pseudonym) []Company {
	var list []json.RawMessage
	if json.Unmarshal([]byte(c.Companies), &list) != nil {
		list = nil
	}
	var all []Company
	add := func(one claimed) {
		code, err := companyCode(string(one.FiscalCode))
		if err != nil {
			return
		}
		f := Company{
			ID: identity.CompanyID(p.Of(code)), Masked: masked(code), Name: named(string(one.Name), "name.company"),
			Province: identity.Sigla(string(one.Province)), Role: roleOf(string(one.Role)),
		}
		same := slices.IndexFunc(all, func(g Company) bool { return g.ID == f.ID })
		switch {
		case same < 0:
			all = append(all, f)
		case all[same].Role == identity.RoleEmployee:
			all[same] = f
		}
	}
	for _, raw := range list {
		var one claimed
		if json.Unmarshal(raw, &one) == nil {
			add(one)
		}
	}
	add(claimed{c.CompanyFiscalCode, loose(c.CompanyName), loose(c.RegisteredOfficeProvince), loose(c.Role)})
	return all
}

// companyCode is fiscal.ParseCompany for a code that may have lost its leading zeros as
// a JSON number.
func companyCode(s string) (string, error) {
	const digits = 11
	if s != "" && len(s) < digits && strings.Trim(s, "0123456789") == "" {
		s = strings.Repeat("0", digits-len(s)) + s
	}
	return fiscal.ParseCompany(s)
}

// masked hides a fiscal code but for its end, by which people tell theirs apart.
func masked(code string) string {
	const shown = 4
	return strings.Repeat("*", len(code)-shown) + code[len(code)-shown:]
}

// roleOf returns the role: what is none of those admitted is an employee's.
func roleOf(claim string) identity.Role {
	switch r := identity.Role(claim); r {
	case identity.RoleOwner, identity.RoleLegalRepresentative, identity.RoleConsultant:
		return r
	}
	return identity.RoleEmployee
}

// represented returns who, acting for f.
func (f Company) represented(who identity.Identity) identity.Identity {
	if f.Role == identity.RoleConsultant {
		who.Audience = identity.Intermediary
	}
	who.Role, who.Province, who.Company, who.CompanyName = f.Role, f.Province, f.ID, f.Name
	return who
}
