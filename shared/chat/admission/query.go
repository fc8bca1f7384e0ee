package admission

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"time"

	"infocig/shared/hours"
	"infocig/shared/identity"
)

// A ParamReason says what is wrong with a parameter. Never rename one: it is on the wire, and
// "param." followed by it is a key of the catalogue.
type ParamReason string

// The faults of a parameter.
const (
	Missing       ParamReason = "missing"       // it is required
	Unknown       ParamReason = "unknown"       // not one of the values
	Malformed     ParamReason = "malformed"     // not of the form
	OutOfRange    ParamReason = "out_of_range"  // a year that no preview is made for
	Repeated      ParamReason = "repeated"      // more than once
	Unexpected    ParamReason = "unexpected"    // there is no such parameter
	Contradictory ParamReason = "contradictory" // no person has this role in this audience
)

// A ParamError names the wrong parameter of a query.
type ParamError struct {
	Param  string
	Reason ParamReason
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("admission: parameter %s: %s", e.Param, e.Reason)
}

// The years that a preview may ask about. The first is the first year of the service.
const firstYear, lastYear = 2021, 2100

var (
	// rfc3339 checks the form of an instant, and time.Parse checks the numbers. time.Parse
	// alone would accept an hour of one digit, and a comma.
	rfc3339     = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`)
	blankOffset = regexp.MustCompile(` (\d\d:\d\d)$`)
)

var params = []string{"audience", "role", "province", "at"}

// ParseQuery reads the question of GET /v1/availability. It is strict: the first fault found
// is a *[ParamError].
//
//	audience  worker, employer or intermediary
//	role      owner, legal_representative, consultant or employee; required for
//	          employer, by default consultant for intermediary and worker for worker
//	province  sigla of residence or registered office, as tokens have it: of any case,
//	          one that names no province, or none
//	at        RFC 3339, in Italy of the years 2021 to 2100; by default now
//
// A "+" that was not escaped arrives as a blank. In the parameter at it is read as "+", since
// RFC 3339 has no blank there. A query has neither login nor load, so the question is about a
// person whose login is strong enough.
func ParseQuery(q url.Values, now time.Time) (Request, error) {
	for _, param := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(params, param) {
			return Request{}, &ParamError{param, Unexpected}
		}
		if len(q[param]) > 1 {
			return Request{}, &ParamError{param, Repeated}
		}
	}
	r := Request{Login: identity.Login{Scheme: identity.SPID, Level: 2}}
	for _, read := range []func(url.Values, time.Time, *Request) error{readAudience, readRole, readAt, readProvince} {
		if err := read(q, now, &r); err != nil {
			return Request{}, err
		}
	}
	return r, nil
}

func readAudience(q url.Values, _ time.Time, r *Request) error {
	r.Audience = identity.Audience(q.Get("audience"))
	switch {
	case r.Audience == "":
		return &ParamError{"audience", Missing}
	case !r.Audience.Known():
		return &ParamError{"audience", Unknown}
	}
	return nil
}

func readRole(q url.Values, _ time.Time, r *Request) error {
	r.Role = identity.Role(q.Get("role"))
	switch {
	case !q.Has("role") && r.Audience == identity.Worker:
		r.Role = identity.RoleWorker
	case !q.Has("role") && r.Audience == identity.Intermediary:
		r.Role = identity.RoleConsultant
	case r.Role == "":
		return &ParamError{"role", Missing}
	case !r.Role.Known():
		return &ParamError{"role", Unknown}
	case r.Role.Contradicts(r.Audience):
		return &ParamError{"role", Contradictory}
	}
	return nil
}

func readAt(q url.Values, now time.Time, r *Request) error {
	r.At = now
	if !q.Has("at") {
		return nil
	}
	text := blankOffset.ReplaceAllString(q.Get("at"), "+$1")
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339.MatchString(text) {
		return &ParamError{"at", Malformed}
	}
	r.At = at
	if year := r.At.In(hours.Rome()).Year(); year < firstYear || year > lastYear {
		return &ParamError{"at", OutOfRange}
	}
	return nil
}

func readProvince(q url.Values, _ time.Time, r *Request) error {
	r.Province = identity.Sigla(q.Get("province"))
	return nil
}
