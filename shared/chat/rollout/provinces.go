package rollout

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"infocig/shared/identity"
)

// A Province is an Italian province in the time from ValidFrom to the day before ValidUntil.
// If one of the dates is unknown, the time has no bound on that side.
type Province struct {
	Sigla      string // "RM"
	Name       string // "Roma"
	Region     string // "Lazio"
	ValidFrom  Date
	ValidUntil Date // the first day on which it no longer exists
}

// Provinces are the provinces of Italy, each with the time in which it exists. A sigla may
// name different provinces at different times.
//
// The embedded list is that of ISTAT (CC BY 3.0 IT), in force from 2017 to 31 December 2025,
// and the four provinces of Sardinia that were abolished in 2016, which registers still have.
// Sardinia has a new set since 2025 (Gallura Nord-Est Sardegna, Ogliastra, Medio Campidano,
// Sulcis Iglesiente, and Sassari as a metropolitan city). No sigle of the new set had been
// published in February 2026. Until they are entered as data the old set stays valid. A sigla
// that is not listed shuts no person out if a phase is nationwide.
type Provinces struct {
	bySigla map[string][]Province // of one sigla: in order of time
}

// ParseProvinces reads a CSV file with a header line and at least the columns sigla, name and
// region. The columns valid_from and valid_until are optional, and so are their values.
// ParseProvinces refuses a malformed sigla, an empty name, and a sigla that names two
// provinces at one time.
func ParseProvinces(r io.Reader) (Provinces, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return Provinces{}, fmt.Errorf("rollout: provinces: %w", err)
	}
	if len(rows) < 2 {
		return Provinces{}, errors.New("rollout: provinces: there is none")
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, name := range []string{"sigla", "name", "region"} {
		if _, ok := column[name]; !ok {
			return Provinces{}, fmt.Errorf("rollout: provinces: no column %s", name)
		}
	}
	p := Provinces{bySigla: map[string][]Province{}}
	for i, row := range rows[1:] {
		if err := p.add(column, row); err != nil {
			return Provinces{}, fmt.Errorf("rollout: provinces: line %d: %w", i+2, err)
		}
	}
	return p, nil
}

func (p Provinces) add(column map[string]int, row []string) error {
	dates := map[string]Date{}
	for _, name := range []string{"valid_from", "valid_until"} {
		i, ok := column[name]
		if !ok || row[i] == "" {
			continue
		}
		d, err := ParseDate(row[i])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		dates[name] = d
	}
	read := Province{
		Sigla:      row[column["sigla"]],
		Name:       row[column["name"]],
		Region:     row[column["region"]],
		ValidFrom:  dates["valid_from"],
		ValidUntil: dates["valid_until"],
	}
	if read.Sigla == "" || identity.Sigla(read.Sigla) != read.Sigla {
		return fmt.Errorf("sigla: %q is not two capital letters", read.Sigla)
	}
	if read.Name == "" {
		return errors.New("name: empty")
	}
	if read.ValidUntil.Known() && read.ValidUntil <= read.ValidFrom {
		return errors.New("valid_until: not after valid_from")
	}
	for _, other := range p.bySigla[read.Sigla] {
		if read.overlaps(other) {
			return fmt.Errorf("sigla: %s names two provinces at one time", read.Sigla)
		}
	}
	list := append(p.bySigla[read.Sigla], read)
	slices.SortFunc(list, func(a, b Province) int { return strings.Compare(string(a.ValidFrom), string(b.ValidFrom)) })
	p.bySigla[read.Sigla] = list
	return nil
}

// overlaps relies on an unknown ValidFrom sorting before every date.
func (p Province) overlaps(q Province) bool {
	return (!q.ValidUntil.Known() || p.ValidFrom < q.ValidUntil) &&
		(!p.ValidUntil.Known() || q.ValidFrom < p.ValidUntil)
}

func (p Province) validAt(t time.Time) bool {
	return (!p.ValidFrom.Known() || !t.Before(p.ValidFrom.Start())) &&
		(!p.ValidUntil.Known() || t.Before(p.ValidUntil.Start()))
}

// Known reports whether sigla names a province at t.
func (p Provinces) Known(sigla string, t time.Time) bool {
	return slices.ContainsFunc(p.bySigla[sigla], func(q Province) bool { return q.validAt(t) })
}

// Exists reports whether sigla names a province at any time. Registers lag behind reforms:
// they record a person under the old province for a while.
func (p Provinces) Exists(sigla string) bool { return len(p.bySigla[sigla]) > 0 }

// Name returns the Italian name of the province, the latest if the sigla has named several. It
// reports false if the sigla never named one.
func (p Provinces) Name(sigla string) (string, bool) {
	list := p.bySigla[sigla]
	if len(list) == 0 {
		return "", false
	}
	return list[len(list)-1].Name, true
}

// At returns the provinces that exist at t, by sigla.
func (p Provinces) At(t time.Time) []Province {
	var list []Province
	for _, sigla := range slices.Sorted(maps.Keys(p.bySigla)) {
		for _, q := range p.bySigla[sigla] {
			if q.validAt(t) {
				list = append(list, q)
			}
		}
	}
	return list
}
