package httpapi

import _ "embed"

// OpenAPI is the specification of the API. Clients rely on it.
//
//go:embed openapi.yaml
var OpenAPI []byte
