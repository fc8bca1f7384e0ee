package portal

import (
	"errors"

	"infocig/shared/code"
	"infocig/shared/fiscal"
	"infocig/shared/identity"
	"infocig/shared/plain"
	"infocig/shared/text"
)

// A Reason says why somebody with a valid token is not let in. Never rename one: it is
// on the wire, and "person." with it is a key of the catalogue.
type Reason string

// The reasons.
const (
	NoFiscalNumber        Reason = "fiscal_number_missing"
	OtherFiscalNumber     Reason = "fiscal_number_other_scheme" // of another country, or not a person's
	MalformedFiscalNumber Reason = "fiscal_number_malformed"
)

// Refused means that the token is valid and the person is not let in. It is
// [code.Forbidden].
type Refused struct{ Reason Reason }

func (r *Refused) Error() string { return "portal: " + string(r.Reason) }

// Unwrap returns the code.
func (r *Refused) Unwrap() error { return code.Forbidden }

// MaxName is how many code points the name of a person or a company has at most: the
// contract with Linea INPS.
const MaxName = 200

// Name is how the other side sees the person: one line of at most MaxName code points.
// Where the token has no name that can be seen it is a word of the catalogue.
func (c Claims) Name(word string) string { return named(c.GivenName+" "+c.FamilyName, word) }

func named(raw, word string) string {
	if name := plain.Name(raw, MaxName); name != "" {
		return name
	}
	return text.Sentence("", word)
}

// FiscalCode is the person's fiscal number. The error is a *[Refused].
func (c Claims) FiscalCode() (string, error) {
	code, err := fiscal.ParsePerson(c.FiscalNumber)
	switch {
	case errors.Is(err, fiscal.Missing):
		return "", &Refused{NoFiscalNumber}
	case errors.Is(err, fiscal.OtherScheme):
		return "", &Refused{OtherFiscalNumber}
	case err != nil:
		return "", &Refused{MalformedFiscalNumber}
	}
	return code, nil
}

// Person returns who a citizen is, whatever company they act for: enough to find what
// is theirs. It returns code.Forbidden for staff, and *[Refused] for whom the fiscal
// number does not tell.
func (c Claims) Person(p identity.Pseudonym) (identity.Identity, error) {
	if c.Door == Institute {
		return identity.Identity{}, code.Forbidden
	}
	code, err := c.FiscalCode()
	if err != nil {
		return identity.Identity{}, err
	}
	return identity.Identity{Side: identity.SideCitizen, ID: p.Of(code), Name: c.Name("name.citizen"), Login: c.Login()}, nil
}

// Citizen returns who the person is. Somebody who comes through the Cassetto acts
// for the company with that id; "" is enough where there is one only, and where there is none
// the role is [admission.RoleNone]. It returns what Person does, NotFound for a company that is not
// among the person's, and Invalid where one has to be named.
func (c Claims) Citizen(p identity.Pseudonym, company identity.CompanyID) (identity.Identity, error) {
	who, err := c.Person(p)
	if err != nil {
		return who, err
	}
	if c.Door == MyINPS {
		if company != "" {
			return who, code.Invalid
		}
		who.Audience, who.Role, who.Province = identity.Worker, identity.RoleWorker, identity.Sigla(c.ResidenceProvince)
		return who, nil
	}
	all := c.Acts(p)
	who.Audience = identity.Employer
	switch {
	case len(all) == 0:
		if company != "" {
			return who, code.NotFound
		}
		who.Role = identity.RoleNone
		return who, nil
	case company == "" && len(all) > 1:
		return who, code.Invalid
	case company == "":
		company = all[0].ID
	}
	for _, f := range all {
		if f.ID == company {
			return f.represented(who), nil
		}
	}
	return who, code.NotFound
}
