package lineainps

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/code"
)

func TestVerify(t *testing.T) {
	const body = `{"escalation":"` + id + `","step":2}`
	old, present := Secret("the secret until yesterday"), Secret("the secret of today")
	both := []Secret{present, old}
	signed := func(s Secret, at time.Time, body string) http.Header {
		h := http.Header{}
		s.Sign(h, at, []byte(body))
		return h
	}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	good := signed(present, noon, body)
	for name, test := range map[string]struct {
		header http.Header
		body   string
		at     time.Time
		want   error
	}{
		"signed":                        {good, body, noon, nil},
		"signed with the old secret":    {signed(old, noon, body), body, noon, nil},
		"five minutes ago":              {good, body, noon.Add(Tolerance), nil},
		"our clock is late":             {good, body, noon.Add(-Tolerance), nil},
		"a replay after five minutes":   {good, body, noon.Add(Tolerance + time.Second), code.Forbidden},
		"from the future":               {good, body, noon.Add(-Tolerance - time.Second), code.Forbidden},
		"a replay with a new time":      {with(good, TimestampHeader, "1795435300"), body, time.Unix(1795435300, 0), code.Forbidden},
		"another body":                  {good, `{"escalation":"` + id + `","step":3}`, noon, code.Forbidden},
		"another secret":                {signed(Secret("guessed"), noon, body), body, noon, code.Forbidden},
		"no signature":                  {with(good, SignatureHeader, ""), body, noon, code.Forbidden},
		"another version":               {with(good, SignatureHeader, "v2"+good.Get(SignatureHeader)[2:]), body, noon, code.Forbidden},
		"a cut signature":               {with(good, SignatureHeader, good.Get(SignatureHeader)[:20]), body, noon, code.Forbidden},
		"no time":                       {with(good, TimestampHeader, ""), body, noon, code.Forbidden},
		"a time that is none":           {with(good, TimestampHeader, "now"), body, noon, code.Forbidden},
		"signed, but no event":          {signed(present, noon, `[]`), `[]`, noon, code.Invalid},
		"signed, but of nothing":        {signed(present, noon, `{"escalation":"","step":1}`), `{"escalation":"","step":1}`, noon, code.Invalid},
		"signed, with an unknown field": {signed(present, noon, `{"escalation":"x","step":1,"y":1}`), `{"escalation":"x","step":1,"y":1}`, noon, code.Invalid},
		"signed, step zero":             {signed(present, noon, `{"escalation":"x","step":0}`), `{"escalation":"x","step":0}`, noon, code.Invalid},
	} {
		e, err := Verify(both, test.header, []byte(test.body), test.at)
		if !errors.Is(err, test.want) || err == nil && (e.Escalation != id || e.Step != 2) {
			t.Errorf("%s: got %+v, %v", name, e, err)
		}
	}
	if _, err := Verify(nil, good, []byte(body), noon); !errors.Is(err, code.Forbidden) {
		t.Errorf("no secret: %v", err)
	}
}

func TestParseSecrets(t *testing.T) {
	one, two := strings.Repeat("1", MinSecret), strings.Repeat("2", MinSecret+1)
	for name, test := range map[string]struct {
		value string
		want  []Secret // nil: refused
	}{
		"one":              {one, []Secret{Secret(one)}},
		"two":              {two + "," + one, []Secret{Secret(two), Secret(one)}},
		"none":             {"", nil},
		"short":            {one[1:], nil},
		"the second":       {one + ",short", nil},
		"a comma too many": {one + ",", nil},
	} {
		got, err := ParseSecrets(test.value)
		if (err != nil) != (test.want == nil) || !cmp.Equal(test.want, got) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), one[1:]) {
			t.Errorf("%s: the secret is in the error: %v", name, err)
		}
	}
}
