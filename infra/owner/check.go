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
	region      = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	domain      = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)
	certificate = regexp.MustCompile(`^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+$`)
	secret      = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$`)
)

// check returns what is missing or wrong, a line each.
func (v Values) check(stage Stage) []string {
	var c checks
	c.text("account", v.Account, account.MatchString, "the 12 digits of the AWS account")
	c.text("region", v.Region, region.MatchString, "a region such as eu-south-1")
	c.text("domain", v.Domain, domain.MatchString, "the name of the pages' host, such as chat.example.org")
	c.text("certificate_arn", v.CertificateARN, certificate.MatchString, "the ARN of the domain's certificate, in us-east-1")
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
	fits, want := secret.MatchString, "the ARN of a secret in Secrets Manager"
	if stage == Dev {
		fits, want = func(s string) bool { return s == Generate || secret.MatchString(s) }, want+", or "+Generate
	}
	c.text("linea.token_secret_arn", v.Linea.TokenSecret, fits, want)
	c.text("linea.signing_secret_arn", v.Linea.SigningSecret, fits, want)
	c.number("log_days", v.LogDays, func(n int) bool { return slices.Contains(logDays, n) }, fmt.Sprint("one of ", logDays))
	c.number("conversation_days", v.ConversationDays, func(n int) bool { return n >= 1 }, "how many days conversations are kept after their end")
	c.text("waf", v.WAF, func(s string) bool { return s == "on" || s == "off" }, "on or off")
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

func (c *checks) wrong(name, got, want string) {
	*c = append(*c, fmt.Sprintf("%s: %s; want %s", name, got, want))
}

func anything(string) bool { return true }

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
