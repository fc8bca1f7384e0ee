package httpapi

import _ "embed"

// OpenAPI is the specification of the API: what clients rely on.
//
//go:embed openapi.yaml
var OpenAPI []byte
