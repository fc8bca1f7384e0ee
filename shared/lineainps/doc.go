// Package lineainps is the way to the territorial offices: the contract with
// Linea INPS (openapi.yaml), the client that hands escalations over and asks
// what became of them, and the signature of the events that come back. INPS
// message 4497/2022, R-15.
package lineainps

import _ "embed"

// OpenAPI is the contract.
//
//go:embed openapi.yaml
var OpenAPI []byte
