package fiscal_test

import (
	"errors"
	"testing"

	"infocig/shared/fiscal"
)

func TestParsePerson(t *testing.T) {
	const code, omocode, provisional = "FRRGLN84C52Z999T", "CHMHLN82T70Z9VVS", "12345678903"
	for in, want := range map[string]struct {
		code string
		err  error
	}{
		"TINIT-FRRGLN84C52Z999T":         {code, nil},
		"FRRGLN84C52Z999T":               {code, nil},
		"tinit-frrgln84c52z999t":         {code, nil},
		" \tTinIt-FRRGLN84C52Z999T \n":   {code, nil},
		"TINIT-CHMHLN82T70Z9VVS":         {omocode, nil},
		"TINIT-12345678903":              {provisional, nil},
		"12345678903":                    {provisional, nil},
		"":                               {"", fiscal.Missing},
		"  ":                             {"", fiscal.Missing},
		"TINDE-123456789":                {"", fiscal.OtherScheme},
		"tinfr-0701987765432":            {"", fiscal.OtherScheme},
		"VATIT-12345678903":              {"", fiscal.OtherScheme},
		"IDCIT-CA00000AA":                {"", fiscal.OtherScheme},
		"TINIT-TINIT-FRRGLN84C52Z999T":   {"", fiscal.OtherScheme},
		"TINIT-":                         {"", fiscal.BadLength},
		"ABC":                            {"", fiscal.BadLength},
		"' OR 1=1":                       {"", fiscal.BadForm},
		"FRRGLN84C52Z999A":               {"", fiscal.BadCheck},
		"12345678904":                    {"", fiscal.BadCheck},
		"00000000000":                    {"", fiscal.BadForm},
		"FRRGLN84C52 Z999T":              {"", fiscal.BadForm},
		"FRRGLN84C72Z999T":               {"", fiscal.BadDate},
		"FRRGLN84C52Z999T\x00":           {"", fiscal.BadForm},
		"ſrrgln84c52z999t":               {"", fiscal.BadForm}, // a long s is S in capitals
		"１２３４５６７８９０３":                    {"", fiscal.BadForm},
		"TINIT-FRRGLN84C52Z999T\u202C":   {"", fiscal.BadForm},
		"TINIT-FRRGLN84C52Z999TFRRGLN84": {"", fiscal.BadLength},
	} {
		got, err := fiscal.ParsePerson(in)
		if got != want.code && err == nil || !errors.Is(err, want.err) || (err == nil) != (want.err == nil) {
			t.Errorf("%+q: got %q, %v", in, got, err)
		}
	}
}

func TestParseCompany(t *testing.T) {
	for in, good := range map[string]bool{
		"99999010152": true, " 99999010152 ": true, "FRRGLN84C52Z999T": true, "frrgln84c52z999t": true,
		"": false, "99999010153": false, "TINIT-FRRGLN84C52Z999T": false, "9": false, "FRRGLN84C52Z999A": false,
	} {
		if got, err := fiscal.ParseCompany(in); (err == nil) != good {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
}
