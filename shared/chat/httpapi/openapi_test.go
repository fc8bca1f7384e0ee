package httpapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/rollout"
	"infocig/shared/code"
	"infocig/shared/hours"
	"infocig/shared/http/portal"
	"infocig/shared/http/rest"
	"infocig/shared/lineainps"
)

func spec(t *testing.T) *openapi3.T {
	t.Helper()
	d, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-document +code):\n%s", what, d)
	}
}

func TestRoutesAreDocumented(t *testing.T) {
	a := &API{}
	byTag := map[string]rest.Routes{"citizen": a.Citizen(), "advisor": a.Advisor(), "operator": a.Operator(), "linea": a.Webhook()}
	documented := map[string][]string{}
	for path, item := range spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			tag := op.Tags[0]
			if tag == "everybody" {
				tag = "citizen" // the same function answers
				if op.Security == nil || len(*op.Security) > 0 {
					t.Errorf("%s %s is for everybody, but documented with a token", method, path)
				}
			}
			if tag == "supervisor" {
				tag = "operator" // the same function answers
			}
			documented[tag] = append(documented[tag], method+" "+path)
		}
	}
	for tag, routes := range byTag {
		slices.Sort(documented[tag])
		same(t, "routes of "+tag, slices.Sorted(maps.Keys(routes)), documented[tag])
	}
}

// TestFailuresAreDocumented checks that the specification has the failures of every route: any
// request may fail, and any token may be invalid, of the wrong person, or impossible to verify
// now.
func TestFailuresAreDocumented(t *testing.T) {
	for path, item := range spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			want := []string{"500", "503"}
			if op.Security == nil {
				want = append(want, "401", "403")
			}
			for _, status := range want {
				if op.Responses.Value(status) == nil {
					t.Errorf("%s %s: %s is not documented", method, path, status)
				}
			}
			if r := op.Responses.Value("503"); r != nil && r.Value.Headers["Retry-After"] == nil {
				t.Errorf("%s %s: 503 without Retry-After", method, path)
			}
		}
	}
}

func TestBodiesAreDocumented(t *testing.T) {
	d := spec(t)
	seen := []string{"GatewayMessage"} // API Gateway's, not ours
	for name, v := range map[string]any{
		"Problem": rest.Problem{}, "Answer": admission.Answer{}, "WaitAnswer": admission.WaitAnswer{}, "Channel": admission.Channel{},
		"Me": meAnswer{}, "Company": company{}, "Cases": casesAnswer{}, "Case": cases.Case{}, "CompanyRequest": companyRequest{}, "Slip": slipAnswer{},
		"Ticket": ticketAnswer{}, "Colleagues": colleaguesAnswer{}, "Colleague": colleague{}, "Notes": notesAnswer{}, "Note": note{},
		"Escalations": escalationsAnswer{}, "Escalation": escalation{}, "Event": lineainps.Event{},
		"Rules": rulesBody{}, "Closure": hours.Closure{}, "ClosureRequest": closureRequest{}, "ClosureAnswer": closureAnswer{}, "Phase": rollout.Phase{},
		"Waiting": waitingAnswer{}, "Attendance": attendance{}, "Place": waitingPlace{}, "Waiter": waiterAnswer{}, "FrontRequest": frontRequest{},
	} {
		seen = append(seen, name)
		ref := d.Components.Schemas[name]
		if ref == nil {
			t.Errorf("%s is not documented", name)
			continue
		}
		var all, required []string
		for f := range reflect.TypeOf(v).Fields() {
			if !f.IsExported() {
				continue
			}
			tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			all = append(all, tag)
			if opts == "" {
				required = append(required, tag)
			}
		}
		slices.Sort(all)
		same(t, "fields of "+name, all, slices.Sorted(maps.Keys(ref.Value.Properties)))
		slices.Sort(required)
		slices.Sort(ref.Value.Required)
		same(t, "required fields of "+name, required, ref.Value.Required)
	}
	slices.Sort(seen)
	same(t, "schemas", seen, slices.Sorted(maps.Keys(d.Components.Schemas)))
}

func TestCodesAreDocumented(t *testing.T) {
	d := spec(t)
	enum := func(schema, property string) []string {
		var all []string
		for _, v := range d.Components.Schemas[schema].Value.Properties[property].Value.Enum {
			all = append(all, v.(string))
		}
		slices.Sort(all)
		return all
	}
	codes := []string{}
	for code := range rest.Statuses {
		codes = append(codes, string(code))
	}
	slices.Sort(codes)
	same(t, "codes", codes, enum("Problem", "code"))
	for _, code := range code.Codes {
		if rest.Statuses[code] == 0 {
			t.Errorf("%s has no status", code)
		}
	}
	refusals := []string{string(portal.NoFiscalNumber), string(portal.OtherFiscalNumber), string(portal.MalformedFiscalNumber)}
	for _, r := range []admission.Reason{admission.RoleNotAdmitted, admission.NoCompanies, admission.SPIDLevelTooLow, admission.SchemeNotAccepted} {
		refusals = append(refusals, string(r))
	}
	for _, r := range []admission.ParamReason{
		admission.Missing, admission.Unknown, admission.Malformed, admission.OutOfRange, admission.Repeated, admission.Unexpected, admission.Contradictory,
	} {
		refusals = append(refusals, string(r))
	}
	slices.Sort(refusals)
	same(t, "reasons of problems", refusals, enum("Problem", "reason"))
	texts := func(all ...admission.Reason) []string {
		var s []string
		for _, r := range all {
			s = append(s, string(r))
		}
		slices.Sort(s)
		return s
	}
	same(t, "reasons", texts(admission.InHours, admission.Unattended, admission.LongWait, admission.NoRoom, admission.OutsideHours, admission.OnHoliday,
		admission.OnClosure, admission.PhaseDated, admission.PhaseUndated, admission.RoleNotAdmitted, admission.NoCompanies, admission.SPIDLevelTooLow,
		admission.SchemeNotAccepted, admission.ServiceUnavailable), enum("Answer", "reason"))
}
