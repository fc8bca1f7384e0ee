package rollout_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"infocig/shared/chat/rollout"
	"infocig/shared/hours"
)

func TestDefault(t *testing.T) {
	p := plan(t)
	var ids []string
	for _, phase := range p.Phases {
		ids = append(ids, phase.ID)
	}
	if diff := cmp.Diff([]string{"W1", "W2", "W3", "E1", "E2", "E3"}, ids); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"owner", "legal_representative", "consultant"}, p.EmployerRoles); diff != "" {
		t.Errorf("roles of employers (-want +got):\n%s", diff)
	}
	h := p.OpeningHours
	if diff := cmp.Diff(hours.MondayToFriday(), h.Days); diff != "" || h.Opens != hours.Clock(15, 0) || h.Closes != hours.Clock(18, 0) {
		t.Errorf("hours are %v, %v to %v", h.Days, h.Opens, h.Closes)
	}
	for _, phase := range p.Phases {
		if want := phase.ID == "E3"; (phase.Basis == rollout.External) != want {
			t.Errorf("phase %s has basis %s", phase.ID, phase.Basis)
		}
	}
}

func TestPlanSurvivesJSON(t *testing.T) {
	want := plan(t)
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := rollout.ParsePlan(data, want.Provinces())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(rollout.Plan{})); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
}

// TestParsePlanRefuses changes one thing in the embedded plan.
func TestParsePlanRefuses(t *testing.T) {
	tests := map[string]struct {
		old, new string
		want     string
	}{
		"unknown sigla":             {`"MI"` + "\n      ],\n      \"roles\": [\n        \"owner\"", `"XX"` + "\n      ],\n      \"roles\": [\n        \"owner\"", `phase E1: provinces: unknown sigla "XX"`},
		"sigla of lower case":       {`"TO",` + "\n        \"RM\"", `"TO",` + "\n        \"rm\"", `phase E2: provinces: unknown sigla "rm"`},
		"sigla twice":               {`"TO",` + "\n        \"RM\"", `"TO",` + "\n        \"TO\"", `phase E2: provinces: TO comes twice`},
		"no province":               {`"provinces": "*"`, `"provinces": []`, `phase W3: provinces: there is none`},
		"area that is no list":      {`"provinces": "*"`, `"provinces": "Italia"`, `cannot unmarshal`},
		"ID twice":                  {`"id": "E2"`, `"id": "E1"`, `phase E1: id: comes twice`},
		"no ID":                     {`"id": "E2"`, `"id": ""`, `phase #5: id: empty`},
		"unknown audience":          {`"audience": "employer"`, `"audience": "company"`, `phase E1: audience: unknown audience "company"`},
		"matched on something else": {`"match_on": "registered_office_province"`, `"match_on": "residence_province"`, `phase E1: match_on: must be registered_office_province`},
		"malformed date":            {`"from": "2022-12-15"`, `"from": "15/12/2022"`, `"15/12/2022" is not a date`},
		"date of no calendar":       {`"from": "2023-02-13"`, `"from": "2023-02-30"`, `"2023-02-30" is not a date`},
		"empty date":                {`"from": "2022-12-15"`, `"from": ""`, `"" is not a date`},
		"start before announcement": {`"announced_on": "2022-12-14"`, `"announced_on": "2022-12-16"`, `phase E1: announced_on: after the start`},
		"start that is not stated":  {`"from": "2021-05-10",`, ``, `phase W1: from: neither a date`},
		"bounds of a known start":   {`"from": "2022-12-15"`, `"from": "2022-12-15", "from_after": "2022-01-01"`, `phase E1: from: is known`},
		"bounds in the wrong order": {`"from_before": "2022-01-31"`, `"from_before": "2021-01-31"`, `phase W2: from_before: not after from_after`},
		"role that is missing":      {`"legal_representative",` + "\n        \"consultant\"", `"consultant"`, `phase E1: roles: must be exactly owner, legal_representative, consultant`},
		"role twice":                {`"legal_representative",` + "\n    \"consultant\"", `"owner",` + "\n    \"consultant\"", `employer_roles: owner comes twice`},
		"unknown basis":             {`"basis": "external",` + "\n      \"source\"", `"basis": "rumour",` + "\n      \"source\"", `phase E3: basis: unknown basis "rumour"`},
		"unknown field":             {`"experimental"`, `"experimetal"`, `unknown field "experimetal"`},
		"key twice":                 {`"id": "W2",`, `"id": "W2", "id": "W9",`, `key "id" comes twice`},
		"key twice in another case": {`"id": "W2",`, `"id": "W2", "ID": "W9",`, `key "ID" comes twice`},
		"another time zone":         {`Europe/Rome`, `Europe/Paris`, `time_zone: must be Europe/Rome`},
		"hours that make no sense":  {`"closes": "18:00"`, `"closes": "14:00"`, `opening_hours: hours: closes: 14:00 is not after 15:00`},
		"something after the end":   {"\n}\n", "\n}{}\n", `more than one document`},
		"nothing":                   {"{\n  \"service\"", "[\n  \"service\"", `rollout: `},
	}
	data, err := os.ReadFile("data/infocig_rollout.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(data), tt.old) {
				t.Fatalf("the plan does not hold %q", tt.old)
			}
			_, err := rollout.ParsePlan([]byte(strings.Replace(string(data), tt.old, tt.new, 1)), plan(t).Provinces())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestParsePlanReportsAllFaults(t *testing.T) {
	data, err := json.Marshal(rollout.Plan{
		TimeZone: "Europe/Rome",
		Phases:   []rollout.Phase{{ID: "X", Audience: rollout.Worker, From: "2024-01-01"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = rollout.ParsePlan(data, plan(t).Provinces())
	for _, want := range []string{
		"opening_hours:", "employer_roles: there is none", "phase X: match_on:", "phase X: roles:",
		"phase X: provinces: there is none", "phase X: basis:", "phase X: source: there is none",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q:\n%v", want, err)
		}
	}
	var fault *rollout.PlanError
	if !errors.As(err, &fault) {
		t.Errorf("%v holds no PlanError", err)
	}
}
