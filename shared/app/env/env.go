// Package env has the names of the environment variables of the functions, and
// which of them each function needs: read by functions and by infra, which sets
// exactly these.
//
// Functions are replaced one by one: for one release a new variable must be
// optional, that is, in no set.
package env

import (
	"fmt"
	"strings"
)

// A Name of an environment variable.
type Name string

// The variables.
const (
	Table       Name = "TABLE_NAME"           // the DynamoDB table
	Connections Name = "CONNECTIONS_ENDPOINT" // https://<api>.execute-api.<region>.amazonaws.com/<stage>
	Socket      Name = "SOCKET_URL"           // wss://… that clients open
	Origins     Name = "ORIGINS"              // of the pages, separated by commas: https://…,https://…
	Issuers     Name = "ISSUERS"              // JSON: [{"door","url","audience","jwks"}]
	Queue       Name = "QUEUE_URL"            // the SQS queue to Linea INPS
	LineaURL    Name = "LINEA_URL"            // https://… of Linea INPS
	Stage       Name = "STAGE"                // of the installation: its metrics are apart from those of others
	Pages       Name = "PAGES_URL"            // https://… of the pages, which is the HTTP API's too
	ClientID    Name = "CLIENT_ID"            // of the pages at the issuers
	Days        Name = "CONVERSATION_DAYS"    // for how many days a conversation is kept after its end
)

// The variables that are secrets: each is the ARN of one in Secrets Manager
// (arn:aws:secretsmanager:…), whose SecretString is the value, or on one machine
// the value itself. The keys never change; what we share with Linea INPS is
// replaced while functions run.
const (
	PseudonymKey Name = "PSEUDONYM_KEY" // makes pseudonyms, at least 32 characters
	FiscalKey    Name = "FISCAL_KEY"    // encrypts fiscal codes: 64 hexadecimal digits
	LineaToken   Name = "LINEA_TOKEN"   // our bearer token at Linea INPS
	LineaSecret  Name = "LINEA_SECRET"  // signs Linea INPS's events, at least 32 characters; several, separated by commas, while one is replaced
)

// Secrets are the variables that are secrets.
var Secrets = Set{PseudonymKey, FiscalKey, LineaToken, LineaSecret}

// ClockOffset moves a function's clock, as 36h or -5m: on one machine, where the
// desk is to be open at any hour. It is in no set, and nothing deployed has it.
const ClockOffset = "INFOCIG_CLOCK_OFFSET"

// A Set is the variables that a function needs.
type Set []Name

// Sets is the set of every function, by the name of its folder: chat.go and platform.go
// have those of an area each.
var Sets = map[string]Set{}

// of declares the set of a function.
func of(function string, names ...Name) Set {
	Sets[function] = names
	return names
}

// A Lookup finds a variable: os.LookupEnv.
type Lookup func(name string) (string, bool)

// Values are the variables of a set.
type Values map[Name]string

// Read returns the variables of a set. Its error names all that are missing or
// empty.
func Read(set Set, lookup Lookup) (Values, error) {
	v := Values{}
	var missing []string
	for _, name := range set {
		value, _ := lookup(string(name))
		if value == "" {
			missing = append(missing, string(name))
		}
		v[name] = value
	}
	if missing != nil {
		return nil, fmt.Errorf("missing environment variables: %s", strings.Join(missing, ", "))
	}
	return v, nil
}
