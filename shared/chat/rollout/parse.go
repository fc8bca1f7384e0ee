package rollout

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"infocig/shared/hours"
)

//go:embed data/infocig_rollout.json
var embeddedPlan []byte

//go:embed data/provinces.csv
var embeddedProvinces []byte

// timeZone is the only time zone that a plan may name. The dates of a plan begin by it.
const timeZone = "Europe/Rome"

// Default returns the embedded plan of 2021 to 2023 with the embedded provinces.
func Default() (Plan, error) {
	provinces, err := ParseProvinces(bytes.NewReader(embeddedProvinces))
	if err != nil {
		return Plan{}, err
	}
	return ParsePlan(embeddedPlan, provinces)
}

// A PlanError is one fault of a plan. ParsePlan joins all the faults that it finds.
type PlanError struct {
	Phase  string // ID of the phase, or "#2" if it has none; empty if outside the phases
	Field  string // name in the JSON document
	Reason string
}

func (e *PlanError) Error() string {
	if e.Phase == "" {
		return fmt.Sprintf("rollout: %s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("rollout: phase %s: %s: %s", e.Phase, e.Field, e.Reason)
}

// ParsePlan reads and checks a plan. It refuses unknown fields, repeated keys and trailing
// data. It also refuses a plan that cannot be meant, with a *[PlanError] for each fault:
// unknown or repeated sigle, a phase ID twice, a start without a date, bounds or an
// announcement, a start before its announcement, roles that are not exactly those of the
// audience, a missing source.
func ParsePlan(data []byte, provinces Provinces) (Plan, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var p Plan
	if err := dec.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("rollout: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Plan{}, errors.New("rollout: more than one document")
	}
	if err := refuseRepeatedKeys(data); err != nil { // after Decode, which bounds the depth
		return Plan{}, err
	}
	p.provinces = provinces
	if err := p.validate(); err != nil {
		return Plan{}, err
	}
	return p, nil
}

func (p Plan) validate() error {
	var errs []error
	refuse := func(field, reason string) {
		errs = append(errs, &PlanError{Field: field, Reason: reason})
	}
	if p.TimeZone != timeZone {
		refuse("time_zone", "must be "+timeZone)
	}
	if _, err := hours.New(p.OpeningHours.Days, p.OpeningHours.Opens, p.OpeningHours.Closes, true); err != nil {
		refuse("opening_hours", err.Error())
	}
	if len(p.EmployerRoles) == 0 {
		refuse("employer_roles", "there is none")
	}
	if dup, ok := repeated(p.EmployerRoles); ok {
		refuse("employer_roles", dup+" comes twice")
	}
	if len(p.Phases) == 0 {
		refuse("phases", "there is none")
	}
	seen := map[string]bool{}
	for i, phase := range p.Phases {
		id := phase.ID
		if id == "" {
			id = fmt.Sprintf("#%d", i+1)
		}
		refusePhase := func(field, reason string) {
			errs = append(errs, &PlanError{Phase: id, Field: field, Reason: reason})
		}
		if phase.ID == "" {
			refusePhase("id", "empty")
		}
		if seen[id] {
			refusePhase("id", "comes twice")
		}
		seen[id] = true
		p.validatePhase(phase, refusePhase)
	}
	return errors.Join(errs...)
}

func (p Plan) validatePhase(phase Phase, refuse func(field, reason string)) {
	matchOn, roles := "", []string(nil)
	switch phase.Audience {
	case Worker:
		matchOn, roles = "residence_province", []string{"worker"}
	case Employer:
		matchOn, roles = "registered_office_province", p.EmployerRoles
	default:
		refuse("audience", fmt.Sprintf("unknown audience %q", phase.Audience))
	}
	if matchOn != "" && phase.MatchOn != matchOn {
		refuse("match_on", "must be "+matchOn)
	}
	if matchOn != "" && !sameSet(phase.Roles, roles) {
		refuse("roles", "must be exactly "+strings.Join(roles, ", "))
	}
	if !phase.Provinces.All && len(phase.Provinces.Sigle) == 0 {
		refuse("provinces", "there is none")
	}
	for _, sigla := range phase.Provinces.Sigle {
		if !p.provinces.Exists(sigla) {
			refuse("provinces", fmt.Sprintf("unknown sigla %q", sigla))
		}
	}
	if dup, ok := repeated(phase.Provinces.Sigle); ok {
		refuse("provinces", dup+" comes twice")
	}
	if phase.Basis != Seed && phase.Basis != External {
		refuse("basis", fmt.Sprintf("unknown basis %q", phase.Basis))
	}
	if len(phase.Source) == 0 {
		refuse("source", "there is none")
	}
	validateDates(phase, refuse)
}

func validateDates(phase Phase, refuse func(field, reason string)) {
	bounded := phase.FromAfter.Known() || phase.FromBefore.Known()
	switch {
	case phase.From.Known() && bounded:
		refuse("from", "is known, so it needs no from_after or from_before")
	case !phase.From.Known() && !bounded && !phase.AnnouncedOn.Known():
		refuse("from", "neither a date, nor bounds, nor an announcement")
	}
	if phase.FromAfter.Known() && phase.FromBefore.Known() && phase.FromAfter >= phase.FromBefore {
		refuse("from_before", "not after from_after")
	}
	if phase.From.Known() && phase.AnnouncedOn > phase.From {
		refuse("announced_on", "after the start")
	}
}

func repeated(list []string) (string, bool) {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			return s, true
		}
	}
	return "", false
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// refuseRepeatedKeys refuses a key that comes twice in one object, which encoding/json
// accepts: it silently uses the last one. Upper and lower case count as the same, as they do
// for encoding/json.
func refuseRepeatedKeys(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	return walkValue(dec)
}

func walkValue(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return fmt.Errorf("rollout: %w", err)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if delim == '{' {
			key, err := dec.Token()
			if err != nil {
				return fmt.Errorf("rollout: %w", err)
			}
			name := strings.ToLower(key.(string))
			if seen[name] {
				return fmt.Errorf("rollout: key %q comes twice in one object", key)
			}
			seen[name] = true
		}
		if err := walkValue(dec); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil { // the closing delimiter
		return fmt.Errorf("rollout: %w", err)
	}
	return nil
}
