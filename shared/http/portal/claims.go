package portal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"infocig/shared/chat"
	"infocig/shared/chat/admission"
	"infocig/shared/code"
)

// Claims are what a token says about a person. design.md, section 4.
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

// Staff returns who a member of the institute's staff is, and as whom they would chat
// themselves, where the token has a fiscal number and p its key. It returns Forbidden for
// anybody else, and for staff outside the group.
func (c Claims) Staff(p Pseudonym, group string) (chat.Caller, error) {
	who := chat.Caller{Side: chat.SideAdvisor, ID: c.Subject, Name: c.Name("name.advisor"), Groups: c.Groups}
	if code, err := c.FiscalCode(); err == nil && len(p.Key) > 0 {
		who.Person = chat.PersonID(p.Of(code))
	}
	if c.Door != Institute {
		return chat.Caller{}, code.Forbidden
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
	return chat.Caller{}, code.Forbidden
}
