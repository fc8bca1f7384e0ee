package cases

import "infocig/shared/office"

// A Ref names a case and the office that is competent for it.
type Ref struct {
	ID     ID        `json:"id"`
	Office office.ID `json:"office"`
}

// An ID names a case.
type ID string
