package portal

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// A Person can log in without further ado. All of them are invented: their
// codici fiscali name a place of birth that does not exist (Z999), so that
// they are nobody's, and their companies' numbers are far above those in use.
type Person struct {
	ID     string `json:"id"` // also the sub
	Issuer Issuer `json:"issuer"`
	Note   string `json:"note"` // Italian, for the login page

	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	Born       string `json:"born"` // YYYY-MM-DD; not a claim
	Sex        string `json:"sex"`  // F or M; not a claim
	FiscalCode string `json:"fiscal_code"`
	Province   string `json:"province"` // of residence

	IDP   string `json:"idp"`   // spid, cie or cns
	Level int    `json:"level"` // of SPID, 1 to 3

	Role      string    `json:"role,omitempty"`      // owner, legal_representative or consultant
	Company   *Company  `json:"company,omitempty"`   // of all at the Cassetto but consultants
	Companies []Company `json:"companies,omitempty"` // of a consultant

	Groups []string `json:"groups,omitempty"` // of staff
	Topics []string `json:"topics,omitempty"` // of advisors
	Office string   `json:"office,omitempty"` // of an officer
}

// A Company is one that a person may speak for.
type Company struct {
	FiscalCode   string `json:"fiscal_code"`
	Name         string `json:"name"`
	Province     string `json:"province"` // of the registered office
	DelegationID string `json:"delegation_id,omitempty"`
	Role         string `json:"role,omitempty"`
}

//go:embed people.json
var peopleJSON []byte

var ready = func() []Person {
	var people []Person
	if err := json.Unmarshal(peopleJSON, &people); err != nil {
		panic("people.json: " + err.Error())
	}
	return people
}()

// Ready returns the ready people, in the order of the login page.
func Ready() []Person { return slices.Clone(ready) }

// Claims returns what an access token says of the person. The companies of a
// consultant are JSON in a string, because API Gateway flattens lists and
// objects beyond recovery.
func (p Person) Claims() map[string]any {
	c := map[string]any{
		"sub":                p.ID,
		"acr":                fmt.Sprintf("https://www.spid.gov.it/SpidL%d", p.Level),
		"idp":                p.IDP,
		"fiscal_number":      "TINIT-" + p.FiscalCode,
		"given_name":         p.GivenName,
		"family_name":        p.FamilyName,
		"residence_province": p.Province,
	}
	if p.Role != "" {
		c["role"] = p.Role
	}
	if p.Company != nil {
		c["company_fiscal_code"] = p.Company.FiscalCode
		c["company_name"] = p.Company.Name
		c["registered_office_province"] = p.Company.Province
		if p.Company.DelegationID != "" {
			c["delegation_id"] = p.Company.DelegationID
		}
	}
	if len(p.Companies) > 0 {
		b, _ := json.Marshal(p.Companies) // strings only: cannot fail
		c["companies"] = string(b)
	}
	if len(p.Groups) > 0 {
		c["groups"] = p.Groups
	}
	if len(p.Topics) > 0 {
		c["topics"] = p.Topics
	}
	if p.Office != "" {
		c["office"] = p.Office
	}
	return c
}

// Login says in Italian how the person logs in.
func (p Person) Login() string {
	switch p.IDP {
	case "cie":
		return "CIE"
	case "cns":
		return "CNS"
	default:
		return fmt.Sprintf("SPID livello %d", p.Level)
	}
}
