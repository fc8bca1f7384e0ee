package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.yaml.in/yaml/v3"

	"infocig/infra/topology"
	"infocig/shared/chat/socket"
)

// The roles of the matrix. docs/design.md, "Personal data".
const (
	anonymous    = "anonymous"
	owner        = "citizen"            // whose conversation it is
	stranger     = "another citizen"    // on the owner's data
	advising     = "advisor"            // who has the conversation
	former       = "former advisor"     // who had it
	otherTopic   = "advisor of another" // topic
	supervisor   = "supervisor"         //
	operating    = "operator"           //
	officerThere = "officer elsewhere"  // of another office
)

var roles = []string{anonymous, owner, stranger, advising, former, otherTopic, supervisor, operating, officerThere}

// A matrix says for each route what each role gets: for HTTP a status, for the
// socket a code, 0 and "" meaning that it is carried out.
type row[T any] struct {
	body any
	want map[string]T
}

// all gives every role the same.
func all[T any](v T) map[string]T {
	m := map[string]T{}
	for _, r := range roles {
		m[r] = v
	}
	return m
}

// but returns m with other values for some roles.
func but[T any](m map[string]T, v T, some ...string) map[string]T {
	m = maps.Clone(m)
	for _, r := range some {
		m[r] = v
	}
	return m
}

const (
	ok           = http.StatusOK
	created      = http.StatusCreated
	noContent    = http.StatusNoContent
	unauthorized = http.StatusUnauthorized
	forbidden    = http.StatusForbidden
	notFound     = http.StatusNotFound
	conflict     = http.StatusConflict
)

var (
	citizens = []string{owner, stranger}
	advisors = []string{advising, former, otherTopic}

	forStaff         = but(but(all(forbidden), unauthorized, anonymous), unauthorized, citizens...) // not let in: tokens of other issuers
	ofCitizens       = but(all(forbidden), unauthorized, anonymous)
	ofTheAdvisor     = but(but(forStaff, notFound, former, otherTopic), ok, advising)
	forOperatorsOnly = but(forStaff, ok, operating)
)

// routes is the matrix of the HTTP API. {id} is the owner's conversation.
var routes = map[string]row[int]{
	"GET /v1/availability":                     {want: all(ok)},
	"GET /v1/me":                               {want: but(ofCitizens, ok, citizens...)},
	"GET /v1/cases":                            {want: but(ofCitizens, ok, citizens...)},
	"POST /v1/tickets":                         {body: map[string]any{}, want: but(ofCitizens, created, citizens...)},
	"POST /v1/slips":                           {body: map[string]any{}, want: but(ofCitizens, conflict, citizens...)}, // there is room
	"POST /v1/logout":                          {want: but(ofCitizens, noContent, citizens...)},
	"GET /v1/escalations":                      {want: but(ofCitizens, ok, citizens...)},
	"GET /v1/conversations/{id}/transcript":    {want: but(but(ofCitizens, notFound, stranger), ok, owner)},
	"POST /v1/advisor/tickets":                 {want: but(forStaff, created, advisors...)},
	"POST /v1/advisor/logout":                  {want: but(forStaff, noContent, advisors...)},
	"GET /v1/advisor/colleagues":               {want: but(forStaff, ok, advisors...)},
	"GET /v1/advisor/escalations":              {want: but(forStaff, ok, advisors...)},
	"GET /v1/advisor/conversations/{id}/cases": {want: ofTheAdvisor},
	"GET /v1/advisor/conversations/{id}/notes": {want: ofTheAdvisor},
	"GET /v1/supervisor/waiting":               {want: but(forStaff, ok, supervisor)},
	"GET /v1/supervisor/waiting/{id}":          {want: but(forStaff, conflict, supervisor)}, // does not wait
	"POST /v1/supervisor/waiting/{id}/front":   {body: map[string]any{"reason": "deadline"}, want: but(forStaff, conflict, supervisor)},
	"GET /v1/operator/rules":                   {want: forOperatorsOnly},
	"POST /v1/operator/closure":                {body: map[string]any{"reason": "guasto"}, want: forOperatorsOnly},
	"PUT /v1/operator/rules":                   {body: map[string]any{"rev": 1, "closures": []any{}}, want: forOperatorsOnly}, // after it
	"POST /v1/lineainps/events":                {body: map[string]any{"escalation": "x", "step": 1}, want: all(forbidden)},    // not signed
}

// A scene is a conversation that one advisor handed to another.
type scene struct {
	s      *server
	id     string
	about  string
	tokens map[string]string
	peers  map[string]*peer
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s, _ := serve(t, options{clock: opening, unhurried: true})
	x := &scene{s: s, tokens: map[string]string{
		owner: login(t, s, "myinps", "worker-rm"), stranger: login(t, s, "myinps", "worker-mi"),
		former: login(t, s, "institute", "advisor-1"), advising: login(t, s, "institute", "advisor-2"),
		supervisor: login(t, s, "institute", "supervisor"), operating: login(t, s, "institute", "operator"),
		officerThere: login(t, s, "institute", "officer-mi"),
	}, peers: map[string]*peer{}}
	_, v, _ := request(t, "POST", s.base+"/dev/token", "", map[string]any{
		"issuer": "institute", "person": "advisor-3", "claims": map[string]any{"topics": []string{"employers"}},
	})
	x.tokens[otherTopic] = v["access_token"].(string)
	for _, r := range citizens {
		x.peers[r] = dial(t, s, "/v1/tickets", x.tokens[r], map[string]any{})
	}
	for _, r := range advisors {
		x.peers[r] = dial(t, s, "/v1/advisor/tickets", x.tokens[r], nil)
		x.peers[r].must("hello", nil)
	}
	_, own, _ := request(t, "GET", s.base+"/v1/cases", x.tokens[owner], nil)
	x.about = own["cases"].([]any)[0].(map[string]any)["id"].(string)
	x.id = x.peers[owner].must("join", map[string]any{"topic": "worker_case", "cases": []string{x.about}})["conversation"].(string)
	this := map[string]any{"conversation": x.id}
	x.peers[former].must("presence", map[string]any{"state": "available", "capacity": 1})
	x.peers[former].must("accept", this)
	x.peers[advising].must("presence", map[string]any{"state": "available", "capacity": 1})
	x.peers[former].must("transfer", map[string]any{"conversation": x.id, "advisor": "advisor-2"})
	x.peers[former].must("presence", map[string]any{"state": "paused", "capacity": 1})
	x.peers[advising].must("accept", this)
	return x
}

// TestEveryRouteForEveryRole walks the route list: a route or role without an
// expectation fails.
func TestEveryRouteForEveryRole(t *testing.T) {
	x := newScene(t)
	same(t, "routes of the matrix", slices.Sorted(maps.Keys(routes)), slices.Sorted(maps.Keys(topology.HTTP)))
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		row := routes[route]
		same(t, "roles of "+route, len(row.want), len(roles))
		method, path, _ := strings.Cut(route, " ")
		url := x.s.base + strings.ReplaceAll(path, "{id}", x.id)
		if path == "/v1/availability" {
			url += "?audience=worker&province=RM"
		}
		for _, role := range roles {
			status, _, text := request(t, method, url, x.tokens[role], row.body)
			if status != row.want[role] {
				t.Errorf("%s for %s: got %d, want %d: %.200s", route, role, status, row.want[role], text)
			}
			if strings.Contains(path, "{id}") && row.want[role] == notFound {
				absent, _, other := request(t, method, x.s.base+strings.ReplaceAll(path, "{id}", "worker_case.0.999"), x.tokens[role], row.body)
				if absent != status || other != text {
					t.Errorf("%s for %s: what is not theirs differs from what is not there: %s, %s", route, role, text, other)
				}
			}
		}
	}
}

// actionRoles are who has a socket.
var actionRoles = []string{owner, stranger, advising, former, otherTopic}

const carriedOut = ""

// What actions give those who have a socket.
var (
	ofParties  = map[string]string{owner: carriedOut, stranger: "not_found", advising: carriedOut, former: "not_found", otherTopic: "not_found"}
	ofOwner    = map[string]string{owner: carriedOut, stranger: "not_found", advising: "forbidden", former: "forbidden", otherTopic: "forbidden"}
	ofAdvising = map[string]string{owner: "forbidden", stranger: "forbidden", advising: carriedOut, former: "not_found", otherTopic: "not_found"}
)

// actions is the matrix of the socket, in an order in which each can be carried
// out by somebody. Their conversation is the owner's.
var actions = []struct {
	name   string
	fields map[string]any
	want   map[string]string
}{
	{"hello", nil, ofParties},
	{"send", map[string]any{"number": 1, "text": "testo"}, ofParties},
	{"typing", nil, ofParties},
	{"read", map[string]any{"seq": 1}, ofParties},
	{"here", nil, ofOwner},
	// An advisor's ping is about no conversation.
	{"ping", nil, map[string]string{owner: carriedOut, stranger: "not_found", advising: "invalid", former: "invalid", otherTopic: "invalid"}},
	// A stranger joins for himself; who has a conversation gets it again.
	{"join", map[string]any{"topic": "worker_case", "conversation": nil}, map[string]string{
		owner: carriedOut, stranger: carriedOut, advising: "forbidden", former: "forbidden", otherTopic: "forbidden",
	}},
	{"presence", map[string]any{"state": "paused", "capacity": 1, "conversation": nil}, map[string]string{
		owner: "forbidden", stranger: "forbidden", advising: carriedOut, former: carriedOut, otherTopic: carriedOut,
	}},
	{"accept", nil, ofAdvising},
	{"ask", nil, ofAdvising},
	{"note", map[string]any{"number": 1, "text": "nota"}, ofAdvising},
	// Nobody is free, which only the advisor gets to know.
	{"transfer", nil, but(ofAdvising, "unavailable", advising)},
	{"escalate", map[string]any{"number": 2, "text": "manca un dato"}, ofAdvising},
	{"close", map[string]any{"outcome": "escalated"}, ofAdvising},
	{"leave", nil, ofOwner},
}

func TestEveryActionForEveryRole(t *testing.T) {
	x := newScene(t)
	var doc struct {
		Components struct {
			Messages map[string]struct{ Name string }
		}
	}
	if err := yaml.Unmarshal(socket.AsyncAPI, &doc); err != nil {
		t.Fatal(err)
	}
	var documented, tested []string
	for key, m := range doc.Components.Messages {
		if strings.HasPrefix(key, "up_") {
			documented = append(documented, m.Name)
		}
	}
	slices.Sort(documented)
	for _, a := range actions {
		tested = append(tested, a.name)
	}
	slices.Sort(tested)
	same(t, "actions of the matrix", tested, documented)

	frame := func(fields map[string]any, name, id string) map[string]any {
		f := map[string]any{"conversation": id}
		maps.Copy(f, fields)
		if name == "escalate" {
			f["case"] = x.about
		}
		maps.DeleteFunc(f, func(_ string, v any) bool { return v == nil })
		return f
	}
	for _, a := range actions {
		for _, refused := range []bool{true, false} { // first those who may not
			for _, role := range actionRoles {
				want, ok := a.want[role]
				if !ok {
					t.Errorf("%s for %s: no expectation", a.name, role)
				}
				if (want != carriedOut) != refused {
					continue
				}
				p := x.peers[role]
				v := p.ask(a.name, frame(a.fields, a.name, x.id))
				code, _ := v["code"].(string)
				if code != want || want == carriedOut && v["event"] == "refused" {
					t.Errorf("%s for %s: got %v, want %q", a.name, role, v, want)
				}
				if want == "not_found" {
					absent := p.ask(a.name, frame(a.fields, a.name, "worker_case.0.999"))
					delete(absent, "re")
					delete(v, "re")
					same(t, a.name+" for "+role+": what is not there", absent, v)
				}
			}
		}
	}
}

// TestOrigins: sockets open from our pages only, whatever a ticket says.
func TestOrigins(t *testing.T) {
	s, _ := serve(t, options{clock: opening})
	token := login(t, s, "myinps", "worker-rm")
	for origin, want := range map[string]int{
		s.base:                   http.StatusSwitchingProtocols,
		"":                       forbidden,
		"null":                   forbidden,
		"https" + s.base[4:]:     forbidden,
		s.base + "0":             forbidden,
		s.base + "/":             forbidden,
		s.base + ".evil.example": forbidden,
		"http://evil.example":    forbidden,
		"http://localhost" + s.base[len("http://127.0.0.1"):]: forbidden,
		"http://user@" + s.base[len("http://"):]:              forbidden,
		"HTTP" + s.base[4:]:                                   forbidden,
		s.base + " " + s.base:                                 forbidden,
	} {
		_, v, _ := request(t, "POST", s.base+"/v1/tickets", token, map[string]any{})
		same(t, "from "+origin, handshake(t, v["url"].(string), origin), want)
		same(t, "the same ticket again, from our page", handshake(t, v["url"].(string), s.base), forbidden)
	}
}

// handshake returns the status with which an attempt to open a socket ends.
func handshake(t *testing.T, url, origin string) int {
	t.Helper()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	socket, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		_ = socket.CloseNow()
	}
	if resp == nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}
