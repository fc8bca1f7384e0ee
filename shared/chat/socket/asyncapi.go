package socket

import _ "embed"

// AsyncAPI is the specification of the protocol: what clients rely on.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
