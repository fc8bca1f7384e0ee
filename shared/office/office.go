// Package office names the territorial offices of the institute.
package office

// An ID names a territorial office.
type ID string
