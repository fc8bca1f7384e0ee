package owner

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Doors are those that people come through: each needs an issuer.
var Doors = []string{"myinps", "cassetto", "institute"}

// logDays are the retentions that CloudWatch Logs has.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var (
	account     = regexp.MustCompile(`^\d{12}$`)
	domain      = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)
	certificate = regexp.MustCompile(`^arn:aws:acm:([a-z0-9-]+):(\d{12}):certificate/[0-9a-f-]+$`)
	secret      = regexp.MustCompile(`^arn:aws:secretsmanager:([a-z0-9-]+):(\d{12}):secret:.+-[A-Za-z0-9]{6}$`)
	vault       = regexp.MustCompile(`^arn:aws:backup:[a-z0-9-]+:\d{12}:backup-vault:[A-Za-z0-9_-]{2,50}$`)
	tableName   = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
)

// check returns what is missing or wrong, a line each.
func (v Values) check(stage Stage) checks {
	var c checks
	c.text("account", v.Account, account.MatchString, "the 12 digits of the AWS account")
	c.text("region", v.Region, isRegion, "a region of AWS: one of "+strings.Join(regions, ", ")+" (infra/owner/regions.go)")
	c.text("domain", v.Domain, domain.MatchString, "the name of the pages' host, such as chat.example.org")
	c.arn("certificate_arn", v.CertificateARN, certificate, v.Account, global, "the ARN of the domain's certificate, in "+global)
	for _, door := range Doors {
		i := v.Issuer(door)
		name := "issuers, door " + door + ", "
		c.text(name+"url", i.URL, isHTTPS, "an address that begins with https://")
		c.text(name+"audience", i.Audience, anything, "the audience of its tokens")
		c.text(name+"jwks", i.JWKS, isHTTPS, "the address of its keys, https://…")
	}
	var seen []string
	for _, i := range v.Issuers {
		if !slices.Contains(Doors, i.Door) || slices.Contains(seen, i.Door) {
			c.wrong("issuers", fmt.Sprintf("door %q", i.Door), "one of each: "+strings.Join(Doors, ", "))
		}
		seen = append(seen, i.Door)
	}
	c.text("client_id", v.ClientID, anything, "the client id of the pages at the issuers")
	c.text("linea.url", v.Linea.URL, isHTTPS, "the address of Linea INPS, https://…")
	for _, s := range []struct{ name, value string }{{"linea.token_secret_arn", v.Linea.TokenSecret}, {"linea.signing_secret_arn", v.Linea.SigningSecret}} {
		want := "the ARN of a secret in Secrets Manager"
		if stage == Dev {
			want += ", or " + Generate
		}
		if stage != Dev || s.value != Generate {
			c.arn(s.name, s.value, secret, v.Account, v.Region, want)
		}
	}
	c.number("log_days", v.LogDays, func(n int) bool { return slices.Contains(logDays, n) }, fmt.Sprint("one of ", logDays))
	c.number("conversation_days", v.ConversationDays, func(n int) bool { return n >= 1 }, "how many days conversations are kept after their end")
	c.text("waf", v.WAF, onOrOff, "on or off")
	c.text("detailed_metrics", v.DetailedMetrics, onOrOff, "on or off")
	c.text("gateway_authorizers", v.GatewayAuthorizers, onOrOff, "on or off")
	c.text("concurrency", v.Concurrency, func(s string) bool { return s == Reserved || s == Shared }, Reserved+" or "+Shared)
	if v.BackupVaultARN != "" && !vault.MatchString(v.BackupVaultARN) {
		c.wrong("backup_vault_arn", v.BackupVaultARN, "the ARN of a backup vault, or nothing")
	}
	if v.RestoredTable != "" {
		c.text("restored_table", v.RestoredTable, tableName.MatchString, "the name of a table")
	}
	c.text("alarm_email", v.AlarmEmail, isEmail, "an e-mail address")
	c.number("monthly_budget_usd", v.MonthlyBudgetUSD, func(n int) bool { return n >= 1 }, "a number of US dollars")
	c.text("web.owner", v.Web.Owner, anything, "the name that the pages show")
	c.text("web.privacy_url", v.Web.PrivacyURL, isHTTPS, "the address of the privacy notice, https://…")
	c.text("web.accessibility_url", v.Web.AccessibilityURL, isHTTPS, "the address of the accessibility statement, https://…")
	c.text("web.feedback_url", v.Web.FeedbackURL, isHTTPS, "an address for feedback, https://…")
	return c
}

// checks are the lines of what is wrong.
type checks []string

func (c *checks) text(name, value string, ok func(string) bool, want string) {
	switch {
	case value == "":
		*c = append(*c, fmt.Sprintf("%s: missing; want %s", name, want))
	case !ok(value):
		c.wrong(name, fmt.Sprintf("%q", value), want)
	}
}

func (c *checks) number(name string, value int, ok func(int) bool, want string) {
	switch {
	case value == 0:
		*c = append(*c, fmt.Sprintf("%s: missing; want %s", name, want))
	case !ok(value):
		c.wrong(name, fmt.Sprint(value), want)
	}
}

// arn looks whether value is an ARN of that form, in the owner's account and in a region. It shows no
// value that is none: it may be the secret itself.
func (c *checks) arn(name, value string, form *regexp.Regexp, owners, in, want string) {
	found := form.FindStringSubmatch(value)
	switch {
	case value == "":
		c.text(name, value, nil, want)
	case found == nil:
		c.wrong(name, "what is there is none", want)
	case found[1] != in && slices.Contains(regions, in):
		c.wrong(name, "it is in region "+found[1], want+", in region "+in)
	case found[2] != owners && account.MatchString(owners):
		c.wrong(name, "it is of account "+found[2], want+", of account "+owners)
	}
}

// and returns c and the lines of more about values that no line of c is about: what was not read is not missing.
func (c checks) and(more checks) checks {
	about := func(line string) string {
		name, _, _ := strings.Cut(line, ":")
		return name
	}
	for _, line := range more {
		if !slices.ContainsFunc(c, func(l string) bool { return about(l) == about(line) }) {
			c = append(c, line)
		}
	}
	return c
}

func (c *checks) wrong(name, got, want string) {
	*c = append(*c, fmt.Sprintf("%s: %s; want %s", name, got, want))
}

func onOrOff(s string) bool { return s == "on" || s == "off" }

// anything is a text, without blanks around it.
func anything(s string) bool { return s == strings.TrimSpace(s) }

func isRegion(s string) bool { return slices.Contains(regions, s) }

// global is the region in which CloudFront looks for certificates.
const global = "us-east-1"

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
