package redact

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const jwtExample = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

func TestLog(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"empty":                                 {"", ""},
		"constant message":                      {"cannot note a connection that is gone", "cannot note a connection that is gone"},
		"IBAN":                                  {"item: " + it, "item: [iban]"},
		"card":                                  {"card=4111 1111 1111 1111;", "card=[card];"},
		"codice fiscale":                        {"cf=RSSMRA85T10A562S", "cf=[fiscal_code]"},
		"codice fiscale in lower case":          {"rssmra85t10a562s", "[fiscal_code]"},
		"codice fiscale in groups":              {"RSSMRA 85T10 A562S", "[fiscal_code]"},
		"omocodia":                              {"RSSMRA85T10A56NH", "[fiscal_code]"},
		"omocodia without digits":               {"RSSMRAURTMLARSNL", "[fiscal_code]"},
		"codice fiscale with wrong letter":      {"RSSMRA85T10A562T", "RSSMRA85T10A562T"},
		"e-mail":                                {"to <mario.rossi+inps@posta.example.it>.", "to <[email]>."},
		"e-mail in a URL":                       {"/?a=mario%40example.com&b", "/?a=[email]&b"},
		"e-mail of other letters":               {"niccolò@città.example", "[email]"},
		"e-mail with a codice fiscale":          {"mario.RSSMRA85T10A562S@pec.example", "[email]"},
		"addresses in a row":                    {"a@b.it@c.it", "[email]"},
		"no domain":                             {"root@localhost a@10.0.0.1 @types", "root@localhost a@10.0.0.1 @types"},
		"mobile":                                {"tel 333 1234567 o 347/1234567", "tel [phone] o [phone]"},
		"mobile as one word":                    {"3331234567", "[phone]"},
		"mobile in small groups":                {"333.12.34.567", "[phone]"},
		"mobile with country":                   {"+39 333 1234567", "+[phone]"},
		"country without plus":                  {"00393331234567 393331234567", "[phone] [phone]"},
		"fixed network":                         {"06 1234567, 02-12345678, (011) 123456", "[phone], [phone], ([phone]"},
		"of another country":                    {"+44 20 7946 0958", "+[phone]"},
		"JWT":                                   {"Bearer " + jwtExample, "Bearer [jwt]"},
		"JWT without signature":                 {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "[jwt]"},
		"JWT cut off":                           {"eyJhbGciOiJub25lIn0.eyJzdWIiOi", "[jwt]"},
		"encrypted token":                       {"eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn", "[jwt]"},
		"JWT with an IBAN in it goes whole":     {"eyJhbGciOi.eyJ" + it + ".c2ln", "[jwt]"},
		"JWT without digits":                    {"eyJhbGciOi.eyJzdWIiOi.cIg", "[jwt]"},
		"header alone is no token":              {"eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIn0"},
		"protocol number":                       {"INPS.7000.14/11/2026.0123456", "INPS.7000.14/11/2026.0123456"},
		"case numbers":                          {"CIGO-2026-0012345 INPS.CIGO.2026.0417.001", "CIGO-2026-0012345 INPS.CIGO.2026.0417.001"},
		"small integers":                        {"3 of 20 after 1500 ms, 65535", "3 of 20 after 1500 ms, 65535"},
		"timestamps":                            {"2026-11-23T22:21:03.123456789Z 2026-11-23 22:21:03.123456 +0100", "2026-11-23T22:21:03.123456789Z 2026-11-23 22:21:03.123456 +0100"},
		"Italian days":                          {"05/11/2026, 05.11.2026 e 05-11-2026", "05/11/2026, 05.11.2026 e 05-11-2026"},
		"Unix time":                             {"1795472463 1795472463123", "1795472463 1795472463123"},
		"decimal numbers":                       {"0.3331234567 1,3331234567", "0.3331234567 1,3331234567"},
		"durations":                             {"took 3.331234567s of 30s", "took 3.331234567s of 30s"},
		"IP addresses":                          {"10.0.0.1:443 34.240.120.33 [2001:db8::1]", "10.0.0.1:443 34.240.120.33 [2001:db8::1]"},
		"UUID":                                  {"3331234-0 33312345-6789-4111-8111-123456789012", "3331234-0 33312345-6789-4111-8111-123456789012"},
		"request id of API Gateway":             {"JKJaXmPLvHcESHA=", "JKJaXmPLvHcESHA="},
		"trace id":                              {"1-5759e988-bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272793"},
		"words in groups are no codice fiscale": {"10, RSSMRA URTML ARSNL", "10, RSSMRA URTML ARSNL"},
		"random text of this service":           {"ABCDERSSMRAURTMLARSNLFGHIJ", "ABCDERSSMRAURTMLARSNLFGHIJ"},
		"request id of DynamoDB":                {strings.Repeat("Z", 12) + it + strings.Repeat("Z", 13), strings.Repeat("Z", 12) + it + strings.Repeat("Z", 13)},
		"conversation":                          {"worker_case.0.12", "worker_case.0.12"},
		"placeholders stay":                     {"[iban] [card] [fiscal_code] [email] [phone] [jwt]", "[iban] [card] [fiscal_code] [email] [phone] [jwt]"},
		"invalid UTF-8":                         {"\xff3331234567\xff", "\xff[phone]\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Log(test.in); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestIdentifiersOfMachinesStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "bytes")
		at := time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "time")).UTC()
		for _, id := range []string{
			fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16]),
			hex.EncodeToString(b[:16]), hex.EncodeToString(b),
			fmt.Sprintf("1-%x-%x", b[:4], b[4:16]),
			base64.URLEncoding.EncodeToString(b[:11]),
			rand.Text(),
			at.Format(time.RFC3339Nano), at.String(),
		} {
			if got := Log("id " + id + "."); got != "id "+id+"." {
				t.Errorf("%s becomes %s", id, got)
			}
		}
	})
}
