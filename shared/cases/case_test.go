package cases

import (
	"errors"
	"testing"

	"infocig/shared/code"
	"infocig/shared/fiscal"
	"infocig/shared/identity"
)

// TestCodesAreValid: synthetic people and companies have codes that could be real.
func TestCodesAreValid(t *testing.T) {
	_, err := Synthetic(func(code string) string {
		_, person := fiscal.ParseCode(code)
		_, company := fiscal.ParseVAT(code)
		if person != nil && company != nil {
			t.Errorf("%s is the code of nobody: %v, %v", code, person, company)
		}
		return code
	})
	if err != nil {
		t.Fatal(err)
	}
}

func plain(code string) string { return code }

func TestSyntheticCases(t *testing.T) {
	b, err := Synthetic(plain)
	if err != nil {
		t.Fatal(err)
	}
	worker := identity.Identity{ID: "FRRGLN84C52Z999T"}
	own, err := b.Of(t.Context(), worker)
	if err != nil || len(own) != 2 {
		t.Fatalf("own cases: %v %v", own, err)
	}
	refs, err := b.Refs(t.Context(), worker)
	if err != nil || len(refs) != 2 || refs[0] != (Ref{ID: own[0].ID, Office: own[0].Office}) {
		t.Errorf("Refs: %v %v", refs, err)
	}
	// Who acts for a company sees the company's cases and not the own ones.
	employer := identity.Identity{ID: worker.ID, Company: "99999010152"}
	own, err = b.Of(t.Context(), employer)
	if err != nil || len(own) != 1 || own[0].Company != "Officine Lambretti S.r.l." {
		t.Errorf("the company's cases: %v %v", own, err)
	}
	// A sole trader's company has the person's fiscal code, and other cases than the worker.
	own, err = b.Of(t.Context(), identity.Identity{ID: "x", Company: "FRRGLN84C52Z999T"})
	if err != nil || len(own) != 0 {
		t.Errorf("cases of a worker for who acts for the company of the same code: %v %v", own, err)
	}
	statuses := map[Status]bool{}
	for _, c := range b.byID {
		statuses[c.Status] = true
		if c.Office == "" || c.OfficeName == "" || c.Benefit == "" || c.Payer == "" || c.From > c.To {
			t.Errorf("%s is not complete: %+v", c.ID, c)
		}
	}
	for _, s := range []Status{Received, UnderExamination, NeedsDocument, Authorised, PaymentOrdered, Paid, Rejected} {
		if !statuses[s] {
			t.Errorf("no case is %s", s)
		}
	}
	if _, err := b.Get(t.Context(), "none"); !errors.Is(err, code.NotFound) {
		t.Errorf("Get: %v", err)
	}
}
