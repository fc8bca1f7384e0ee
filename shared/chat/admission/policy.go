package admission

import (
	"slices"
	"strings"
	"time"

	"infocig/shared/chat/rollout"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

// Early is the time before the opening in which citizens get tickets already. From the opening
// on they are served in the order of the tickets. docs/design.md, "Queue".
const Early = 15 * time.Minute

// DefaultBusyAfter is the default of Policy.BusyAfter.
const DefaultBusyAfter = 15 * time.Minute

// A Policy is the data from which decisions follow.
type Policy struct {
	Calendar  hours.Calendar
	Plan      rollout.Plan
	BusyAfter time.Duration // a longer wait is Busy; 0 means DefaultBusyAfter
}

// A Request is a person who asks to enter at an instant.
type Request struct {
	At       time.Time
	Login    identity.Login
	Audience identity.Audience
	Role     identity.Role
	Province string // sigla, or anything else if it is not known: of residence, or of the registered office of Company
	Company  string // name; empty for workers
	Load     Load
}

// Load is the state of the queue that the person would join. The wait is between LowWait and
// HighWait. Handling is the usual length of a conversation. If Known is false (a preview of
// another instant), no wait is promised.
type Load struct {
	Known      bool
	Unattended bool // no advisor serves now
	LowWait    time.Duration
	HighWait   time.Duration
	Handling   time.Duration
	FullSince  time.Time // since when citizens are refused for lack of room; zero if they are not
}

// A rule returns d with what it found, and with another state if it refuses. A new rule is a
// function, a line in rules, and a sentence in the catalogue.
type rule func(p Policy, r Request, d Decision) Decision

var rules = []rule{loginStrongEnough, roleAdmitted, provinceServed, deskOpen, roomBeforeClosing}

// Decide returns the decision of the first rule that refuses r. If none does, it admits.
func (p Policy) Decide(r Request) Decision {
	d := Decision{State: Open, Reason: InHours, Text: "open.body"}
	for _, rule := range rules {
		if d = rule(p, r, d); !d.Admitted() {
			return d
		}
	}
	return d
}

// Recognise applies only the rules for login and role. A person whom it refuses is shown
// nothing of a person or a company.
func (p Policy) Recognise(r Request) Decision {
	d := loginStrongEnough(p, r, Decision{State: Open, Reason: InHours, Text: "open.body"})
	if d.Admitted() {
		d = roleAdmitted(p, r, d)
	}
	return d
}

func (d Decision) is(state State, reason Reason, text string) Decision {
	d.State, d.Reason, d.Text = state, reason, text
	return d
}

// loginStrongEnough requires "SPID almeno di II livello, CIE e CNS" (INPS message 4497/2022).
func loginStrongEnough(_ Policy, r Request, d Decision) Decision {
	switch {
	case r.Login.Scheme == identity.CIE || r.Login.Scheme == identity.CNS:
		return d
	case r.Login.Scheme != identity.SPID:
		return d.is(LoginTooWeak, SchemeNotAccepted, "auth.level")
	case r.Login.Level < 2:
		return d.is(LoginTooWeak, SPIDLevelTooLow, "auth.level")
	}
	return d
}

// roleAdmitted requires "titolare di azienda, rappresentante legale, consulente aziendale" for
// employers (INPS messages 4497/2022 and 520/2023).
func roleAdmitted(p Policy, r Request, d Decision) Decision {
	switch {
	case r.Audience == identity.Employer && r.Role == identity.RoleNone:
		return d.is(NotAdmitted, NoCompanies, "company.none")
	case !r.Audience.Known(), r.Role.Contradicts(r.Audience), r.Audience != identity.Worker && !slices.Contains(p.Plan.EmployerRoles, string(r.Role)):
		d.Role = r.Role
		return d.is(NotAdmitted, RoleNotAdmitted, "role.denied")
	}
	return d
}

// provinceServed requires a live phase for the province: of residence for workers, of the
// "sede legale" for employers (INPS messages 4497/2022 and 520/2023).
func provinceServed(p Policy, r Request, d Decision) Decision {
	name, known := p.Plan.Provinces().Name(identity.Sigla(r.Province))
	d.ProvinceName = name
	if r.Audience != identity.Worker {
		d.Company = r.Company
	}
	c := p.Plan.At(phasesOf(r.Audience), r.Province, r.At)
	d.Phase, d.Experimental = c.Phase.ID, c.Phase.Experimental
	switch c.State {
	case rollout.Live:
		return d
	case rollout.Dated:
		d.From = c.From.Start()
		d = d.is(NotYet, PhaseDated, "rollout.dated")
	default:
		d = d.is(NotYet, PhaseUndated, "rollout.undated")
	}
	if !known {
		d.Text = "rollout.somewhere." + strings.TrimPrefix(d.Text, "rollout.")
	}
	return d
}

// deskOpen requires the desk to be open, or to open soon.
func deskOpen(p Policy, r Request, d Decision) Decision {
	s := p.Calendar.At(r.At)
	d.Until = s.Until
	if s.Open && s.Until.IsZero() {
		d.Text = "open.always"
	}
	if s.Open {
		return d
	}
	_, d.Early = p.OpensSoon(r.At)
	d.OpensAt, d.Closure = s.Opens, s.Name
	reason, text := OutsideHours, "closed.body"
	switch s.Reason {
	case hours.OnHoliday:
		reason, text = OnHoliday, "closed.holiday"
	case hours.OnClosure:
		reason, text = OnClosure, "closed.closure"
	}
	today := sameDay(r.At, s.Opens)
	switch {
	case s.Opens.IsZero():
		text = "closed.indefinitely"
	case d.Early:
		text = "early.body"
	case reason == OutsideHours && today:
		text = "closed.today"
	case reason == OnClosure && today:
		text = "closed.closure.today"
	}
	return d.is(Closed, reason, text)
}

// sameDay reports whether two instants are on the same day in Italy.
func sameDay(a, b time.Time) bool {
	return a.In(hours.Rome()).Format(time.DateOnly) == b.In(hours.Rome()).Format(time.DateOnly)
}

// OpensSoon reports whether citizens get tickets at t although the desk is not open yet, and
// in how long it opens.
func (p Policy) OpensSoon(t time.Time) (in time.Duration, ok bool) {
	if p.Calendar.Is(t).Reason != hours.OutsideHours { // open, a holiday, a closure
		return 0, false
	}
	opens := p.Calendar.NextOpening(t)
	if opens.IsZero() {
		return 0, false
	}
	in = opens.Sub(t)
	return in, in <= Early
}

// roomBeforeClosing requires that there is room before closing. It also adds the expected
// wait.
func roomBeforeClosing(p Policy, r Request, d Decision) Decision {
	if p.Full(r.At, r.Load) {
		opens, closes := p.hoursOf(r.At)
		d.Early, d.Until = false, closes
		d.OpensAt = p.Calendar.NextOpening(r.At.Add(opens))
		d.Since = p.fullSince(r, closes)
		text := "full.body"
		if d.OpensAt.IsZero() {
			text = "full.indefinitely"
		}
		return d.is(Full, NoRoom, text)
	}
	if r.Load.Unattended && !d.Early {
		return d.is(Open, Unattended, "open.unattended")
	}
	if !r.Load.Known {
		return d
	}
	opens, _ := p.hoursOf(r.At)
	d.Low, d.High = opens+r.Load.LowWait, opens+r.Load.HighWait
	if !d.Early && d.High > p.busyAfter() {
		return d.is(Busy, LongWait, "busy.body")
	}
	return d
}

// Full reports whether the desk is full for a citizen who comes at that instant: the longest
// expected wait and a usual conversation after it do not fit before closing time. The reason
// is that no admitted citizen is left unserved.
func (p Policy) Full(at time.Time, l Load) bool {
	opens, closes := p.hoursOf(at)
	return !closes.IsZero() && at.Add(opens).Add(l.HighWait).Add(l.Handling).After(closes)
}

// hoursOf returns in how long citizens are served who come at that instant, which is 0 unless
// the desk opens soon. It also returns when the desk closes, and zero if it does not close
// within a year.
func (p Policy) hoursOf(at time.Time) (opens time.Duration, closes time.Time) {
	opens, early := p.OpensSoon(at)
	if !early {
		opens = 0
	}
	return opens, p.Calendar.At(at.Add(opens)).Until
}

// fullSince returns since when citizens have been refused for lack of room before this
// closing. A record of another day does not count: then it is the instant of the request.
func (p Policy) fullSince(r Request, closing time.Time) time.Time {
	since := r.Load.FullSince
	if since.IsZero() || since.After(r.At) || !p.Calendar.At(since).Until.Equal(closing) {
		return r.At
	}
	return since
}

func (p Policy) busyAfter() time.Duration {
	if p.BusyAfter == 0 {
		return DefaultBusyAfter
	}
	return p.BusyAfter
}
