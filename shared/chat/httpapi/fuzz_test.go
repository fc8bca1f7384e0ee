package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"infocig/shared/http/rest"
)

// FuzzBody checks that a body that is accepted means the same when it is written again, and
// that any other body is a problem and never a panic.
func FuzzBody(f *testing.F) {
	for _, body := range []string{`{}`, `{"company":"99999030150"}`, `{"company":"a","company":"b"}`, "{\"company\":\"\xff\"}", `{"rev":1,"closures":[]}`, `null`, `[{}]`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		again(t, body, &companyRequest{}, &companyRequest{})
		again(t, body, &rulesBody{}, &rulesBody{})
	})
}

func again[T any](t *testing.T, body string, v, w *T) {
	t.Helper()
	decode := func(s string, into *T) error {
		return rest.Read(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(s)), into)
	}
	if err := decode(body, v); err != nil {
		if _, ok := err.(*rest.Problem); !ok { //nolint:errorlint // exactly that
			t.Errorf("%q: %v is no problem", body, err)
		}
		return
	}
	first, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(string(first), w); err != nil {
		t.Fatalf("%q was taken, %q is not: %v", body, first, err)
	}
	second, err := json.Marshal(w)
	if err != nil || string(first) != string(second) {
		t.Errorf("%q means %q, and then %q", body, first, second)
	}
}
