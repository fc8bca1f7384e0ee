package look_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"infocig/shared/app/env"
	"infocig/shared/app/wiring/look"
	"infocig/shared/chat"
	"infocig/shared/chat/store"
	"infocig/shared/table/memory"
)

func TestALookIsCounted(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	var out bytes.Buffer
	v := env.Values{env.Pages: s.URL, env.Socket: s.URL, env.Stage: "test", env.Issuers: `[{"door":"institute","url":"` + s.URL + `","audience":"a","jwks":"j"}]`}
	handle, err := look.New(chat.New(chat.Config{Store: store.New(memory.New()), NewID: func() string { return "id" }}).Desk, v, &out)
	if err != nil {
		t.Fatal(err)
	}
	if err := handle(t.Context(), struct{}{}); err != nil {
		t.Fatal(err)
	}
	var got struct{ LookFailed float64 }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.LookFailed != 5 {
		t.Errorf("%v of 5 things are wrong; %v", got.LookFailed, err)
	}
}
