// Package owner has the values that belong to whoever runs an installation, and
// that no code can know: account, domain, issuers, Linea INPS, how long things are
// kept. They are in one file for each stage, beside this one.
package owner

import (
	"fmt"
	"os"
	"strings"
)

// A Stage is an installation.
type Stage string

// The stages.
const (
	Dev  Stage = "dev"  // every value has a default, so that it can be synthesized as it is
	Prod Stage = "prod" // none has
)

// Values are the owner's. check.go says what each may be.
type Values struct {
	Account          string   `json:"account"`           // of AWS: 12 digits
	Region           string   `json:"region"`            // of everything but the web ACL, which CloudFront has in us-east-1
	Domain           string   `json:"domain"`            // of the pages
	CertificateARN   string   `json:"certificate_arn"`   // of that domain, in us-east-1: CloudFront asks for it there
	Issuers          []Issuer `json:"issuers"`           // of tokens: one of each door
	ClientID         string   `json:"client_id"`         // of the pages at the issuers
	Linea            Linea    `json:"linea"`             // Linea INPS
	LogDays          int      `json:"log_days"`          // how long logs are kept: a number that CloudWatch has
	ConversationDays int      `json:"conversation_days"` // how long conversations are kept after their end
	WAF              string   `json:"waf"`               // on or off
	DetailedMetrics  string   `json:"detailed_metrics"`  // of each route: on or off
	// Concurrency is Reserved or Shared. A new account runs 10 or 50 functions at
	// once, and cannot reserve any.
	Concurrency string `json:"concurrency"`
	// GatewayAuthorizers is on where API Gateway verifies the tokens of staff before
	// the functions do. It reads the issuer's discovery document when the stack is
	// made, and fails where it cannot; it knows no other address of the keys.
	GatewayAuthorizers string `json:"gateway_authorizers"`
	// BackupVaultARN is a vault, of another account, that gets a copy of each day's
	// backup of the table. It may be missing.
	BackupVaultARN   string `json:"backup_vault_arn"`
	RestoredTable    string `json:"restored_table"` // the table that a backup was restored to, if one was: it may be missing
	AlarmEmail       string `json:"alarm_email"`    // who is told of alarms
	MonthlyBudgetUSD int    `json:"monthly_budget_usd"`
	Web              Web    `json:"web"`
}

// An Issuer vouches for people who come through a door.
type Issuer struct {
	Door     string `json:"door"` // myinps, cassetto, institute
	URL      string `json:"url"`
	Audience string `json:"audience"`
	JWKS     string `json:"jwks"`
}

// Linea is Linea INPS. A secret is the ARN of one that exists in Secrets Manager,
// or Generate.
type Linea struct {
	URL           string `json:"url"`
	TokenSecret   string `json:"token_secret_arn"`   // our bearer token there
	SigningSecret string `json:"signing_secret_arn"` // it signs events with
}

// Generate instead of the ARN of a secret lets the stack make one, with a random
// value.
const Generate = "generate"

// What Concurrency may be.
const (
	Reserved = "reserved" // each function has its own part of the account's concurrency
	Shared   = "shared"   // functions take what the account has
)

// Web is what the pages show of the owner.
type Web struct {
	Owner            string `json:"owner"`
	PrivacyURL       string `json:"privacy_url"`
	AccessibilityURL string `json:"accessibility_url"`
	FeedbackURL      string `json:"feedback_url"`
}

// File returns where the values of a stage are, from the root of the module.
func File(s Stage) string { return fmt.Sprintf("infra/owner/%s.json", s) }

// Read reads the values of a stage from a file. Its error names all that are
// missing or wrong, and says what each should be.
func Read(stage Stage, file string) (Values, error) {
	var v Values
	if stage != Dev && stage != Prod {
		return v, fmt.Errorf("stage %q: want %s or %s, as in: cdk synth -c stage=%s", stage, Dev, Prod, Dev)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return v, fmt.Errorf("the owner's values of stage %s: %w", stage, err)
	}
	wrong, err := decode(raw, &v)
	if err != nil {
		return v, fmt.Errorf("the owner's values of stage %s: %s: %w", stage, file, err)
	}
	if wrong = wrong.and(v.check(stage)); len(wrong) > 0 {
		return v, fmt.Errorf("the owner's values of stage %s (%s): %d are missing or wrong:\n  %s", stage, file, len(wrong), strings.Join(wrong, "\n  "))
	}
	return v, nil
}

// Issuer returns the issuer of a door; every door has one.
func (v Values) Issuer(door string) Issuer {
	for _, i := range v.Issuers {
		if i.Door == door {
			return i
		}
	}
	return Issuer{}
}

// Example reports whether the values are those that the project comes with: good
// to synthesize, nothing to deploy with.
func (v Values) Example() bool { return v.Account == exampleAccount }

// exampleAccount is the one of AWS's own documentation.
const exampleAccount = "111122223333"
