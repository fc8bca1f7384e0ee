package admission_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/rollout"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

func policy(t testing.TB, closures ...hours.Closure) admission.Policy {
	t.Helper()
	plan, err := rollout.Default()
	if err != nil {
		t.Fatal(err)
	}
	h := plan.OpeningHours
	calendar, err := hours.New(h.Days, h.Opens, h.Closes, true, closures...)
	if err != nil {
		t.Fatal(err)
	}
	return admission.Policy{Calendar: calendar, Plan: plan}
}

// rome returns an instant by the clock in Italy. It is written as "2022-12-15 15:00:00".
func rome(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateTime, s, hours.Rome())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

var spid2 = identity.Login{Scheme: identity.SPID, Level: 2}

// worker and company make requests at an instant, with a strong login and no load.
func worker(t testing.TB, province, at string) admission.Request {
	return admission.Request{
		At: rome(t, at), Login: spid2, Audience: identity.Worker,
		Role: identity.RoleWorker, Province: province,
	}
}

func company(t testing.TB, role identity.Role, province, at string) admission.Request {
	return admission.Request{
		At: rome(t, at), Login: spid2, Audience: identity.Employer,
		Role: role, Province: province, Company: "Rossi S.r.l.",
	}
}

// TestAcceptance is the acceptance table of the requirements, row by row.
func TestAcceptance(t *testing.T) {
	const (
		owner      = identity.RoleOwner
		consultant = identity.RoleConsultant
	)
	milan := admission.Decision{Phase: "E1", Experimental: true, ProvinceName: "Milano", Company: "Rossi S.r.l."}
	naples := admission.Decision{Phase: "E2", ProvinceName: "Napoli", Company: "Rossi S.r.l."}
	everywhere := admission.Decision{Phase: "W3", ProvinceName: "Palermo"}

	open := func(d admission.Decision, until string) admission.Decision {
		d.State, d.Reason, d.Text = admission.Open, admission.InHours, "open.body"
		d.Until = rome(t, until)
		return d
	}
	closed := func(d admission.Decision, opens string) admission.Decision {
		d.State, d.Reason, d.Text = admission.Closed, admission.OutsideHours, "closed.body"
		d.Until, d.OpensAt = rome(t, opens), rome(t, opens)
		return d
	}
	early := func(d admission.Decision) admission.Decision {
		d.Early, d.Text = true, "early.body"
		return d
	}
	today := func(d admission.Decision) admission.Decision {
		d.Text = "closed.today"
		return d
	}
	holiday := func(d admission.Decision, name, opens string) admission.Decision {
		d = closed(d, opens)
		d.Reason, d.Text, d.Closure = admission.OnHoliday, "closed.holiday", name
		return d
	}

	tests := map[string]struct {
		request admission.Request
		want    admission.Decision
	}{
		"2021-05-07 worker RM is told 10 May": {
			worker(t, "RM", "2021-05-07 16:00:00"),
			admission.Decision{
				State: admission.NotYet, Reason: admission.PhaseDated, Text: "rollout.dated",
				From: rome(t, "2021-05-10 00:00:00"), Phase: "W1", Experimental: true, ProvinceName: "Roma",
			},
		},
		"2022-12-14 owner MI is told 15 December": {
			company(t, owner, "MI", "2022-12-14 16:00:00"),
			admission.Decision{
				State: admission.NotYet, Reason: admission.PhaseDated, Text: "rollout.dated",
				From: rome(t, "2022-12-15 00:00:00"), Phase: "E1", Experimental: true,
				ProvinceName: "Milano", Company: "Rossi S.r.l.",
			},
		},
		"2022-12-15 15:00:00 consultant MI": {
			company(t, consultant, "MI", "2022-12-15 15:00:00"),
			open(milan, "2022-12-15 18:00:00"),
		},
		"2022-12-15 14:59:59 consultant MI": {
			company(t, consultant, "MI", "2022-12-15 14:59:59"),
			early(closed(milan, "2022-12-15 15:00:00")),
		},
		"2022-12-15 14:44:59 no numbers yet": {
			company(t, consultant, "MI", "2022-12-15 14:44:59"),
			today(closed(milan, "2022-12-15 15:00:00")),
		},
		"2022-12-15 14:45:00 numbers": {
			company(t, consultant, "MI", "2022-12-15 14:45:00"),
			early(closed(milan, "2022-12-15 15:00:00")),
		},
		"2022-12-17 14:50:00 no numbers on a Saturday": {
			company(t, consultant, "MI", "2022-12-17 14:50:00"),
			closed(milan, "2022-12-19 15:00:00"),
		},
		"2022-12-15 18:00:00 consultant MI": {
			company(t, consultant, "MI", "2022-12-15 18:00:00"),
			closed(milan, "2022-12-16 15:00:00"),
		},
		"2022-12-23 18:00:00 consultant MI waits for 27 December": {
			company(t, consultant, "MI", "2022-12-23 18:00:00"),
			closed(milan, "2022-12-27 15:00:00"),
		},
		"2023-02-13 company BA: date not known": {
			company(t, owner, "BA", "2023-02-13 16:00:00"),
			admission.Decision{
				State: admission.NotYet, Reason: admission.PhaseUndated, Text: "rollout.undated",
				ProvinceName: "Bari", Company: "Rossi S.r.l.",
			},
		},
		"2023-05-04 company BA is told 22 May": {
			company(t, owner, "BA", "2023-05-04 16:00:00"),
			admission.Decision{
				State: admission.NotYet, Reason: admission.PhaseDated, Text: "rollout.dated",
				From: rome(t, "2023-05-22 00:00:00"), Phase: "E3", ProvinceName: "Bari", Company: "Rossi S.r.l.",
			},
		},
		// A consultant who lives in BA: the request holds the company's province only.
		"2023-02-13 consultant of company NA": {
			company(t, consultant, "NA", "2023-02-13 16:00:00"),
			open(naples, "2023-02-13 18:00:00"),
		},
		"2023-02-13 employee of the firm": {
			company(t, identity.RoleEmployee, "NA", "2023-02-13 16:00:00"),
			admission.Decision{State: admission.NotAdmitted, Reason: admission.RoleNotAdmitted, Text: "role.denied", Role: identity.RoleEmployee},
		},
		"2023-04-10 Easter Monday": {
			worker(t, "PA", "2023-04-10 16:00:00"),
			holiday(everywhere, "easter_monday", "2023-04-11 15:00:00"),
		},
		"2023-04-25 Liberation": {
			company(t, owner, "MI", "2023-04-25 16:00:00"),
			holiday(milan, "liberation", "2023-04-26 15:00:00"),
		},
		"2023-05-01 Labour Day": {
			worker(t, "PA", "2023-05-01 16:00:00"),
			holiday(everywhere, "labour", "2023-05-02 15:00:00"),
		},
		"2023-06-02 Republic Day": {
			worker(t, "PA", "2023-06-02 16:00:00"),
			holiday(everywhere, "republic", "2023-06-05 15:00:00"),
		},
		"2027-10-04 San Francesco": {
			worker(t, "PA", "2027-10-04 16:00:00"),
			holiday(everywhere, "saint_francis", "2027-10-05 15:00:00"),
		},
		"2023-03-24 opens at 14:00Z": {
			company(t, owner, "NA", "2023-03-24 14:59:59"),
			early(closed(naples, "2023-03-24 15:00:00")),
		},
		"2023-03-24 18:00 the next opening is at 13:00Z on Monday": {
			company(t, owner, "NA", "2023-03-24 18:00:00"),
			closed(naples, "2023-03-27 15:00:00"),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, policy(t).Decide(tt.request)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAcceptanceAcrossTheClockChange(t *testing.T) {
	for _, opening := range []string{"2023-03-24T14:00:00Z", "2023-03-27T13:00:00Z"} {
		at, err := time.Parse(time.RFC3339, opening)
		if err != nil {
			t.Fatal(err)
		}
		r := company(t, identity.RoleOwner, "NA", "")
		r.At = at
		if d := policy(t).Decide(r); d.State != admission.Open {
			t.Errorf("at %s: %s, want open", opening, d.State)
		}
		r.At = at.Add(-time.Second)
		if d := policy(t).Decide(r); d.State != admission.Closed || !d.OpensAt.Equal(at) {
			t.Errorf("a second before %s: %s, opens at %v", opening, d.State, d.OpensAt)
		}
	}
}

func TestUnknownStartIsNeverInvented(t *testing.T) {
	want := admission.Decision{
		State: admission.NotYet, Reason: admission.PhaseUndated, Text: "rollout.undated",
		Phase: "W2", Experimental: true, ProvinceName: "Torino",
	}
	for _, at := range []string{"2021-05-07 16:00:00", "2021-06-01 16:00:00", "2022-01-30 16:00:00"} {
		if diff := cmp.Diff(want, policy(t).Decide(worker(t, "TO", at))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}

func TestLogin(t *testing.T) {
	tests := map[string]struct {
		login  identity.Login
		state  admission.State
		reason admission.Reason
	}{
		"SPID level 1":       {identity.Login{Scheme: identity.SPID, Level: 1}, admission.LoginTooWeak, admission.SPIDLevelTooLow},
		"SPID without level": {identity.Login{Scheme: identity.SPID}, admission.LoginTooWeak, admission.SPIDLevelTooLow},
		"SPID level 2":       {identity.Login{Scheme: identity.SPID, Level: 2}, admission.Open, admission.InHours},
		"SPID level 3":       {identity.Login{Scheme: identity.SPID, Level: 3}, admission.Open, admission.InHours},
		"CIE":                {identity.Login{Scheme: identity.CIE}, admission.Open, admission.InHours},
		"CNS":                {identity.Login{Scheme: identity.CNS}, admission.Open, admission.InHours},
		"another scheme":     {identity.Login{Scheme: "pin", Level: 3}, admission.LoginTooWeak, admission.SchemeNotAccepted},
		"none":               {identity.Login{}, admission.LoginTooWeak, admission.SchemeNotAccepted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := worker(t, "RM", "2023-02-13 16:00:00")
			r.Login = tt.login
			if d := policy(t).Decide(r); d.State != tt.state || d.Reason != tt.reason {
				t.Errorf("got %s, %s, want %s, %s", d.State, d.Reason, tt.state, tt.reason)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	const worker, employer, intermediary = identity.Worker, identity.Employer, identity.Intermediary
	admitted := map[identity.Audience][]identity.Role{
		worker:       {identity.RoleWorker},
		employer:     {identity.RoleOwner, identity.RoleLegalRepresentative, identity.RoleConsultant},
		intermediary: {identity.RoleConsultant},
		"press":      nil,
	}
	roles := []identity.Role{
		identity.RoleWorker, identity.RoleOwner, identity.RoleLegalRepresentative,
		identity.RoleConsultant, identity.RoleEmployee, "", "director",
	}
	for audience, want := range admitted {
		var got []identity.Role
		for _, role := range roles {
			r := company(t, role, "NA", "2023-02-13 16:00:00")
			r.Audience = audience
			if d := policy(t).Decide(r); d.Admitted() {
				got = append(got, role)
			} else if none := audience == employer && role == identity.RoleNone; d.Reason != admission.RoleNotAdmitted && !none || none && d.Reason != admission.NoCompanies {
				t.Errorf("%s as %s is refused for %s", audience, role, d.Reason)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s admits (-want +got):\n%s", audience, diff)
		}
	}
}

// TestOrderOfRules makes requests, each of which breaks one rule more than the one before it.
// The first of the broken rules refuses the request.
func TestOrderOfRules(t *testing.T) {
	r := company(t, identity.RoleOwner, "NA", "2023-02-13 17:30:00")
	steps := []struct {
		name   string
		breaks func()
		want   admission.State
	}{
		{"nothing broken", func() {}, admission.Open},
		{"no room", func() { r.Load = admission.Load{Known: true, HighWait: time.Hour} }, admission.Full},
		{"at night", func() { r.At = rome(t, "2023-02-13 23:00:00") }, admission.Closed},
		{"not live", func() { r.Province = "BA" }, admission.NotYet},
		{"no role", func() { r.Role = identity.RoleEmployee }, admission.NotAdmitted},
		{"weak login", func() { r.Login = identity.Login{} }, admission.LoginTooWeak},
	}
	for _, step := range steps {
		step.breaks()
		if d := policy(t).Decide(r); d.State != step.want {
			t.Errorf("%s: %s, want %s", step.name, d.State, step.want)
		}
	}
}

func TestRoomBeforeClosing(t *testing.T) {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	tests := map[string]struct {
		at     string
		load   admission.Load
		state  admission.State
		reason admission.Reason
		since  string
	}{
		"nothing known: nothing promised": {"2023-02-13 17:59:59", admission.Load{}, admission.Open, admission.InHours, ""},
		"nothing known, no time to talk":  {"2023-02-13 17:49:01", admission.Load{HighWait: minutes(1), Handling: minutes(10)}, admission.Full, admission.NoRoom, "2023-02-13 17:49:01"},
		"nothing known, time to talk":     {"2023-02-13 17:49:00", admission.Load{HighWait: minutes(1), Handling: minutes(10)}, admission.Open, admission.InHours, ""},
		"nobody waits":                    {"2023-02-13 16:00:00", admission.Load{Known: true, Handling: minutes(10)}, admission.Open, admission.InHours, ""},
		"fits to the second":              {"2023-02-13 17:35:00", admission.Load{Known: true, HighWait: minutes(15), Handling: minutes(10)}, admission.Open, admission.InHours, ""},
		"a second too late":               {"2023-02-13 17:35:01", admission.Load{Known: true, HighWait: minutes(15), Handling: minutes(10)}, admission.Full, admission.NoRoom, "2023-02-13 17:35:01"},
		"no wait, but no time to talk":    {"2023-02-13 17:55:00", admission.Load{Known: true, Handling: minutes(10)}, admission.Full, admission.NoRoom, "2023-02-13 17:55:00"},
		"full since 17:22":                {"2023-02-13 17:55:00", admission.Load{Known: true, Handling: minutes(10), FullSince: rome(t, "2023-02-13 17:22:00")}, admission.Full, admission.NoRoom, "2023-02-13 17:22:00"},
		"full on Friday does not count":   {"2023-02-13 17:55:00", admission.Load{Known: true, Handling: minutes(10), FullSince: rome(t, "2023-02-10 17:22:00")}, admission.Full, admission.NoRoom, "2023-02-13 17:55:00"},
		"before the opening":              {"2023-02-13 14:50:00", admission.Load{Known: true, LowWait: minutes(5), HighWait: minutes(20)}, admission.Closed, admission.OutsideHours, ""},
		"full before the opening":         {"2023-02-13 14:50:00", admission.Load{Known: true, HighWait: minutes(175), Handling: minutes(10)}, admission.Full, admission.NoRoom, "2023-02-13 14:50:00"},
		"room again":                      {"2023-02-13 17:30:00", admission.Load{Known: true, Handling: minutes(10), FullSince: rome(t, "2023-02-13 17:22:00")}, admission.Open, admission.InHours, ""},
		"15 minutes are not long":         {"2023-02-13 16:00:00", admission.Load{Known: true, LowWait: minutes(5), HighWait: minutes(15)}, admission.Open, admission.InHours, ""},
		"more are":                        {"2023-02-13 16:00:00", admission.Load{Known: true, LowWait: minutes(5), HighWait: minutes(16)}, admission.Busy, admission.LongWait, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := company(t, identity.RoleOwner, "NA", tt.at)
			r.Load = tt.load
			want := admission.Decision{
				State: tt.state, Reason: tt.reason,
				Until: rome(t, "2023-02-13 18:00:00"), Since: rome(t, tt.since),
				Phase: "E2", ProvinceName: "Napoli", Company: "Rossi S.r.l.",
			}
			switch tt.state {
			case admission.Full:
				want.Text, want.OpensAt = "full.body", rome(t, "2023-02-14 15:00:00")
			case admission.Busy:
				want.Text = "busy.body"
			default:
				want.Text = "open.body"
			}
			var opens time.Duration
			if tt.state == admission.Closed {
				want.Text, want.Early, want.OpensAt, want.Until = "early.body", true, rome(t, "2023-02-13 15:00:00"), rome(t, "2023-02-13 15:00:00")
				opens = minutes(10)
			}
			if want.Admitted() && tt.load.Known {
				want.Low, want.High = opens+tt.load.LowWait, opens+tt.load.HighWait
			}
			if diff := cmp.Diff(want, policy(t).Decide(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBusyAfterIsPolicy(t *testing.T) {
	p := policy(t)
	p.BusyAfter = 5 * time.Minute
	r := worker(t, "RM", "2023-02-13 16:00:00")
	r.Load = admission.Load{Known: true, HighWait: 6 * time.Minute}
	if d := p.Decide(r); d.State != admission.Busy {
		t.Errorf("%s, want busy", d.State)
	}
}

func TestClosure(t *testing.T) {
	strike := hours.Closure{From: rome(t, "2023-02-13 00:00:00"), Until: rome(t, "2023-02-15 00:00:00"), Reason: "sciopero"}
	end := hours.Closure{From: rome(t, "2024-01-01 00:00:00"), Until: rome(t, "2099-01-01 00:00:00"), Reason: "fine del servizio"}
	p := policy(t, strike, end)

	want := admission.Decision{
		State: admission.Closed, Reason: admission.OnClosure, Text: "closed.closure", Closure: "sciopero",
		Until: rome(t, "2023-02-15 15:00:00"), OpensAt: rome(t, "2023-02-15 15:00:00"),
		Phase: "W3", ProvinceName: "Roma",
	}
	if diff := cmp.Diff(want, p.Decide(worker(t, "RM", "2023-02-13 16:00:00"))); diff != "" {
		t.Errorf("strike (-want +got):\n%s", diff)
	}
	want = admission.Decision{
		State: admission.Closed, Reason: admission.OnClosure, Text: "closed.indefinitely", Closure: "fine del servizio",
		Phase: "W3", ProvinceName: "Roma",
	}
	if diff := cmp.Diff(want, p.Decide(worker(t, "RM", "2024-02-13 16:00:00"))); diff != "" {
		t.Errorf("without an end in sight (-want +got):\n%s", diff)
	}
	last := worker(t, "RM", "2023-12-29 17:59:00")
	last.Load = admission.Load{Known: true, HighWait: time.Hour}
	if d := p.Decide(last); d.State != admission.Full || d.Text != "full.indefinitely" || !d.OpensAt.IsZero() {
		t.Errorf("full on the last day: %+v", d)
	}
}

func TestADeskThatNeverClosesPromisesNoClosing(t *testing.T) {
	p := policy(t)
	var err error
	if p.Calendar, err = hours.New(hours.Days{0, 1, 2, 3, 4, 5, 6}, hours.Clock(0, 0), hours.Clock(24, 0), false); err != nil {
		t.Fatal(err)
	}
	r := worker(t, "RM", "2023-02-13 23:59:00")
	r.Load = admission.Load{Known: true, HighWait: 10 * time.Minute, Handling: 10 * time.Minute}
	want := admission.Decision{
		State: admission.Open, Reason: admission.InHours, Text: "open.always",
		High: 10 * time.Minute, Phase: "W3", ProvinceName: "Roma",
	}
	if diff := cmp.Diff(want, p.Decide(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
