package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// rules are what is accepted, each with its reason.
type rules struct {
	// Vulnerabilities that cannot be mended now, by id (GO-…, GHSA-…).
	Vulnerabilities map[string]struct {
		Reason string `json:"reason"`
		Until  day    `json:"until"` // the last day on which it is accepted
	} `json:"vulnerabilities"`
	// Licences by their SPDX name, with the reason why they may be there.
	Licences struct {
		Shipped map[string]string `json:"shipped"` // in functions and pages, and everywhere else
		Tools   map[string]string `json:"tools"`   // in what builds, tests and operates only
	} `json:"licences"`
	// Packages that do not say their licence, by name, without version.
	Packages map[string]struct {
		Licence string `json:"licence"`
		Reason  string `json:"reason"`
	} `json:"packages"`
	// Pages are the packages whose code or files get into the pages. What they need does, too.
	Pages map[string]string `json:"pages"`
}

// A day is as 2026-12-31.
type day struct{ at time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *day) UnmarshalText(text []byte) (err error) {
	d.at, err = time.Parse(time.DateOnly, string(text))
	return err
}

// readRules refuses what has no reason, and what is accepted no longer.
func readRules(path string, today time.Time) (rules, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return rules{}, err
	}
	return parseRules(raw, today)
}

func parseRules(raw []byte, today time.Time) (rules, error) {
	var r rules
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return rules{}, fmt.Errorf("rules.json: %w", err)
	}
	var wrong []error
	reason := func(what, why string) {
		if why == "" {
			wrong = append(wrong, fmt.Errorf("rules.json: %s is accepted without a reason", what))
		}
	}
	for id, v := range r.Vulnerabilities {
		reason(id, v.Reason)
		if !today.Before(v.Until.at.AddDate(0, 0, 1)) {
			wrong = append(wrong, fmt.Errorf("rules.json: %s was accepted until %s: look again whether it can be mended", id, v.Until.at.Format(time.DateOnly)))
		}
	}
	for _, list := range []map[string]string{r.Licences.Shipped, r.Licences.Tools, r.Pages} {
		for name, why := range list {
			reason(name, why)
		}
	}
	for name, p := range r.Packages {
		reason(name, p.Reason)
	}
	return r, errors.Join(wrong...)
}

// accepts reports whether a vulnerability, by one of its ids, is accepted.
func (r rules) accepts(ids ...string) bool {
	for _, id := range ids {
		if _, ok := r.Vulnerabilities[id]; ok {
			return true
		}
	}
	return false
}
