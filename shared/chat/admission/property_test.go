package admission_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"infocig/shared/chat/admission"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

// drawRequest draws any request, sensible or not.
func drawRequest(t *rapid.T) admission.Request {
	minutes := rapid.IntRange(0, 240)
	from := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	at := from.Add(time.Duration(rapid.IntRange(0, 7*365*24*60).Draw(t, "at")) * time.Minute)
	if rapid.Bool().Draw(t, "in the afternoon") {
		y, m, d := at.Date()
		at = time.Date(y, m, d, 15, rapid.IntRange(0, 179).Draw(t, "minute"), 0, 0, hours.Rome())
	}
	return admission.Request{
		At: at,
		Login: identity.Login{
			Scheme: rapid.SampledFrom([]identity.Scheme{identity.SPID, identity.CIE, identity.CNS, ""}).Draw(t, "scheme"),
			Level:  rapid.IntRange(0, 3).Draw(t, "level"),
		},
		Audience: rapid.SampledFrom([]identity.Audience{identity.Worker, identity.Employer, identity.Intermediary, ""}).Draw(t, "audience"),
		Role: rapid.SampledFrom([]identity.Role{identity.RoleWorker, identity.RoleOwner, identity.RoleLegalRepresentative,
			identity.RoleConsultant, identity.RoleEmployee, ""}).Draw(t, "role"),
		Province: rapid.SampledFrom([]string{"RM", "MI", "NA", "BA", "AO", "EE", ""}).Draw(t, "province"),
		Company:  rapid.SampledFrom([]string{"", "Rossi S.r.l."}).Draw(t, "company"),
		Load: admission.Load{
			Known:    rapid.Bool().Draw(t, "known"),
			LowWait:  time.Duration(minutes.Draw(t, "low")) * time.Minute,
			HighWait: time.Duration(minutes.Draw(t, "high")) * time.Minute,
			Handling: time.Duration(minutes.Draw(t, "handling")) * time.Minute,
		},
	}
}

// TestDecideIsTotal checks that Decide answers every request with a state, its reason and a
// sentence, and that each state has the data that a person needs, and none that misleads.
func TestDecideIsTotal(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		d := p.Decide(r)
		if d.Reason == "" || d.Text == "" {
			t.Fatalf("no grounds: %+v", d)
		}
		switch d.State {
		case admission.Open, admission.Busy:
			if !d.Until.After(r.At) || !d.OpensAt.IsZero() || d.Phase == "" {
				t.Fatalf("%+v", d)
			}
		case admission.Full:
			if !d.OpensAt.After(d.Until) || d.Since.After(r.At) || d.Since.IsZero() {
				t.Fatalf("%+v", d)
			}
		case admission.Closed:
			if !d.OpensAt.After(r.At) || !d.OpensAt.Equal(d.Until) {
				t.Fatalf("%+v", d)
			}
		case admission.NotYet:
			if d.From.IsZero() != (d.Reason == admission.PhaseUndated) || !d.From.IsZero() && !d.From.After(r.At) {
				t.Fatalf("%+v", d)
			}
		case admission.NotAdmitted, admission.LoginTooWeak:
		default:
			t.Fatalf("unknown state %q", d.State)
		}
	})
}

// TestNotAdmittedIsNeverToldAnOpening checks that a person who is not admitted is never told
// to come back at 15:00.
func TestNotAdmittedIsNeverToldAnOpening(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		d := p.Decide(drawRequest(t))
		switch d.State {
		case admission.NotYet, admission.NotAdmitted, admission.LoginTooWeak:
			if !d.OpensAt.IsZero() || !d.Until.IsZero() || d.Closure != "" {
				t.Fatalf("%+v", d)
			}
		}
	})
}

// TestAdmittedAreServedBeforeClosing checks that no person who is admitted with a known load
// is left unserved: the wait and the conversation end by closing time.
func TestAdmittedAreServedBeforeClosing(t *testing.T) {
	p := policy(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		d := p.Decide(r)
		if d.Admitted() && r.Load.Known && r.At.Add(r.Load.HighWait+r.Load.Handling).After(d.Until) {
			t.Fatalf("admitted at %v until %v: %+v", r.At, d.Until, r.Load)
		}
	})
}
