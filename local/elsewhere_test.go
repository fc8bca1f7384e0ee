package main

import (
	"net/http"
	"testing"
)

// TestAConversationForAnotherCompanyIsNamed: by the company's id and name, in hello and in
// the refusal of a join; it can be ended from here, and then there is room.
func TestAConversationForAnotherCompanyIsNamed(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "cassetto", "consultant")
	status, me, text := request(t, "GET", s.base+"/v1/me", token, nil)
	same(t, "me: "+text, status, http.StatusOK)
	var ids, names []string
	for _, c := range me["companies"].([]any) {
		ids, names = append(ids, c.(map[string]any)["id"].(string)), append(names, c.(map[string]any)["name"].(string))
	}
	first := dial(t, s, "/v1/tickets", token, map[string]any{"company": ids[0]})
	id := first.must("join", map[string]any{"topic": "employer_case", "question": "per la prima"})["conversation"]
	second := dial(t, s, "/v1/tickets", token, map[string]any{"company": ids[1]})
	want := any(map[string]any{"id": ids[0], "company": names[0]})
	same(t, "hello", second.must("hello", nil)["elsewhere"], want)
	refused := second.ask("join", map[string]any{"topic": "employer_case", "question": "per la seconda"})
	same(t, "join", []any{refused["code"], refused["elsewhere"]}, []any{"conflict", want})
	same(t, "it is not to be seen from here", second.ask("hello", map[string]any{"conversation": id})["code"], any("not_found"))
	second.must("leave", map[string]any{"elsewhere": true})
	same(t, "the first is told", first.until("ended")["conversation"], id)
	second.must("join", map[string]any{"topic": "employer_case", "question": "per la seconda"})
}
