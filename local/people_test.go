package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"infocig/shared/fiscal"
)

// token is a token of a person with other claims; nil takes one away.
func token(t *testing.T, s *server, issuer, person string, claims map[string]any) string {
	t.Helper()
	status, v, _ := request(t, "POST", s.base+"/dev/token", "", map[string]any{"issuer": issuer, "person": person, "claims": claims})
	same(t, "token", status, http.StatusOK)
	return v["access_token"].(string)
}

// TestWhoIsNotLetInIsToldWhy goes to every route of a citizen's with fiscal numbers that
// are none.
func TestWhoIsNotLetInIsToldWhy(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	for number, reason := range map[string]any{
		"TINIT-FRRGLN84C52Z999A": "fiscal_number_malformed", "ABC": "fiscal_number_malformed", "' OR 1=1": "fiscal_number_malformed",
		"TINDE-123456789": "fiscal_number_other_scheme", "VATIT-12345678903": "fiscal_number_other_scheme", "": "fiscal_number_missing",
		" tinit-frrgln84c52z999t ": nil, "FRRGLN84C52Z999T": nil, "12345678903": nil,
	} {
		someone := token(t, s, "myinps", "worker-rm", map[string]any{"fiscal_number": number})
		for _, route := range []string{"GET /v1/me", "GET /v1/cases", "GET /v1/escalations", "POST /v1/tickets", "POST /v1/logout"} {
			method, path, _ := strings.Cut(route, " ")
			body := map[string]any{}
			if method == "GET" || strings.HasSuffix(path, "logout") {
				body = nil
			}
			status, v, raw := request(t, method, s.base+path, someone, body)
			title, _ := v["title"].(string)
			if reason == nil && status >= 300 || reason != nil && (status != http.StatusForbidden || v["reason"] != reason || !strings.Contains(title, "codice fiscale")) {
				t.Errorf("%q, %s: %d %s", number, route, status, raw)
			}
		}
	}
}

// TestCompaniesThatAreNotAsTheyShouldBe: the bad ones are left out, and none is said.
func TestCompaniesThatAreNotAsTheyShouldBe(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	people := 10
	company := func(code any, role string) map[string]any {
		return map[string]any{"fiscal_code": code, "name": "Tessitura\nNavigli\u202e S.r.l.", "province": "mi", "role": role}
	}
	for name, test := range map[string]struct {
		companies any
		count     int
		state     string
	}{
		"none":                     {[]any{}, 0, "not_admitted"},
		"no JSON":                  {"{x", 0, "not_admitted"},
		"none with a code":         {[]any{company("", "consultant"), company("99999030151", "consultant")}, 0, "not_admitted"},
		"a number and a bad one":   {[]any{company(99999030150, "consultant"), company(nil, "consultant")}, 1, "open"},
		"twice, once as employee":  {[]any{company("99999030150", "employee"), company("99999030150", "legal_representative")}, 1, "open"},
		"somebody who trades":      {[]any{company("FRRGLN84C52Z999T", "owner")}, 1, "open"},
		"only as employee":         {[]any{company("99999030150", "employee")}, 1, "not_admitted"},
		"an employee and an owner": {[]any{company("99999030150", "employee"), company("99999040639", "owner")}, 2, "not_admitted"},
	} {
		first10 := fmt.Sprintf("77777777%02d", people) // somebody else each time: who has a conversation has it still
		people++
		someone := token(t, s, "cassetto", "consultant", map[string]any{"companies": test.companies, "fiscal_number": first10 + string(fiscal.CheckDigit(first10))})
		status, me, raw := request(t, "GET", s.base+"/v1/me", someone, nil)
		companies, _ := me["companies"].([]any)
		if status != http.StatusOK || len(companies) != test.count {
			t.Errorf("%s: %d %s", name, status, raw)
			continue
		}
		decision := me["decisions"].([]any)[0].(map[string]any)
		same(t, name, decision["state"], any(test.state))
		if test.count == 0 && (decision["reason"] != "no_companies" || !strings.Contains(decision["text"].(string), "Non risultano aziende per cui puoi agire")) {
			t.Errorf("%s: %v", name, decision)
		}
		if strings.Contains(raw, "—") || strings.Contains(raw, "FRRGLN84C52Z999T") || strings.Contains(raw, "99999030150") || strings.Contains(raw, `\n`) {
			t.Errorf("%s: %s", name, raw)
		}
		body := map[string]any{}
		if test.count > 0 {
			same(t, name+": its name", companies[0].(map[string]any)["name"], any("Tessitura Navigli S.r.l."))
			body["company"] = companies[0].(map[string]any)["id"]
		}
		status, problem, raw := request(t, "GET", s.base+"/v1/cases?company="+str(body["company"]), someone, nil)
		if admitted := test.state == "open"; admitted != (status == http.StatusOK) || !admitted && problem["title"] != decision["text"] {
			t.Errorf("%s: cases: %d %s", name, status, raw)
		}
		v := dial(t, s, "/v1/tickets", someone, body).ask("join", map[string]any{"topic": "employer_case"})
		if d, _ := v["decision"].(map[string]any); test.state == "open" && v["event"] != "queued" || test.state != "open" && d["text"] != decision["text"] {
			t.Errorf("%s: join: %v", name, v)
		}
	}
}

func str(v any) string { s, _ := v.(string); return s }

// TestAProvisionalNumberIsAPersons: somebody whose code is provisional is served to the
// end, and the office takes what is escalated.
func TestAProvisionalNumberIsAPersons(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	someone := token(t, s, "cassetto", "consultant", map[string]any{"fiscal_number": "TINIT-12345678903"})
	_, me, _ := request(t, "GET", s.base+"/v1/me", someone, nil)
	company := me["companies"].([]any)[0].(map[string]any)["id"]
	_, own, _ := request(t, "GET", s.base+"/v1/cases?company="+str(company), someone, nil)
	about := own["cases"].([]any)[0].(map[string]any)["id"]
	c := dial(t, s, "/v1/tickets", someone, map[string]any{"company": company})
	id := c.must("join", map[string]any{"topic": "employer_case", "cases": []any{about}})["conversation"]
	a := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-1"), nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 1})
	a.until("offered")
	a.must("accept", map[string]any{"conversation": id})
	a.must("escalate", map[string]any{"conversation": id, "number": 1, "case": about, "text": "Manca l'accordo"})
	c.until("escalation")
	same(t, "status", c.news()["escalation"].(map[string]any)["status"], any("delivered"))
}
