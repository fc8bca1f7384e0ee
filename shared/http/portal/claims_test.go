package portal

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/code"
	"infocig/shared/identity"
)

var key = identity.Pseudonym{Key: []byte("k")}

const fiscalCode = "FRRGLN84C52Z999T"

// Numbers of companies that are nobody's.
const one, two = "99999010152", "99999020631"

func companyID(code string) identity.CompanyID { return identity.CompanyID(key.Of(code)) }

func TestCitizen(t *testing.T) {
	strong := identity.Login{Scheme: identity.SPID, Level: 2}
	base := Claims{Subject: "s", FiscalNumber: "TINIT-" + fiscalCode, GivenName: "Giuliana", FamilyName: "Ferrantini", IDP: "spid", ACR: "https://www.spid.gov.it/SpidL2"}
	with := func(change func(*Claims)) Claims {
		c := base
		change(&c)
		return c
	}
	who := func(change func(*identity.Identity)) identity.Identity {
		i := identity.Identity{Side: identity.SideCitizen, ID: key.Of(fiscalCode), Name: "Giuliana Ferrantini", Login: strong}
		change(&i)
		return i
	}
	const several = `[{"fiscal_code":"99999010152","name":"Uno","province":"MI","role":"consultant"},{"fiscal_code":"99999020631","name":"Due","province":" na","role":"consultant"}]`
	for name, test := range map[string]struct {
		claims  Claims
		company identity.CompanyID
		want    identity.Identity
		err     error
	}{
		"worker": {
			claims: with(func(c *Claims) { c.Door, c.ResidenceProvince = MyINPS, "RM" }),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Province = identity.Worker, identity.RoleWorker, "RM"
			}),
		},
		"a province in lower case": {
			claims: with(func(c *Claims) { c.Door, c.ResidenceProvince = MyINPS, " rm " }),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Province = identity.Worker, identity.RoleWorker, "RM"
			}),
		},
		"a province that is none": {
			claims: with(func(c *Claims) { c.Door, c.ResidenceProvince = MyINPS, "Roma\n" }),
			want:   who(func(i *identity.Identity) { i.Audience, i.Role = identity.Worker, identity.RoleWorker }),
		},
		"a provisional number": {
			claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, "TINIT-12345678903" }),
			want: who(func(i *identity.Identity) {
				i.ID, i.Audience, i.Role = key.Of("12345678903"), identity.Worker, identity.RoleWorker
			}),
		},
		"a name of many lines": {
			claims: with(func(c *Claims) {
				c.Door, c.GivenName, c.FamilyName = MyINPS, "Giuliana\r\n\u202E", " Ferran\u200Btini\t"
			}),
			want: who(func(i *identity.Identity) { i.Audience, i.Role = identity.Worker, identity.RoleWorker }),
		},
		"one of the names": {
			claims: with(func(c *Claims) { c.Door, c.GivenName = MyINPS, "\u3164" }),
			want: who(func(i *identity.Identity) {
				i.Name, i.Audience, i.Role = "Ferrantini", identity.Worker, identity.RoleWorker
			}),
		},
		"no name": {
			claims: with(func(c *Claims) { c.Door, c.GivenName, c.FamilyName = MyINPS, "", "\u200B" }),
			want: who(func(i *identity.Identity) {
				i.Name, i.Audience, i.Role = "Nome non indicato", identity.Worker, identity.RoleWorker
			}),
		},
		"a name of 369 characters": {
			claims: with(func(c *Claims) { c.Door, c.GivenName = MyINPS, strings.Repeat("è", 369) }),
			want: who(func(i *identity.Identity) {
				i.Name, i.Audience, i.Role = strings.Repeat("è", 200), identity.Worker, identity.RoleWorker
			}),
		},
		"a worker has no company": {claims: with(func(c *Claims) { c.Door = MyINPS }), company: companyID(one), err: code.Invalid},
		"owner": {
			claims: with(func(c *Claims) {
				c.Door, c.Role, c.CompanyFiscalCode, c.CompanyName, c.RegisteredOfficeProvince = Cassetto, "owner", one, "Ditta", "MI"
			}),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Province, i.Company, i.CompanyName = identity.Employer, identity.RoleOwner, "MI", companyID(one), "Ditta"
			}),
		},
		"who trades alone": {
			claims: with(func(c *Claims) {
				c.Door, c.Role, c.CompanyFiscalCode, c.CompanyName = Cassetto, "owner", fiscalCode, "\u2800"
			}), company: companyID(fiscalCode),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Company, i.CompanyName = identity.Employer, identity.RoleOwner, companyID(fiscalCode), "Azienda senza nome"
			}),
		},
		"the province is the company's": {
			claims: with(func(c *Claims) { c.Door, c.Companies, c.ResidenceProvince = Cassetto, several, "BA" }), company: companyID(two),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Province, i.Company, i.CompanyName = identity.Intermediary, identity.RoleConsultant, "NA", companyID(two), "Due"
			}),
		},
		"several companies, none named":    {claims: with(func(c *Claims) { c.Door, c.Companies = Cassetto, several }), err: code.Invalid},
		"a company of others":              {claims: with(func(c *Claims) { c.Door, c.Companies = Cassetto, several }), company: companyID(fiscalCode), err: code.NotFound},
		"a company by its fiscal code":     {claims: with(func(c *Claims) { c.Door, c.Companies = Cassetto, several }), company: one, err: code.NotFound},
		"no company, and one is asked for": {claims: with(func(c *Claims) { c.Door = Cassetto }), company: companyID(one), err: code.NotFound},
		"another role is an employee's": {
			claims: with(func(c *Claims) {
				c.Door, c.Role, c.CompanyFiscalCode, c.CompanyName, c.RegisteredOfficeProvince = Cassetto, "boss", one, "Ditta", "BA"
			}),
			want: who(func(i *identity.Identity) {
				i.Audience, i.Role, i.Province, i.Company, i.CompanyName = identity.Employer, identity.RoleEmployee, "BA", companyID(one), "Ditta"
			}),
		},
		"no companies": {
			claims: with(func(c *Claims) {
				c.Door, c.Role, c.Companies, c.RegisteredOfficeProvince = Cassetto, "consultant", "[]", "BA"
			}),
			want: who(func(i *identity.Identity) { i.Audience, i.Role = identity.Employer, identity.RoleNone }),
		},
		"staff":                        {claims: with(func(c *Claims) { c.Door = Institute }), err: code.Forbidden},
		"no fiscal code":               {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, " " }), err: &Refused{NoFiscalNumber}},
		"a German number":              {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, "TINDE-12345678903" }), err: &Refused{OtherFiscalNumber}},
		"a company's number":           {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = Cassetto, "VATIT-12345678903" }), err: &Refused{OtherFiscalNumber}},
		"a wrong check letter":         {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, "TINIT-FRRGLN84C52Z999X" }), err: &Refused{MalformedFiscalNumber}},
		"a fiscal code that is a joke": {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, "' OR 1=1" }), err: &Refused{MalformedFiscalNumber}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.claims.Citizen(key, test.company)
			if refused, ok := test.err.(*Refused); ok { //nolint:errorlint // of the table
				var r *Refused
				if !errors.As(err, &r) || *r != *refused || !errors.Is(err, code.Forbidden) {
					t.Errorf("got %v", err)
				}
				return
			}
			if !errors.Is(err, test.err) {
				t.Fatalf("got error %v, want %v", err, test.err)
			}
			if d := cmp.Diff(test.want, got); err == nil && d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestActs(t *testing.T) {
	f := func(code, masked, name, province string, role identity.Role) Company {
		return Company{companyID(code), masked, name, province, role}
	}
	first, second := f(one, "*******0152", "Uno", "MI", identity.RoleConsultant), f(two, "*******0631", "Due", "NA", identity.RoleConsultant)
	const uno, due = `{"fiscal_code":"99999010152","name":"Uno","province":"MI","role":"consultant"}`, `{"fiscal_code":"99999020631","name":"Due","province":"NA","role":"consultant"}`
	for name, test := range map[string]struct {
		token string // JSON of the claims
		want  []Company
	}{
		"two":                         {`{"companies":"[` + esc(uno+","+due) + `]"}`, []Company{first, second}},
		"a list that is no text":      {`{"companies":[` + uno + "," + due + `]}`, []Company{first, second}},
		"none":                        {`{"companies":"[]"}`, nil},
		"no claim":                    {`{}`, nil},
		"null":                        {`{"companies":null}`, nil},
		"null within":                 {`{"companies":"[null,` + esc(uno) + `]"}`, []Company{first}},
		"no JSON":                     {`{"companies":"{x"}`, nil},
		"a number":                    {`{"companies":7}`, nil},
		"no list":                     {`{"companies":"{\"fiscal_code\":\"99999010152\"}"}`, nil},
		"one without a code":          {`{"companies":"[` + esc(`{"name":"Tre"},`+uno+`,{"fiscal_code":"","name":"Quattro"},{"fiscal_code":"1234"},{"fiscal_code":"99999010153"},{"fiscal_code":["x"]},"x",7`) + `]"}`, []Company{first}},
		"a code that is a number":     {`{"companies":"[` + esc(`{"fiscal_code":99999010152,"name":"Uno","province":"MI","role":"consultant"}`) + `]"}`, []Company{first}},
		"a number that lost zeros":    {`{"companies":"[` + esc(`{"fiscal_code":488410010,"name":"Tre","role":"owner"}`) + `]"}`, []Company{f("00488410010", "*******0010", "Tre", "", identity.RoleOwner)}},
		"employee and representative": {`{"companies":"[` + esc(`{"fiscal_code":"99999010152","name":"Uno","role":"employee"},`+due+`,{"fiscal_code":" 99999010152","name":"Uno!","province":"mi","role":"legal_representative"}`) + `]"}`, []Company{f(one, "*******0152", "Uno!", "MI", identity.RoleLegalRepresentative), second}},
		"representative and employee": {`{"companies":"[` + esc(uno+`,{"fiscal_code":"99999010152","name":"x","role":"employee"}`) + `]"}`, []Company{first}},
		"in both claims":              {`{"companies":"[` + esc(uno) + `]","company_fiscal_code":"99999010152","company_name":"x"}`, []Company{first}},
		"one, as a number":            {`{"company_fiscal_code":99999010152,"company_name":"Uno","registered_office_province":"MI","role":"consultant"}`, []Company{first}},
		"of odd types":                {`{"companies":[{"fiscal_code":"99999010152","name":{},"province":[1],"role":true}]}`, []Company{f(one, "*******0152", "Azienda senza nome", "", identity.RoleEmployee)}},
		"who trades alone":            {`{"companies":[{"fiscal_code":"frrgln84c52z999t","name":"Bar","role":"owner"}]}`, []Company{f(fiscalCode, "************999T", "Bar", "", identity.RoleOwner)}},
	} {
		var c Claims
		if err := json.Unmarshal([]byte(test.token), &c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(test.want, c.Acts(key)); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

// esc returns JSON as it stands in a text.
func esc(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }

func TestLogin(t *testing.T) {
	for name, test := range map[string]struct {
		claims Claims
		want   identity.Login
	}{
		"level 1":       {Claims{IDP: "spid", ACR: "https://www.spid.gov.it/SpidL1"}, identity.Login{Scheme: identity.SPID, Level: 1}},
		"level 3":       {Claims{IDP: "spid", ACR: "https://www.spid.gov.it/SpidL3"}, identity.Login{Scheme: identity.SPID, Level: 3}},
		"no level":      {Claims{IDP: "spid"}, identity.Login{Scheme: identity.SPID}},
		"level like":    {Claims{IDP: "spid", ACR: "https://evil.example/SpidL3"}, identity.Login{Scheme: identity.SPID}},
		"identity card": {Claims{IDP: "cie"}, identity.Login{Scheme: identity.CIE}},
	} {
		if got := test.claims.Login(); got != test.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestStaff(t *testing.T) {
	c := Claims{Door: Institute, Subject: "advisor-1", GivenName: "Marta", Groups: []string{"advisors"}, Topics: []string{"workers"}}
	who, err := c.Staff(key, identity.GroupAdvisors)
	want := identity.Identity{Side: identity.SideAdvisor, ID: "advisor-1", Name: "Marta", Groups: c.Groups, Skills: []string{"workers"}}
	if d := cmp.Diff(want, who); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	c.FiscalNumber = "TINIT-" + fiscalCode
	if who, err := c.Staff(key, identity.GroupAdvisors); err != nil || string(who.Person) != key.Of(fiscalCode) {
		t.Errorf("one who is a citizen, too: %q, %v", who.Person, err)
	}
	for what, of := range map[string]identity.Pseudonym{"without a key": {}, "with a number that is none": key} {
		if what != "without a key" {
			c.FiscalNumber = "TINIT-1"
		}
		if who, err := c.Staff(of, identity.GroupAdvisors); err != nil || who.Person != "" {
			t.Errorf("%s: %q, %v", what, who.Person, err)
		}
	}
	if _, err := c.Staff(key, identity.GroupOperators); !errors.Is(err, code.Forbidden) {
		t.Errorf("another group: %v", err)
	}
	c.Door = MyINPS
	if _, err := c.Staff(key, identity.GroupAdvisors); !errors.Is(err, code.Forbidden) {
		t.Errorf("groups claimed through another portal: %v", err)
	}
	c.Door, c.Topics = Institute, []string{"gardens"}
	if who, _ := c.Staff(key, identity.GroupAdvisors); !slices.Equal(who.Skills, c.Topics) {
		t.Errorf("skills: %v", who.Skills)
	}
}

func TestPseudonym(t *testing.T) {
	a := key.Of(fiscalCode)
	if len(a) != 32 || a != key.Of("frrgln84c52z999t") || a == key.Of(fiscalCode+"X") || a == (identity.Pseudonym{Key: []byte("l")}).Of(fiscalCode) {
		t.Errorf("got %q", a)
	}
}
