package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/http/wire"
)

type head struct {
	ID *int `json:"id,omitzero"`
}

type place struct {
	Name string `json:"name,omitzero"`
}

type request struct {
	head
	Text  string    `json:"text"`
	Many  []string  `json:"many,omitzero"`
	Place place     `json:"place,omitzero"`
	At    time.Time `json:"at,omitzero"`
}

func TestDecode(t *testing.T) {
	one := 1
	var got request
	if err := wire.Decode([]byte(`{"id": 1, "text": "a", "many": ["b"], "place": {"name": "c"}}`), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(request{head{&one}, "a", []string{"b"}, place{"c"}, time.Time{}}, got, cmp.AllowUnexported(request{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for what, raw := range map[string]string{
		"nothing":             ``,
		"null":                `null`,
		"an array":            `[]`,
		"a missing name":      `{"id": 1}`,
		"a null":              `{"text": null}`,
		"a null that is left": `{"text": "a", "id": null}`,
		"a null in a list":    `{"text": "a", "many": [null]}`,
		"a null further in":   `{"text": "a", "place": {"name": null}}`,
		"a null for a whole":  `{"text": "a", "place": null}`,
		"a null instant":      `{"text": "a", "at": null}`,
		"an unknown name":     `{"text": "a", "other": 1}`,
		"another case":        `{"Text": "a"}`,
		"a name twice":        `{"text": "a", "text": "b"}`,
		"another type":        `{"text": 1}`,
		"something behind":    `{"text": "a"} x`,
		"no UTF-8":            "{\"text\": \"\xff\"}",
	} {
		if err := wire.Decode([]byte(raw), &request{}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if err := wire.Decode([]byte(`{}`), &head{}); err != nil {
		t.Errorf("all is optional: %v", err)
	}
}

func TestEncode(t *testing.T) {
	raw, err := wire.Encode(request{Text: "a", At: time.Date(2026, 11, 26, 16, 0, 0, 0, time.FixedZone("", 3600))})
	if err != nil || !strings.Contains(string(raw), `"at":"2026-11-26T15:00:00.000Z"`) {
		t.Errorf("%s, %v", raw, err)
	}
}
