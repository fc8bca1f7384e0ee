package socket

import _ "embed"

// AsyncAPI is the specification of the protocol. Clients rely on it.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
