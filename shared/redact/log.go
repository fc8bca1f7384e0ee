package redact

import (
	"strings"

	"infocig/shared/fiscal"
)

// What [Log] leaves in place of what it hides.
const (
	logIBAN  = "[iban]"
	logCard  = "[card]"
	logCode  = "[fiscal_code]"
	logEmail = "[email]"
	logPhone = "[phone]"
	logJWT   = "[jwt]"
)

// Log returns s as it may stand in a log: without tokens, numbers of bank
// accounts and of cards, codici fiscali, e-mail addresses and telephone
// numbers. It looks for them in this order, after protocol and case numbers,
// which stay, as do identifiers of machines, days and times. Tokens come first
// because what is found within one would break it up and leave the rest.
func Log(s string) string {
	s, _ = hideLog(s)
	return s
}

// hideLog is Log; looked counts the characters that it compared.
func hideLog(s string) (clean string, looked int) {
	if !suspicious(s) {
		return s, 0
	}
	return outside(s, logShield, func(part string) string {
		if strings.Contains(part, "eyJ") {
			part = jwt().ReplaceAllString(part, logJWT)
		}
		p := read(part)
		p.ibans(logIBAN)
		p.cards(logCard)
		p.each(logCode, p.code)
		looked += p.looked
		part = p.clean()
		if strings.ContainsAny(part, "@＠") || strings.Contains(part, "%40") {
			part = email().ReplaceAllString(part, logEmail)
		}
		p = read(part)
		p.each(logPhone, p.phone)
		looked += p.looked
		return p.clean()
	}), looked
}

// suspicious reports whether s can have something to hide: two digits, an @, a
// token, or a word as long as a codice fiscale that omocodia left without digits.
func suspicious(s string) bool {
	word := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@':
			return true
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			if word++; word == 16 {
				return true
			}
		default:
			word = 0
		}
	}
	return hasDigits(s) || strings.Contains(s, "eyJ")
}

// jwt is a token in the compact form of RFC 7515 or 7516, or its first two
// parts, since the second is readable. The header is a JSON object, so it
// starts as {" does in base64url.
var jwt = pattern(`eyJ[\w-]*\.(?:[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+|[\w-]+\.[\w-]+|eyJ[\w-]*\.?)`)

// email is an address (RFC 5321, 6531), also escaped for a URL. The part before
// the @ may have had something hidden in it.
var email = pattern(`(?:[\p{L}\p{N}]|\[(?:iban|card|fiscal_code|email|phone|jwt)\])` +
	`(?:[\p{L}\p{N}\p{M}\p{Cf}._+'-]|\[(?:iban|card|fiscal_code|email|phone|jwt)\])*` +
	`(?:(?:@|＠|%40)(?:[\p{L}\p{N}\p{M}\p{Cf}-]+\.)+\p{L}[\p{L}\p{N}\p{M}\p{Cf}-]*[\p{L}\p{N}])+`)

const codeLength = 16

// code returns the length of the codice fiscale at i, 0 if there is none. In
// groups it needs four digits, so that no words are taken for one.
func (p *page) code(i int) int {
	if !p.at(i).letter() {
		return 0
	}
	var b [codeLength]byte
	grouped, digits := false, 0
	for k := range b {
		s := p.at(i + k)
		letter := k < 6 || k == 8 || k == 11 || k == 15
		if s.c == 0 || k > 0 && !s.gap.soft() || letter && !s.letter() {
			return 0
		}
		b[k] = s.c
		grouped = grouped || k > 0 && s.gap != none
		if s.digit() {
			digits++
		}
	}
	if grouped && digits < 4 {
		return 0
	}
	if _, err := fiscal.ParseCode(string(b[:])); err != nil {
		return 0
	}
	return codeLength
}
