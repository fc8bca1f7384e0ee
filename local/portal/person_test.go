package portal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"infocig/shared/fiscal"
)

func TestFiscalCodesBelongToTheirPeople(t *testing.T) {
	omocodes := 0
	for _, p := range Ready() {
		code, err := fiscal.ParseCode(p.FiscalCode)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		if code.Plain() != code {
			omocodes++
		}
		if want := fiscalCode(t, p); code.Plain() != want {
			t.Errorf("%s: %s, want %s", p.ID, code.Plain(), want)
		}
	}
	if omocodes != 1 {
		t.Errorf("%d codes changed for omocodia, want 1", omocodes)
	}
}

func TestCompaniesHaveAValidNumber(t *testing.T) {
	for _, p := range Ready() {
		companies := p.Companies
		if p.Company != nil {
			companies = append(companies, *p.Company)
		}
		for _, c := range companies {
			if _, err := fiscal.ParseVAT(c.FiscalCode); err != nil || c.Name == "" || len(c.Province) != 2 {
				t.Errorf("%s: %+v: %v", p.ID, c, err)
			}
		}
	}
}

func TestThereIsSomebodyForEveryPart(t *testing.T) {
	count := map[string]int{}
	ids := map[string]bool{}
	for _, p := range Ready() {
		if ids[p.ID] {
			t.Errorf("id %s twice", p.ID)
		}
		ids[p.ID] = true
		count["issuer "+string(p.Issuer)]++
		count["login "+p.Login()]++
		if p.Issuer == MyINPS {
			count["worker "+p.Province]++
		}
		if p.Issuer == Cassetto {
			count["role "+p.Role]++
		}
		for _, g := range p.Groups {
			count["group "+g]++
		}
		if len(p.Topics) == 2 {
			count["both topics"]++
		}
	}
	for what, least := range map[string]int{
		"worker RM": 1, "worker MI": 1, "worker NA": 1, "worker BA": 1, "worker PZ": 1, "worker BZ": 1, "worker TO": 1, "worker AO": 1,
		"login SPID livello 1": 1, "login CIE": 1, "login CNS": 1,
		"role owner": 1, "role legal_representative": 1, "role consultant": 1, "role ": 1,
		"group advisors": 3, "both topics": 2, "group supervisors": 1, "group operators": 1, "group officers": 1,
	} {
		if count[what] < least {
			t.Errorf("%s: %d, want %d", what, count[what], least)
		}
	}
}

func TestConsultantHasThreeCompaniesAsJSON(t *testing.T) {
	for _, p := range Ready() {
		if p.Role != "consultant" {
			continue
		}
		var companies []Company
		if err := json.Unmarshal([]byte(p.Claims()["companies"].(string)), &companies); err != nil {
			t.Fatal(err)
		}
		provinces := ""
		for _, c := range companies {
			provinces += c.Province + " "
			if c.DelegationID == "" || c.Role != "consultant" {
				t.Errorf("%+v", c)
			}
		}
		if provinces != "MI NA BA " {
			t.Errorf("provinces %s", provinces)
		}
	}
}

// fiscalCode forms the code from name, day of birth and sex; the place is the
// one that does not exist.
func fiscalCode(t *testing.T, p Person) fiscal.Code {
	t.Helper()
	born, err := time.Parse(time.DateOnly, p.Born)
	if err != nil {
		t.Fatal(err)
	}
	day := born.Day()
	if p.Sex == "F" {
		day += 40
	}
	first := nameCode(p.FamilyName, false) + nameCode(p.GivenName, true) +
		fmt.Sprintf("%02d%c%02d", born.Year()%100, "ABCDEHLMPRST"[born.Month()-1], day) + "Z999"
	return fiscal.Code(first + string(fiscal.CheckLetter(first)))
}

// nameCode takes consonants, then vowels, then X; of the consonants of a given
// name the first, third and fourth, if there are so many.
func nameCode(name string, given bool) string {
	var consonants, vowels string
	for _, r := range strings.ToUpper(norm.NFD.String(name)) {
		switch {
		case strings.ContainsRune("AEIOU", r):
			vowels += string(r)
		case 'A' <= r && r <= 'Z':
			consonants += string(r)
		}
	}
	if given && len(consonants) > 3 {
		consonants = consonants[:1] + consonants[2:4]
	}
	return (consonants + vowels + "XXX")[:3]
}

func TestClaimsOfAnOwner(t *testing.T) {
	i := slices.IndexFunc(Ready(), func(p Person) bool { return p.ID == "owner-mi" })
	want := map[string]any{
		"sub": "owner-mi", "acr": "https://www.spid.gov.it/SpidL2", "idp": "spid", "fiscal_number": "TINIT-CLMDLA68D54Z999F",
		"given_name": "Adele", "family_name": "Colombetti", "residence_province": "MI", "role": "owner",
		"company_fiscal_code": "99999010152", "company_name": "Officine Lambretti S.r.l.", "registered_office_province": "MI",
	}
	if diff := cmp.Diff(want, Ready()[i].Claims()); diff != "" {
		t.Error(diff)
	}
}
