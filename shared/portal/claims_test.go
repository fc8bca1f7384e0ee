package portal

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/admission"
	"infocig/shared/chat"
)

var key = Pseudonym{Key: []byte("k")}

const code = "FRRGLN84C52Z999T"

func TestCitizen(t *testing.T) {
	strong := admission.Login{Scheme: admission.SPID, Level: 2}
	base := Claims{Subject: "s", FiscalNumber: "TINIT-" + code, GivenName: "Giuliana", FamilyName: "Ferrantini", IDP: "spid", ACR: "https://www.spid.gov.it/SpidL2"}
	with := func(change func(*Claims)) Claims {
		c := base
		change(&c)
		return c
	}
	who := func(change func(*chat.Identity)) chat.Identity {
		i := chat.Identity{Side: chat.SideCitizen, ID: key.Of(code), Name: "Giuliana Ferrantini", Login: strong}
		change(&i)
		return i
	}
	three := `[{"fiscal_code":"1","name":"Uno","province":"MI","role":"consultant"},{"fiscal_code":"2","name":"Due","province":"NA","role":"consultant"}]`
	for name, test := range map[string]struct {
		claims  Claims
		company string
		want    chat.Identity
		err     error
	}{
		"worker": {
			claims: with(func(c *Claims) { c.Door, c.ResidenceProvince = MyINPS, "RM" }),
			want:   who(func(i *chat.Identity) { i.Audience, i.Role, i.Province = admission.Worker, admission.RoleWorker, "RM" }),
		},
		"a worker has no company": {claims: with(func(c *Claims) { c.Door = MyINPS }), company: "1", err: chat.Invalid},
		"owner": {
			claims: with(func(c *Claims) {
				c.Door, c.Role, c.CompanyFiscalCode, c.CompanyName, c.RegisteredOfficeProvince = Cassetto, "owner", "9", "Ditta", "MI"
			}),
			want: who(func(i *chat.Identity) {
				i.Audience, i.Role, i.Province, i.Company, i.CompanyName = admission.Employer, admission.RoleOwner, "MI", chat.CompanyID(key.Of("9")), "Ditta"
			}),
		},
		"the province is the company's": {
			claims: with(func(c *Claims) { c.Door, c.Companies, c.ResidenceProvince = Cassetto, three, "BA" }), company: "2",
			want: who(func(i *chat.Identity) {
				i.Audience, i.Role, i.Province, i.Company, i.CompanyName = admission.Intermediary, admission.RoleConsultant, "NA", chat.CompanyID(key.Of("2")), "Due"
			}),
		},
		"several companies, none named": {claims: with(func(c *Claims) { c.Door, c.Companies = Cassetto, three }), err: chat.Invalid},
		"a company of others":           {claims: with(func(c *Claims) { c.Door, c.Companies = Cassetto, three }), company: "3", err: chat.NotFound},
		"another role is an employee's": {
			claims: with(func(c *Claims) { c.Door, c.Role, c.RegisteredOfficeProvince = Cassetto, "boss", "BA" }),
			want: who(func(i *chat.Identity) {
				i.Audience, i.Role, i.Province = admission.Employer, admission.RoleEmployee, "BA"
			}),
		},
		"staff":          {claims: with(func(c *Claims) { c.Door = Institute }), err: chat.Forbidden},
		"no fiscal code": {claims: with(func(c *Claims) { c.Door, c.FiscalNumber = MyINPS, "" }), err: chat.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.claims.Citizen(key, test.company)
			if !errors.Is(err, test.err) {
				t.Fatalf("got error %v, want %v", err, test.err)
			}
			if d := cmp.Diff(test.want, got); err == nil && d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestLogin(t *testing.T) {
	for name, test := range map[string]struct {
		claims Claims
		want   admission.Login
	}{
		"level 1":       {Claims{IDP: "spid", ACR: "https://www.spid.gov.it/SpidL1"}, admission.Login{Scheme: admission.SPID, Level: 1}},
		"level 3":       {Claims{IDP: "spid", ACR: "https://www.spid.gov.it/SpidL3"}, admission.Login{Scheme: admission.SPID, Level: 3}},
		"no level":      {Claims{IDP: "spid"}, admission.Login{Scheme: admission.SPID}},
		"level like":    {Claims{IDP: "spid", ACR: "https://evil.example/SpidL3"}, admission.Login{Scheme: admission.SPID}},
		"identity card": {Claims{IDP: "cie"}, admission.Login{Scheme: admission.CIE}},
	} {
		if got := test.claims.Login(); got != test.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestStaff(t *testing.T) {
	c := Claims{Door: Institute, Subject: "advisor-1", GivenName: "Marta", Groups: []string{"advisors"}, Topics: []string{"workers"}}
	who, err := c.Staff(GroupAdvisors)
	want := chat.Identity{Side: chat.SideAdvisor, ID: "advisor-1", Name: "Marta", Groups: c.Groups, Topics: []chat.Topic{chat.WorkerCase}}
	if d := cmp.Diff(want, who); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	if _, err := c.Staff(GroupOperators); !errors.Is(err, chat.Forbidden) {
		t.Errorf("another group: %v", err)
	}
	c.Door = MyINPS
	if _, err := c.Staff(GroupAdvisors); !errors.Is(err, chat.Forbidden) {
		t.Errorf("groups claimed through another portal: %v", err)
	}
	c.Door, c.Topics = Institute, []string{"gardens"}
	if who, _ := c.Staff(GroupAdvisors); len(who.Topics) != 0 {
		t.Errorf("topics that we do not know: %v", who.Topics)
	}
}

func TestPseudonym(t *testing.T) {
	a := key.Of(code)
	if len(a) != 32 || a != key.Of("frrgln84c52z999t") || a == key.Of(code+"X") || a == (Pseudonym{Key: []byte("l")}).Of(code) {
		t.Errorf("got %q", a)
	}
}
