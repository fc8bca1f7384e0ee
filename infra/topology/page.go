package topology

import (
	"html"
	"strings"

	"infocig/shared/text"
)

// Pages are the pages besides the first one, by their paths: /myinps is myinps.html.
// The officers' page is local's only.
var Pages = []string{"myinps", "cassetto", "advisor", "supervisor"}

// NotFound is the page of a path that is no page's. It needs no other file.
func NotFound() string {
	say := func(key string) string { return html.EscapeString(text.Sentence(text.Default, key)) }
	return `<!doctype html>
<html lang="` + text.Default + `">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>` + say("notfound.title") + `</title>
</head>
<body>
  <main>
    <h1>` + say("notfound.title") + `</h1>
    <p>` + say("notfound.body") + `</p>
    <p><a href="/">` + say("notfound.home") + `</a></p>
  </main>
</body>
</html>
`
}

// PageHeaders are what every page is sent with (OWASP ASVS 5.0, V3.4). Connect is what
// pages may connect to besides their own origin.
func PageHeaders(connect ...string) map[string]string {
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; worker-src 'self'; " +
			"connect-src " + strings.Join(append([]string{"'self'"}, connect...), " ") + "; base-uri 'none'; form-action 'self'; " +
			"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html infocig-worker",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           permissions,
	}
}

// permissions are those that nothing here needs. Sound and notifications are not among
// them: the console uses both.
const permissions = "accelerometer=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

// APIHeaders are what every answer of the HTTP API is sent with: the function's own
// (shared/http/rest), and by CloudFront those of the gateway.
func APIHeaders() map[string]string {
	return map[string]string{
		"Cache-Control":                "no-store",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           permissions,
		"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
	}
}
