package rollout

import (
	"bytes"
	"encoding/json"
	"slices"

	"infocig/shared/hours"
)

// An Audience is the group of people whom a phase lets in.
type Audience string

// The audiences. Intermediaries are let in with the employers whom they represent.
const (
	Worker   Audience = "worker"   // the province of residence counts
	Employer Audience = "employer" // the province of the registered office counts
)

// A Basis says where a fact comes from.
type Basis string

// The bases: one of the three seed documents, or another document, which the source names.
const (
	Seed     Basis = "seed"
	External Basis = "external"
)

// A Plan is the whole rollout. [ParsePlan] or [Default] makes one. It is not changed
// afterwards, so it may be shared. The zero Plan lets no person in.
type Plan struct {
	Service         string          `json:"service"`
	TimeZone        string          `json:"time_zone"` // Europe/Rome
	OpeningHours    OpeningHours    `json:"opening_hours"`
	EmployerRoles   []string        `json:"employer_roles"` // INPS message 4497/2022: exactly three
	Phases          []Phase         `json:"phases"`
	Announcements   []Announcement  `json:"announcements"`
	ReportedVolumes ReportedVolumes `json:"reported_volumes"`

	provinces Provinces
}

// A Phase lets an audience in, in some provinces, from a date on.
type Phase struct {
	ID           string   `json:"id"`
	Audience     Audience `json:"audience"`
	MatchOn      string   `json:"match_on"`
	From         Date     `json:"from"`                  // starts at 00:00 Europe/Rome
	AnnouncedOn  Date     `json:"announced_on"`          // if unknown, the phase is told at any time
	FromAfter    Date     `json:"from_after,omitempty"`  // bounds of an unknown From
	FromBefore   Date     `json:"from_before,omitempty"` // by then the phase has started
	Provinces    Area     `json:"provinces"`             // sigle, or "*"
	Roles        []string `json:"roles"`                 // all roles of the audience
	Experimental bool     `json:"experimental"`          // "in via sperimentale"
	Basis        Basis    `json:"basis"`
	Source       []string `json:"source"`
	Note         string   `json:"note,omitempty"`
}

// OpeningHours are the ordinary hours of the service, for [hours.New].
type OpeningHours struct {
	Days   hours.Days      `json:"days"`
	Opens  hours.TimeOfDay `json:"opens"`
	Closes hours.TimeOfDay `json:"closes"`
	Basis  Basis           `json:"basis"`
	Source []string        `json:"source"`
	Note   string          `json:"note,omitempty"`
}

// An Announcement is a published INPS message.
type Announcement struct {
	ID        string `json:"id"` // "4497/2022"
	Date      Date   `json:"date"`
	DateBasis Basis  `json:"date_basis"`
	Source    string `json:"source,omitempty"`
	Note      string `json:"note,omitempty"`
}

// ReportedVolumes are the figures that INPS message 4497/2022 published. They are approximate,
// and each measures something else: do not compute with them.
type ReportedVolumes struct {
	AsOf                Date    `json:"as_of"`
	RequestsHandled     int     `json:"requests_handled"`
	Workers             int     `json:"workers"`
	MonthlyAverage      int     `json:"monthly_average"`
	MonthlyPeak         int     `json:"monthly_peak"`
	ResolvedOnlineRatio float64 `json:"resolved_online_ratio"`
	Basis               Basis   `json:"basis"`
	Approximate         bool    `json:"approximate"`
}

// An Area is a set of provinces: all of Italy ("*" in JSON), or some sigle.
type Area struct {
	All   bool
	Sigle []string
}

// Includes reports whether the area includes the province.
func (a Area) Includes(sigla string) bool { return a.All || slices.Contains(a.Sigle, sigla) }

// MarshalJSON writes "*" or the sigle.
func (a Area) MarshalJSON() ([]byte, error) {
	if a.All {
		return []byte(`"*"`), nil
	}
	return json.Marshal(a.Sigle)
}

// UnmarshalJSON reads "*" or sigle.
func (a *Area) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte(`"*"`)) {
		*a = Area{All: true}
		return nil
	}
	var sigle []string
	if err := json.Unmarshal(data, &sigle); err != nil {
		return err
	}
	*a = Area{Sigle: sigle}
	return nil
}

// Provinces returns the provinces that the plan was checked against.
func (p Plan) Provinces() Provinces { return p.provinces }
