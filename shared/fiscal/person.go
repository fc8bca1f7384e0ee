package fiscal

import "strings"

// scheme begins a fiscal number of the Italian register, in SPID's attribute
// fiscalNumber and in eIDAS ("TINIT-", ETSI EN 319 412-1, section 5.1.3).
const scheme = "TINIT-"

// ParsePerson returns the fiscal number of a person in capitals, without scheme:
// a codice fiscale, omocodia included, or the eleven digits of a provisional one. Blanks
// around s, lower case and TINIT- are accepted. The error is a Reason; numbers of
// other schemes, such as TINDE- and VATIT-, are OtherScheme.
//
// Source: decreto del Ministero delle finanze 23 December 1976, n. 13813, articles 2
// and 3; provisional numbers: article 8.
func ParsePerson(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", Missing
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F { // no letter of another alphabet becomes one of ours in capitals
			return "", BadForm
		}
	}
	s = strings.TrimPrefix(strings.ToUpper(s), scheme)
	if isScheme(s) {
		return "", OtherScheme
	}
	if len(s) == vatLength {
		provisional, err := ParseVAT(s)
		return string(provisional), err
	}
	code, err := ParseCode(s)
	return string(code), err
}

// ParseCompany returns the fiscal code of a company in capitals: eleven digits, or the
// sixteen characters of somebody who trades alone. The error is a Reason.
func ParseCompany(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", Missing
	}
	if strings.Contains(s, "-") {
		return "", BadForm
	}
	return ParsePerson(s)
}

// isScheme reports whether s begins as a number of a scheme does: three letters, a
// country, a hyphen.
func isScheme(s string) bool {
	const country = 5
	return len(s) > country && s[country] == '-' && strings.Trim(s[:country], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
