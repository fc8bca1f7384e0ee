package admission_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/admission"
	"infocig/shared/identity"
)

func TestParseQuery(t *testing.T) {
	now := rome(t, "2023-02-13 16:00:00")
	want := func(a identity.Audience, r identity.Role, province string, at time.Time) admission.Request {
		return admission.Request{At: at, Login: spid2, Audience: a, Role: r, Province: province}
	}
	opening := rome(t, "2022-12-15 15:00:00")
	tests := map[string]struct {
		query string
		want  admission.Request
	}{
		"worker, by default now":            {"audience=worker&province=RM", want(identity.Worker, identity.RoleWorker, "RM", now)},
		"worker says so twice":              {"audience=worker&role=worker&province=RM", want(identity.Worker, identity.RoleWorker, "RM", now)},
		"employer":                          {"audience=employer&role=owner&province=MI", want(identity.Employer, identity.RoleOwner, "MI", now)},
		"employer's consultant":             {"audience=employer&role=consultant&province=MI", want(identity.Employer, identity.RoleConsultant, "MI", now)},
		"employee of the firm is an answer": {"audience=employer&role=employee&province=MI", want(identity.Employer, identity.RoleEmployee, "MI", now)},
		"intermediary is a consultant":      {"audience=intermediary&province=MI", want(identity.Intermediary, identity.RoleConsultant, "MI", now)},
		"intermediary's employee":           {"audience=intermediary&role=employee&province=MI", want(identity.Intermediary, identity.RoleEmployee, "MI", now)},
		"province of lower case":            {"audience=worker&province=+rm+", want(identity.Worker, identity.RoleWorker, "RM", now)},
		"no province":                       {"audience=worker", want(identity.Worker, identity.RoleWorker, "", now)},
		"province by name":                  {"audience=worker&province=Roma", want(identity.Worker, identity.RoleWorker, "", now)},
		"residents abroad":                  {"audience=worker&province=EE", want(identity.Worker, identity.RoleWorker, "EE", now)},
		"instant in UTC":                    {"audience=worker&province=RM&at=2022-12-15T14:00:00Z", want(identity.Worker, identity.RoleWorker, "RM", opening)},
		"instant with escaped offset":       {"audience=worker&province=RM&at=2022-12-15T15:00:00%2B01:00", want(identity.Worker, identity.RoleWorker, "RM", opening)},
		"instant with unescaped offset":     {"audience=worker&province=RM&at=2022-12-15T15:00:00+01:00", want(identity.Worker, identity.RoleWorker, "RM", opening)},
		"first instant":                     {"audience=worker&province=RM&at=2020-12-31T23:00:00Z", want(identity.Worker, identity.RoleWorker, "RM", rome(t, "2021-01-01 00:00:00"))},
		"last second":                       {"audience=worker&province=RM&at=2100-12-31T23:59:59%2B01:00", want(identity.Worker, identity.RoleWorker, "RM", rome(t, "2100-12-31 23:59:59"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := admission.ParseQuery(q, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	tests := map[string]struct {
		query  string
		param  string
		reason admission.ParamReason
	}{
		"no audience":                  {"province=RM", "audience", admission.Missing},
		"empty audience":               {"audience=&province=RM", "audience", admission.Missing},
		"unknown audience":             {"audience=Worker&province=RM", "audience", admission.Unknown},
		"audience twice":               {"audience=worker&audience=worker&province=RM", "audience", admission.Repeated},
		"employer without role":        {"audience=employer&province=MI", "role", admission.Missing},
		"empty role":                   {"audience=worker&role=&province=MI", "role", admission.Missing},
		"unknown role":                 {"audience=employer&role=director&province=MI", "role", admission.Unknown},
		"worker who is owner":          {"audience=worker&role=owner&province=MI", "role", admission.Contradictory},
		"worker who is employee":       {"audience=worker&role=employee&province=MI", "role", admission.Contradictory},
		"employer who is worker":       {"audience=employer&role=worker&province=MI", "role", admission.Contradictory},
		"intermediary who is owner":    {"audience=intermediary&role=owner&province=MI", "role", admission.Contradictory},
		"intermediary who represents":  {"audience=intermediary&role=legal_representative&province=MI", "role", admission.Contradictory},
		"empty instant":                {"audience=worker&province=RM&at=", "at", admission.Malformed},
		"date without time":            {"audience=worker&province=RM&at=2023-02-13", "at", admission.Malformed},
		"instant without offset":       {"audience=worker&province=RM&at=2023-02-13T16:00:00", "at", admission.Malformed},
		"hour of one digit":            {"audience=worker&province=RM&at=2023-02-13T6:00:00Z", "at", admission.Malformed},
		"comma before the fraction":    {"audience=worker&province=RM&at=2023-02-13T16:00:00,5Z", "at", admission.Malformed},
		"offset of 99 hours":           {"audience=worker&province=RM&at=2023-02-13T16:00:00%2B99:00", "at", admission.Malformed},
		"day of no calendar":           {"audience=worker&province=RM&at=2023-02-30T16:00:00Z", "at", admission.Malformed},
		"blank in the wrong place":     {"audience=worker&province=RM&at=2023-02-13+16:00:00Z", "at", admission.Malformed},
		"before the service":           {"audience=worker&province=RM&at=2020-12-31T22:59:59Z", "at", admission.OutOfRange},
		"after 2100":                   {"audience=worker&province=RM&at=2101-01-01T00:00:00%2B01:00", "at", admission.OutOfRange},
		"unknown parameter":            {"audience=worker&province=RM&lang=it", "lang", admission.Unexpected},
		"parameter in another case":    {"audience=worker&province=RM&At=2023-02-13T16:00:00Z", "At", admission.Unexpected},
		"unknown comes before missing": {"zone=1", "zone", admission.Unexpected},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			_, err = admission.ParseQuery(q, time.Now())
			var fault *admission.ParamError
			if !errors.As(err, &fault) {
				t.Fatalf("error is %v, want a ParamError", err)
			}
			if diff := cmp.Diff(&admission.ParamError{Param: tt.param, Reason: tt.reason}, fault); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
