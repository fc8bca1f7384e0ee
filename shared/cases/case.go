// Package cases has the cases that people ask about: applications for wage
// supplement, with their state in plain words. Requirements.
//
// The cases are synthetic: where the institute's own system of cases is
// connected, it takes the place of this Book.
package cases

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"infocig/shared/code"
	"infocig/shared/identity"
	"infocig/shared/office"
)

// A Status is where a case stands.
type Status string

// The statuses, in their usual order.
const (
	Received         Status = "received"
	UnderExamination Status = "under_examination"
	NeedsDocument    Status = "needs_document" // the office waits for somebody else
	Authorised       Status = "authorised"     // granted; the payment data are awaited
	PaymentOrdered   Status = "payment_ordered"
	Paid             Status = "paid"
	Rejected         Status = "rejected"
)

// A Case is an application for wage supplement. The employer filed it; the
// worker is one of those it is for.
type Case struct {
	ID         ID        `json:"id"`
	Benefit    string    `json:"benefit"` // CIGO, CIGS, CIGD, AIS …: an open list
	Payer      string    `json:"payer"`   // INPS, FIS, a solidarity fund: an open list
	Company    string    `json:"company"` // its name
	From       string    `json:"from"`    // first day, YYYY-MM-DD
	To         string    `json:"to"`      // last day
	Status     Status    `json:"status"`
	Since      string    `json:"since"`               // in this status since
	WaitsFor   string    `json:"waits_for,omitzero"`  // key of the catalogue, under case.waits
	UsualDays  int       `json:"usual_days,omitzero"` // how long this status usually lasts
	Office     office.ID `json:"office"`
	OfficeName string    `json:"office_name"`
}

//go:embed cases.json
var synthetic []byte

// A Book finds the cases of a person or company.
type Book struct {
	of   map[string][]Case // of workers, by pseudonym
	by   map[string][]Case // of the companies that filed them, by pseudonym: a sole trader's is that of the person
	byID map[ID]Case
}

type record struct {
	Case
	FiledBy    string   `json:"filed_by"`
	ForWorkers []string `json:"for_workers"`
}

// Synthetic returns the built-in cases; pseudonym turns a fiscal code into the
// id of a person or company.
func Synthetic(pseudonym func(fiscalCode string) string) (*Book, error) {
	var all []record
	if err := json.Unmarshal(synthetic, &all); err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	b := &Book{of: map[string][]Case{}, by: map[string][]Case{}, byID: map[ID]Case{}}
	for _, r := range all {
		if _, err := time.Parse(time.DateOnly, r.Since); err != nil {
			return nil, fmt.Errorf("cases: %s: %w", r.ID, err)
		}
		b.byID[r.ID] = r.Case
		for _, code := range r.ForWorkers {
			id := pseudonym(code)
			b.of[id] = append(b.of[id], r.Case)
		}
		id := pseudonym(r.FiledBy)
		b.by[id] = append(b.by[id], r.Case)
	}
	return b, nil
}

// Offices returns the names of the territorial offices of the built-in cases, by
// their ids.
func Offices() map[string]string {
	var all []record
	if err := json.Unmarshal(synthetic, &all); err != nil {
		panic("cases.json: " + err.Error()) // a test reads it
	}
	names := map[string]string{}
	for _, r := range all {
		names[string(r.Office)] = r.OfficeName
	}
	return names
}

// Of returns the cases of the person, or of the company that the person acts
// for.
func (b *Book) Of(_ context.Context, who identity.Identity) ([]Case, error) {
	return b.held(who), nil
}

func (b *Book) held(who identity.Identity) []Case {
	if who.Company != "" {
		return b.by[string(who.Company)]
	}
	return b.of[who.ID]
}

// Refs returns the names of those cases, with their offices.
func (b *Book) Refs(_ context.Context, who identity.Identity) ([]Ref, error) {
	var refs []Ref
	for _, c := range b.held(who) {
		refs = append(refs, Ref{ID: c.ID, Office: c.Office})
	}
	return refs, nil
}

// Get returns a case by its id, for staff that has it in a conversation.
func (b *Book) Get(_ context.Context, id ID) (Case, error) {
	c, ok := b.byID[id]
	if !ok {
		return Case{}, code.NotFound
	}
	return c, nil
}
