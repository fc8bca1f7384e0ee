package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestStory(t *testing.T) {
	s, _ := serve(t, options{clock: opening, unhurried: true})
	chatStory(t, s, 20)
}

// chatStory is the main job over real sockets: a worker joins, an advisor
// accepts, they write, the worker's socket is cut, a colleague takes over, the
// conversation is closed and its transcript fetched.
func chatStory(t *testing.T, s *server, messages int) {
	worker := login(t, s, "myinps", "worker-rm")
	_, own, _ := request(t, "GET", s.base+"/v1/cases", worker, nil)
	one := own["cases"].([]any)[0].(map[string]any)["id"].(string)

	c := dial(t, s, "/v1/tickets", worker, map[string]any{})
	c.must("hello", nil)
	queued := c.must("join", map[string]any{"topic": "worker_case", "question": "Quando mi pagano?", "cases": []string{one}})
	id := queued["conversation"].(string)
	same(t, "ahead", queued["snapshot"].(map[string]any)["ahead"], any(0.0))
	about := func(fields map[string]any) map[string]any {
		fields["conversation"] = id
		return fields
	}
	say := func(p *peer, number int, text string) {
		t.Helper()
		for {
			v := p.ask("send", about(map[string]any{"number": number, "text": text}))
			if v["event"] == "ack" {
				return
			}
			if v["code"] != "throttled" {
				t.Fatalf("send %d: %v", number, v)
			}
			time.Sleep(time.Duration(v["after_ms"].(float64)) * time.Millisecond)
		}
	}

	advisor := login(t, s, "institute", "advisor-1")
	a := dial(t, s, "/v1/advisor/tickets", advisor, nil)
	a.must("hello", nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 2})
	a.until("offered")
	w := a.must("hello", about(map[string]any{"since": 0}))
	first := w["snapshot"].(map[string]any)["entries"].([]any)[0].(map[string]any)
	same(t, "the question is in front of the advisor", first["text"], any("Quando mi pagano?"))
	same(t, "and who asks", first["citizen"].(map[string]any)["name"], any("Giuliana Ferrantini"))
	_, v, _ := request(t, "GET", s.base+"/v1/advisor/conversations/"+id+"/cases", advisor, nil)
	same(t, "and the case", v["cases"].([]any)[0].(map[string]any)["id"], any(one))
	a.must("accept", about(map[string]any{}))
	c.until("assigned")

	var want []string
	for n := 1; n <= messages; n++ {
		if n == messages/2 { // in the middle the worker's socket is cut
			_ = c.socket.CloseNow()
			a.until("presence")
		}
		text := fmt.Sprint("risposta ", n)
		say(a, n, text)
		want = append(want, text)
		if n == messages/2 {
			c = dial(t, s, "/v1/tickets", worker, map[string]any{})
			back := c.must("hello", about(map[string]any{"since": 0}))
			same(t, "after the cut", texts(back["snapshot"]), want)
		}
		text = fmt.Sprint("domanda ", n)
		say(c, n, text)
		say(c, n, text) // a resend
		want = append(want, text)
	}

	b := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-2"), nil)
	b.must("presence", map[string]any{"state": "available", "capacity": 1})
	a.must("transfer", about(map[string]any{"advisor": "advisor-2"}))
	b.until("offered")
	b.must("accept", about(map[string]any{}))
	if v := a.ask("send", about(map[string]any{"number": messages + 1, "text": "ancora io"})); v["code"] != "not_found" {
		t.Errorf("the former advisor writes: %v", v)
	}
	b.must("close", about(map[string]any{"outcome": "settled"}))
	a.must("presence", map[string]any{"state": "paused", "capacity": 2}) // for the stories that come after
	b.must("presence", map[string]any{"state": "paused", "capacity": 1})
	same(t, "outcome", c.until("ended")["item"].(map[string]any)["outcome"], any("settled"))

	var got []string
	for since, more := 0, true; more; {
		page := c.must("hello", about(map[string]any{"since": since}))["snapshot"].(map[string]any)
		entries := page["entries"].([]any)
		for i, e := range entries {
			same(t, "number", e.(map[string]any)["seq"], any(float64(since+i+1)))
		}
		got = append(got, texts(page)...)
		since += len(entries)
		more, _ = page["more"].(bool)
	}
	same(t, "all messages, once and in order", got, want)

	status, _, text := request(t, "GET", s.base+"/v1/conversations/"+id+"/transcript", worker, nil)
	same(t, "transcript", status, http.StatusOK)
	for _, w := range append(want, "Quando mi pagano?", "Davide Pratolini Verdi") {
		if !strings.Contains(text, w) {
			t.Errorf("the transcript lacks %q", w)
		}
	}
	status, _, _ = request(t, "GET", s.base+"/v1/conversations/"+id+"/transcript", login(t, s, "myinps", "worker-mi"), nil)
	same(t, "somebody else's transcript", status, http.StatusNotFound)
}

func TestConsultantPicksACompany(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "cassetto", "consultant")
	_, me, _ := request(t, "GET", s.base+"/v1/me", token, nil)
	companies := me["companies"].([]any)
	same(t, "companies", len(companies), 3)
	second := companies[1].(map[string]any)["id"].(string)
	status, problem, _ := request(t, "POST", s.base+"/v1/tickets", token, map[string]any{})
	same(t, "without a company", status, http.StatusBadRequest)
	same(t, "parameter", problem["param"], any("company"))
	status, _, _ = request(t, "POST", s.base+"/v1/tickets", token, map[string]any{"company": "99999010152"})
	same(t, "with somebody else's", status, http.StatusBadRequest)

	c := dial(t, s, "/v1/tickets", token, map[string]any{"company": second})
	if v := c.ask("join", map[string]any{"topic": "worker_case"}); v["code"] != "invalid" {
		t.Errorf("a worker's topic: %v", v)
	}
	c.must("join", map[string]any{"topic": "employer_case", "question": "Per la domanda CIGS"})
	a := dial(t, s, "/v1/advisor/tickets", login(t, s, "institute", "advisor-1"), nil)
	a.must("presence", map[string]any{"state": "available", "capacity": 2})
	id := a.until("offered")["conversation"]
	v := a.must("hello", map[string]any{"conversation": id})
	citizen := v["snapshot"].(map[string]any)["entries"].([]any)[0].(map[string]any)["citizen"]
	same(t, "whom the advisor sees", citizen, any(map[string]any{
		"name": "Annarita Dell’Erba", "role": "consultant", "province": "NA", "company": "Cantieri del Golfo S.r.l.",
	}))
}

func TestWhoMayNotChat(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	for person, state := range map[string]string{"worker-to": "login_too_weak", "employee-ba": "not_admitted"} {
		issuer := "myinps"
		if person == "employee-ba" {
			issuer = "cassetto"
		}
		token := login(t, s, issuer, person)
		_, me, _ := request(t, "GET", s.base+"/v1/me", token, nil)
		same(t, person, me["decisions"].([]any)[0].(map[string]any)["state"], any(state))
		status, problem, _ := request(t, "GET", s.base+"/v1/cases", token, nil)
		same(t, person+" and cases", status, http.StatusForbidden)
		same(t, person+" is told why", problem["title"], me["decisions"].([]any)[0].(map[string]any)["text"])
		same(t, person+" is told why, for machines", problem["reason"], me["decisions"].([]any)[0].(map[string]any)["reason"])
		topic := map[string]string{"myinps": "worker_case", "cassetto": "employer_case"}[issuer]
		c := dial(t, s, "/v1/tickets", token, map[string]any{})
		v := c.ask("join", map[string]any{"topic": topic})
		if d, ok := v["decision"].(map[string]any); v["event"] != "refused" || !ok || d["state"] != state {
			t.Errorf("%s joins: %v", person, v)
		}
	}
	for path, token := range map[string]string{
		"/v1/advisor/tickets": login(t, s, "institute", "operator"),
		"/v1/operator/rules":  login(t, s, "institute", "advisor-1"),
		"/v1/tickets":         login(t, s, "institute", "advisor-1"),
	} {
		method := "POST"
		if strings.Contains(path, "rules") {
			method = "GET"
		}
		status, _, _ := request(t, method, s.base+path, token, map[string]any{})
		same(t, path, status, http.StatusForbidden)
	}
}

func TestATicketOpensOneSocketFromOurPagesOnly(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "myinps", "worker-rm")
	try := func(origin string, times int) int {
		_, v, _ := request(t, "POST", s.base+"/v1/tickets", token, map[string]any{})
		status := 0
		for range times {
			_, resp, _ := websocket.Dial(t.Context(), v["url"].(string), &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
			status = resp.StatusCode
		}
		return status
	}
	same(t, "once", try(s.base, 1), http.StatusSwitchingProtocols)
	same(t, "twice", try(s.base, 2), http.StatusForbidden)
	same(t, "from elsewhere", try("https://evil.example", 1), http.StatusForbidden)
}

func TestOperatorClosesTheDesk(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "institute", "operator")
	url := s.base + "/v1/operator/rules"
	_, rules, _ := request(t, "GET", url, token, nil)
	same(t, "revision", rules["rev"], any(0.0))
	closure := map[string]any{"from": "2026-11-24T15:00:00+01:00", "until": "2026-11-24T18:00:00+01:00", "reason": "assemblea del personale"}
	put := func(rev int, closure map[string]any) int {
		status, _, _ := request(t, "PUT", url, token, map[string]any{"rev": rev, "closures": []any{closure}})
		return status
	}
	same(t, "set", put(0, closure), http.StatusOK)
	same(t, "from an old revision", put(0, closure), http.StatusConflict)
	same(t, "nonsense", put(1, map[string]any{"from": "2026-11-24T15:00:00Z", "until": "2026-11-24T14:00:00Z", "reason": "x"}), http.StatusBadRequest)
	var v map[string]any
	eventually(t, "in force", func() bool { // within ten seconds
		_, v, _ = request(t, "GET", s.base+"/v1/availability?audience=worker&province=RM&at=2026-11-24T16:00:00%2B01:00", "", nil)
		return v["state"] == "closed"
	})
	same(t, "because", v["closure"], any("assemblea del personale"))
	same(t, "until", v["opens_at"], any("2026-11-25T14:00:00.000Z"))
}

// TestEmergencyClosure: who waits is told by the action itself, why and when the
// desk opens again; who talks goes on; and nobody new comes in.
func TestEmergencyClosure(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: opening, unhurried: true})
	c, a, id, _, _, _ := talking(t, s)
	a.must("presence", map[string]any{"state": "paused", "capacity": 1})
	token := login(t, s, "myinps", "worker-mi")
	w := dial(t, s, "/v1/tickets", token, map[string]any{})
	queued := w.must("join", map[string]any{"topic": "worker_case"})
	same(t, "waits", queued["status"], any("queued"))
	waiting := queued["conversation"].(string)

	status, v, text := request(t, "POST", s.base+"/v1/operator/closure", login(t, s, "institute", "operator"), map[string]any{"reason": "guasto degli impianti"})
	if status != http.StatusOK {
		t.Fatalf("closure: %d %s", status, text)
	}
	same(t, "ended, left, opens again", []any{v["ended"], v["left"], v["opens_at"]}, []any{1.0, 0.0, "2026-11-24T14:00:00.000Z"})
	same(t, "until", v["closure"].(map[string]any)["until"], any("2026-11-23T23:00:00.000Z"))
	ended := w.until("ended")["item"].(map[string]any)
	same(t, "who waits is told", []any{ended["outcome"], ended["reason"], ended["text"], ended["opens_at"]},
		[]any{"not_served", "desk_closed", "guasto degli impianti", "2026-11-24T14:00:00.000Z"})
	_, _, transcript := request(t, "GET", s.base+"/v1/conversations/"+waiting+"/transcript", token, nil)
	if !strings.Contains(transcript, "guasto degli impianti") {
		t.Errorf("the transcript does not say why: %s", transcript)
	}
	for _, p := range []*peer{c, a} {
		notice := p.until("closing")["closing"].(map[string]any)
		same(t, "who talks is told", notice["reason"], any("guasto degli impianti"))
	}
	c.must("send", map[string]any{"conversation": id, "number": 1, "text": "ci siete?"})
	a.must("send", map[string]any{"conversation": id, "number": 1, "text": "sì"})
	eventually(t, "in force", func() bool { // within ten seconds
		_, v, _ := request(t, "GET", s.base+"/v1/availability?audience=worker&province=RM", "", nil)
		return v["state"] == "closed"
	})
	v = w.ask("join", map[string]any{"topic": "worker_case"})
	decision, _ := v["decision"].(map[string]any)
	same(t, "nobody comes in", []any{v["event"], decision["closure"]}, []any{"refused", "guasto degli impianti"})
}

// TestNoticesBeforeClosing: ten minutes before, by the sweep, and to whoever connects.
func TestNoticesBeforeClosing(t *testing.T) {
	t.Parallel()
	s, _ := serve(t, options{clock: "2026-11-23T17:49:50+01:00", unhurried: true})
	c, a, _, _, worker, _ := talking(t, s)
	want := map[string]any{"at": "2026-11-23T17:00:00.000Z", "until": "2026-11-23T17:15:00.000Z"}
	for name, p := range map[string]*peer{"citizen": c, "advisor": a} {
		same(t, name, p.until("closing")["closing"], any(want))
	}
	same(t, "after a reload", dial(t, s, "/v1/tickets", worker, map[string]any{}).must("hello", nil)["closing"], any(want))
}
