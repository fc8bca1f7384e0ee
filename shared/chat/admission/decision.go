package admission

import (
	"time"

	"infocig/shared/identity"
)

// A State is the answer in one word.
type State string

// The states. Open and Busy admit, and so does Closed shortly before the opening
// (Decision.Early).
const (
	Open         State = "open"           // come in
	Busy         State = "busy"           // come in, the wait is long
	Full         State = "full"           // no room before closing
	Closed       State = "closed"         // until the next opening
	NotYet       State = "not_yet"        // the service is not live for this province
	NotAdmitted  State = "not_admitted"   // not in this role
	LoginTooWeak State = "login_too_weak" // log in again, with a stronger login
	Fault        State = "fault"          // the answer is not known, or the chat cannot serve
)

// A Reason says why a Decision has its State. Never rename one: it is on the wire.
type Reason string

// The reasons. Each belongs to one state.
const (
	InHours            Reason = "in_hours"            // Open
	Unattended         Reason = "unattended"          // Open, but no advisor serves now: there is no estimate
	LongWait           Reason = "long_wait"           // Busy
	NoRoom             Reason = "no_room"             // Full
	OutsideHours       Reason = "outside_hours"       // Closed
	OnHoliday          Reason = "holiday"             // Closed
	OnClosure          Reason = "closure"             // Closed
	PhaseDated         Reason = "phase_dated"         // NotYet
	PhaseUndated       Reason = "phase_undated"       // NotYet
	RoleNotAdmitted    Reason = "role_not_admitted"   // NotAdmitted
	NoCompanies        Reason = "no_companies"        // NotAdmitted
	SPIDLevelTooLow    Reason = "spid_level_too_low"  // LoginTooWeak
	SchemeNotAccepted  Reason = "scheme_not_accepted" // LoginTooWeak
	ServiceUnavailable Reason = "service_unavailable" // Fault
)

// A Decision is the answer to a [Request], with its reason and when to come back. Fields that
// do not apply are zero.
type Decision struct {
	State  State
	Reason Reason
	Text   string // key of the sentence in the catalogue

	Until   time.Time     // of Open, Busy, Full: closing; of Closed: next opening
	OpensAt time.Time     // of Closed and Full: next opening; zero if not within a year
	Early   bool          // of Closed: the desk opens soon, and tickets are given already
	Since   time.Time     // of Full: since when
	Closure string        // key of the holiday, or the reason of the closure
	Low     time.Duration // of Open and Busy: expected wait, from Low to High;
	High    time.Duration // both are zero if nothing is known or no citizen waits

	From         time.Time     // of NotYet: 00:00 in Italy of the first day, if known
	Phase        string        // ID of the phase that lets in, or will
	Experimental bool          // whether that phase is experimental
	ProvinceName string        // Italian name of the province that counts
	Company      string        // that the person represents
	Role         identity.Role // of NotAdmitted: the person's role
}

// Admitted reports whether the person may join the queue.
func (d Decision) Admitted() bool { return d.State == Open || d.State == Busy || d.Early }

// Unavailable returns the decision for the case that none can be made, for example because the
// plan or the queue cannot be read.
func Unavailable() Decision {
	return Decision{State: Fault, Reason: ServiceUnavailable, Text: "fault.body"}
}
