package portal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"infocig/shared/admission"
	"infocig/shared/chat"
)

// Claims are what a token says about a person. design.md, section 4.
type Claims struct {
	Door Door `json:"-"`

	Subject string `json:"sub"`

	// Of a citizen.
	ACR               string `json:"acr"`
	IDP               string `json:"idp"`           // spid, cie or cns
	FiscalNumber      string `json:"fiscal_number"` // TINIT- and the codice fiscale
	GivenName         string `json:"given_name"`
	FamilyName        string `json:"family_name"`
	ResidenceProvince string `json:"residence_province"`

	// Of somebody who acts for one company.
	Role                     string `json:"role"`
	CompanyFiscalCode        string `json:"company_fiscal_code"`
	CompanyName              string `json:"company_name"`
	RegisteredOfficeProvince string `json:"registered_office_province"`
	DelegationID             string `json:"delegation_id"`

	// Of somebody who acts for several: a JSON array of Company, as text.
	Companies string `json:"companies"`

	// Of staff.
	Groups []string `json:"groups"`
	Topics []string `json:"topics"`
	Office string   `json:"office"` // of an officer
}

// A Company that somebody acts for.
type Company struct {
	FiscalCode   string `json:"fiscal_code"`
	Name         string `json:"name"`
	Province     string `json:"province"` // of its registered office
	DelegationID string `json:"delegation_id"`
	Role         string `json:"role"`
}

// Acts returns the companies that the person acts for.
func (c Claims) Acts() []Company {
	if c.Companies != "" {
		var all []Company
		if json.Unmarshal([]byte(c.Companies), &all) == nil {
			return all
		}
		return nil
	}
	if c.CompanyFiscalCode == "" {
		return nil
	}
	return []Company{{c.CompanyFiscalCode, c.CompanyName, c.RegisteredOfficeProvince, c.DelegationID, c.Role}}
}

// Name is how the other side sees the person.
func (c Claims) Name() string { return strings.TrimSpace(c.GivenName + " " + c.FamilyName) }

// FiscalCode is the person's codice fiscale, "" if the token has none.
func (c Claims) FiscalCode() string {
	return strings.ToUpper(strings.TrimPrefix(c.FiscalNumber, "TINIT-"))
}

// Login returns how the person logged in.
func (c Claims) Login() admission.Login {
	l := admission.Login{Scheme: admission.Scheme(c.IDP)}
	for level, suffix := range map[int]string{1: "SpidL1", 2: "SpidL2", 3: "SpidL3"} {
		if c.ACR == "https://www.spid.gov.it/"+suffix {
			l.Level = level
		}
	}
	return l
}

// A Pseudonym turns a fiscal code into an id that only the holder of the key can
// compute: the code itself is in no key, id or log.
type Pseudonym struct{ Key []byte }

// Of returns 128 bits of the keyed hash of a fiscal code, as hexadecimal.
func (p Pseudonym) Of(fiscalCode string) string {
	h := hmac.New(sha256.New, p.Key)
	h.Write([]byte(strings.ToUpper(fiscalCode)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Citizen returns who the person is. Somebody who comes through the Cassetto
// acts for the company with that fiscal code; "" is enough where there is one
// only. It returns Forbidden for staff, NotFound for a company that is not among
// the person's, and Invalid where one has to be named.
func (c Claims) Citizen(p Pseudonym, company string) (chat.Identity, error) {
	who := chat.Identity{Side: chat.SideCitizen, Name: c.Name(), Login: c.Login()}
	code := c.FiscalCode()
	if code == "" {
		return who, chat.Forbidden
	}
	who.ID = p.Of(code)
	switch c.Door {
	case MyINPS:
		if company != "" {
			return who, chat.Invalid
		}
		who.Audience, who.Role, who.Province = admission.Worker, admission.RoleWorker, c.ResidenceProvince
		return who, nil
	case Cassetto:
		f, err := c.company(company)
		if err != nil {
			return who, err
		}
		who.Audience, who.Role = admission.Employer, admission.Role(f.Role)
		switch who.Role {
		case admission.RoleConsultant:
			who.Audience = admission.Intermediary
		case admission.RoleOwner, admission.RoleLegalRepresentative:
		default:
			who.Role = admission.RoleEmployee
		}
		who.Province, who.CompanyName = f.Province, f.Name
		if f.FiscalCode != "" {
			who.Company = chat.CompanyID(p.Of(f.FiscalCode))
		}
		return who, nil
	default:
		return who, chat.Forbidden
	}
}

func (c Claims) company(code string) (Company, error) {
	all := c.Acts()
	switch {
	case code == "" && len(all) == 1:
		return all[0], nil
	case code == "" && len(all) == 0:
		return Company{Province: c.RegisteredOfficeProvince, Role: c.Role}, nil
	case code == "":
		return Company{}, chat.Invalid
	}
	for _, f := range all {
		if f.FiscalCode == code {
			return f, nil
		}
	}
	return Company{}, chat.NotFound
}

// Staff groups that may do something.
const (
	GroupAdvisors    = "advisors"
	GroupSupervisors = "supervisors"
	GroupOperators   = "operators"
)

// topicsOf are the topics behind the institute's names of its advisors' skills.
var topicsOf = map[string][]chat.Topic{
	"workers":   {chat.WorkerCase},
	"employers": {chat.EmployerCase, chat.EmployerBenefits},
}

// Staff returns who a member of the institute's staff is. It returns Forbidden
// for anybody else, and for staff outside the group.
func (c Claims) Staff(group string) (chat.Identity, error) {
	who := chat.Identity{Side: chat.SideAdvisor, ID: c.Subject, Name: c.Name(), Groups: c.Groups}
	if c.Door != Institute {
		return chat.Identity{}, chat.Forbidden
	}
	for _, t := range c.Topics {
		who.Topics = append(who.Topics, topicsOf[t]...)
	}
	if len(c.Topics) == 0 {
		who.Topics = chat.Topics
	}
	for _, g := range c.Groups {
		if g == group {
			return who, nil
		}
	}
	return chat.Identity{}, chat.Forbidden
}

// Person returns who a citizen is, whatever company they act for: enough to
// find what is theirs.
func (c Claims) Person(p Pseudonym) (chat.Identity, error) {
	code := c.FiscalCode()
	if c.Door == Institute || code == "" {
		return chat.Identity{}, chat.Forbidden
	}
	return chat.Identity{Side: chat.SideCitizen, ID: p.Of(code), Name: c.Name()}, nil
}
