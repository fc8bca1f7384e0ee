package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"infocig/shared/cases"
	"infocig/shared/chat"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
	tablememory "infocig/shared/table/memory"
)

var opening = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

// A service has the handlers over a store in memory. Tests call them as the gateway does.
type service struct {
	t      testing.TB
	chat   *chat.Chat
	desk   *desk.Desk
	logged *strings.Builder
	memory memory
	closed []conversation.ConnectionID

	mu     sync.Mutex
	now    time.Time
	ids    int
	pushed map[conversation.ConnectionID][]map[string]any
}

func newService(t testing.TB) *service {
	t.Helper()
	tab := tablememory.New()
	store := store.New(tab)
	s := &service{t: t, now: opening, pushed: map[conversation.ConnectionID][]map[string]any{}, logged: &strings.Builder{}}
	s.chat = chat.New(chat.Config{Store: store, Cases: s, Push: Pusher{Poster: s}, Now: s.clock, NewID: s.newID})
	s.desk = s.chat.Desk
	return s
}

func (s *service) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *service) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	return fmt.Sprint("id", s.ids)
}

func (s *service) Refs(context.Context, identity.Identity) ([]cases.Ref, error) {
	return []cases.Ref{{ID: "k", Office: "RM-EUR"}}, nil
}

// Close implements Poster.
func (s *service) Close(_ context.Context, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = append(s.closed, conversation.ConnectionID(to))
	return nil
}

// Post implements Poster. It fails the test if a frame does not match its schema.
func (s *service) Post(_ context.Context, to string, frame []byte) error {
	valid(s.t, "down", frame)
	var v map[string]any
	if err := json.Unmarshal(frame, &v); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pushed[conversation.ConnectionID(to)] = append(s.pushed[conversation.ConnectionID(to)], v)
	return nil
}

// gatewayEvent returns a captured gateway event with the caller's connection in it.
func gatewayEvent(t testing.TB, file string, who conversation.Caller, id conversation.ConnectionID, epoch int64) events.APIGatewayWebsocketProxyRequest {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	values, err := contextOf(store.Pass{Identity: who})
	if err != nil {
		t.Fatal(err)
	}
	e.RequestContext.Authorizer, e.RequestContext.ConnectionID, e.RequestContext.ConnectedAt = values, string(id), epoch
	return e
}

// A peer is a client as the gateway presents it.
type peer struct {
	*service
	who   conversation.Caller
	id    conversation.ConnectionID
	epoch int64
}

func (s *service) connect(who conversation.Caller) *peer {
	s.t.Helper()
	p := &peer{service: s, who: who, id: conversation.ConnectionID(s.newID() + "="), epoch: s.clock().UnixMilli()}
	answer, err := Connect{Desk: s.desk, Log: s.desk.Log}.Handle(s.t.Context(), gatewayEvent(s.t, "connect.json", who, p.id, p.epoch))
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("$connect: %v %v", answer, err)
	}
	return p
}

// raw sends a frame and returns the answer, which must match its schema.
func (p *peer) raw(frame string) map[string]any {
	p.t.Helper()
	e := gatewayEvent(p.t, "message.json", p.who, p.id, p.epoch)
	e.Body = frame
	log := slog.New(slog.NewTextHandler(p.logged, nil))
	answer, err := Message{Desk: p.desk, Escalations: p.chat.Escalations, Log: log, memory: &p.memory}.Handle(p.t.Context(), e)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("message %.80s: %v %v", frame, answer, err)
	}
	valid(p.t, "down", []byte(answer.Body))
	var v map[string]any
	if err := json.Unmarshal([]byte(answer.Body), &v); err != nil {
		p.t.Fatal(err)
	}
	return v
}

// ask sends a frame, which must match its schema, and returns the answer.
func (p *peer) ask(frame string) map[string]any {
	p.t.Helper()
	valid(p.t, "up", []byte(frame))
	return p.raw(frame)
}

var giuliana = conversation.Caller{
	Identity: identity.Identity{
		Side:     identity.SideCitizen,
		ID:       "p",
		Name:     "Giuliana Ferrantini",
		Audience: identity.Worker,
		Role:     identity.RoleWorker,
		Province: "RM",
		Login:    identity.Login{Scheme: identity.SPID, Level: 2},
	},
}

func advisor(id, name string) conversation.Caller {
	return conversation.Caller{Identity: identity.Identity{Side: identity.SideAdvisor, ID: id, Name: name}}
}

const aConversation = "worker_case.0.1"

func TestAWholeChat(t *testing.T) {
	s := newService(t)
	c, a, b := s.connect(giuliana), s.connect(advisor("a", "Marta Sorgenti")), s.connect(advisor("b", "Davide Pratolini"))
	expect := func(what string, answer map[string]any, event string) {
		t.Helper()
		if answer["event"] != event {
			t.Errorf("%s: got %v, want %s", what, answer, event)
		}
	}
	expect("hello", c.ask(`{"action":"hello","id":1}`), "welcome")
	expect("advisor's hello", a.ask(`{"action":"hello"}`), "welcome")
	expect("presence", a.ask(`{"action":"presence","state":"available","capacity":2}`), "ack")
	expect("ping", a.ask(`{"action":"ping"}`), "pong")
	joined := c.ask(`{"action":"join","id":7,"topic":"worker_case","question":"A che punto è la mia domanda?","cases":["k"]}`)
	expect("join", joined, "queued")
	if joined["re"] != 7.0 || joined["conversation"] != aConversation {
		t.Errorf("join: %v", joined)
	}
	expect("join again", c.ask(`{"action":"join","topic":"worker_case"}`), "queued")
	expect("here", c.ask(`{"action":"here","conversation":"worker_case.0.1"}`), "pong")
	expect("the advisor opens it", a.ask(`{"action":"hello","conversation":"worker_case.0.1","since":0}`), "welcome")
	expect("accept", a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`), "ack")
	expect("send", c.ask(`{"action":"send","conversation":"worker_case.0.1","number":1,"text":"Buongiorno"}`), "ack")
	again := c.ask(`{"action":"send","id":9,"conversation":"worker_case.0.1","number":1,"text":"Buongiorno"}`)
	expect("send again", again, "ack")
	expect("typing", a.ask(`{"action":"typing","conversation":"worker_case.0.1"}`), "ack")
	expect("read", a.ask(`{"action":"read","conversation":"worker_case.0.1","seq":4}`), "ack")
	expect("answer", a.ask(`{"action":"send","conversation":"worker_case.0.1","number":1,"text":"È in esame."}`), "ack")
	expect("note", a.ask(`{"action":"note","conversation":"worker_case.0.1","number":1,"text":"chiamare la sede"}`), "ack")
	b.ask(`{"action":"presence","state":"available","capacity":1}`)
	expect("transfer", a.ask(`{"action":"transfer","conversation":"worker_case.0.1","advisor":"b"}`), "ack")
	expect("accept", b.ask(`{"action":"accept","conversation":"worker_case.0.1"}`), "ack")
	expect("escalate", b.ask(`{"action":"escalate","conversation":"worker_case.0.1","number":1,"case":"k","text":"Manca l'accordo"}`), "ack")
	expect("close", b.ask(`{"action":"close","conversation":"worker_case.0.1","outcome":"escalated"}`), "ack")
	expect("ping after the end", c.ask(`{"action":"ping","conversation":"worker_case.0.1"}`), "pong")
	end := c.ask(`{"action":"hello","conversation":"worker_case.0.1","since":2}`)
	if snap := end["snapshot"].(map[string]any); snap["status"] != "closed" || snap["outcome"] != "escalated" {
		t.Errorf("at the end: %v", snap)
	}
	var told []string
	for _, e := range s.pushed[c.id] {
		told = append(told, fmt.Sprint(e["event"]))
	}
	same(t, "what the citizen was told", told, []string{
		"offered", "assigned", "typing", "read", "message", "queued", "offered", "assigned", "escalation", "ended",
	})
	for _, e := range s.pushed[c.id] {
		if e["event"] == "offered" && e["item"].(map[string]any)["name"] != nil {
			t.Errorf("the citizen was told who has not accepted yet: %v", e)
		}
		if text := fmt.Sprint(e); strings.Contains(text, "Manca") || strings.Contains(text, "chiamare") {
			t.Errorf("the citizen was told what is for staff: %v", e)
		}
	}
}

func TestRefusedWithTheReason(t *testing.T) {
	s := newService(t)
	s.now = opening.Add(-time.Hour)
	answer := s.connect(giuliana).ask(`{"action":"join","topic":"worker_case"}`)
	if d, ok := answer["decision"].(map[string]any); answer["event"] != "refused" || !ok || d["state"] != "closed" || d["opens_at"] != "2026-11-23T14:00:00.000Z" {
		t.Errorf("got %v", answer)
	}
}

// TestBadInput checks that bad input gets a typed error, that the function does not fail, and
// that nothing is stored.
func TestBadInput(t *testing.T) {
	s := newService(t)
	a := s.connect(advisor("a", "Marta"))
	a.ask(`{"action":"presence","state":"available","capacity":1}`)
	c := s.connect(giuliana)
	c.ask(`{"action":"join","topic":"worker_case","cases":["k"]}`)
	a.ask(`{"action":"accept","conversation":"worker_case.0.1"}`)
	stranger := giuliana
	stranger.ID = "q"
	before, err := s.desk.Store.Tail(t.Context(), aConversation)
	if err != nil {
		t.Fatal(err)
	}
	message := func(fields string) string {
		return `{"action":"send","conversation":"worker_case.0.1",` + fields + `}`
	}
	for name, test := range map[string]struct {
		by    *peer
		frame string
		want  code.Code
	}{
		"empty":                      {c, ``, code.Invalid},
		"not JSON":                   {c, `ciao`, code.Invalid},
		"null":                       {c, `null`, code.Invalid},
		"number":                     {c, `7`, code.Invalid},
		"string":                     {c, `"send"`, code.Invalid},
		"array":                      {c, `[]`, code.Invalid},
		"no action":                  {c, `{}`, code.Invalid},
		"truncated":                  {c, `{"action":"ping"`, code.Invalid},
		"a second document":          {c, `{"action":"ping"} {"action":"ping"}`, code.Invalid},
		"a name twice":               {c, `{"action":"ping","action":"ping"}`, code.Invalid},
		"a field twice":              {c, message(`"number":1,"text":"a","text":"b"`), code.Invalid},
		"another case":               {c, `{"ACTION":"ping"}`, code.Invalid},
		"a field in another case":    {c, message(`"number":1,"Text":"a"`), code.Invalid},
		"unknown action":             {c, `{"action":"drop"}`, code.Invalid},
		"unknown field":              {c, `{"action":"ping","x":1}`, code.Invalid},
		"__proto__":                  {c, `{"action":"ping","__proto__":{}}`, code.Invalid},
		"wrong type":                 {c, message(`"number":"1","text":"a"`), code.Invalid},
		"fraction":                   {c, message(`"number":1.5,"text":"a"`), code.Invalid},
		"too large a number":         {c, message(`"number":1e400,"text":"a"`), code.Invalid},
		"negative id":                {c, `{"action":"ping","id":-1}`, code.Invalid},
		"number zero":                {c, message(`"number":0,"text":"a"`), code.Invalid},
		"negative number":            {c, message(`"number":-1,"text":"a"`), code.Invalid},
		"negative since":             {c, `{"action":"hello","since":-1}`, code.Invalid},
		"depth":                      {c, `{"action":"ping","id":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, code.Invalid},
		"1,000 names":                {c, `{"action":"ping"` + names(1000) + `}`, code.Invalid},
		"17 KB":                      {c, message(`"number":1,"text":"` + strings.Repeat("a", 17<<10) + `"`), code.Invalid},
		"4,001 code points":          {c, message(`"number":1,"text":"` + strings.Repeat("a", 4001) + `"`), code.Invalid},
		"invalid UTF-8":              {c, message("\"number\":1,\"text\":\"\xff\""), code.Invalid},
		"lone surrogate":             {c, message(`"number":1,"text":"\ud800"`), code.Invalid},
		"NUL":                        {c, message(`"number":1,"text":"a\u0000"`), code.Invalid},
		"byte order mark":            {c, "\ufeff" + `{"action":"ping"}`, code.Invalid},
		"only white space":           {c, message(`"number":1,"text":" \n "`), code.Invalid},
		"empty text":                 {c, message(`"number":1,"text":""`), code.Invalid},
		"a bell":                     {c, message(`"number":1,"text":"a\u0007b"`), code.Invalid},
		"nothing to see":             {c, message(`"number":1,"text":"\u2800\u3164"`), code.Invalid},
		"a NUL behind the id":        {c, `{"action":"send","conversation":"worker_case.0.1\u0000","number":1,"text":"a"}`, code.NotFound},
		"a zero in the id":           {c, `{"action":"send","conversation":"worker_case.0.01","number":1,"text":"a"}`, code.NotFound},
		"an id asked for":            {c, `{"action":"hello","conversation":"worker_case.0.1\u0000"}`, code.NotFound},
		"a NUL behind the advisor":   {a, `{"action":"transfer","conversation":"worker_case.0.1","advisor":"b\u0000"}`, code.NotFound},
		"random conversation":        {c, `{"action":"send","conversation":"worker_case.0.77","number":1,"text":"a"}`, code.NotFound},
		"no conversation":            {c, `{"action":"send","conversation":"","number":1,"text":"a"}`, code.NotFound},
		"somebody else's":            {s.connect(stranger), message(`"number":1,"text":"a"`), code.NotFound},
		"a stranger's leave":         {s.connect(stranger), `{"action":"leave","conversation":"worker_case.0.1"}`, code.NotFound},
		"an advisor's action":        {c, `{"action":"close","conversation":"worker_case.0.1","outcome":"settled"}`, code.Forbidden},
		"a citizen's action":         {a, `{"action":"join","topic":"worker_case"}`, code.Forbidden},
		"17 KB of blanks":            {c, `{"action":"ping"` + strings.Repeat(" ", 17<<10) + `}`, code.Invalid},
		"an advisor's note":          {c, `{"action":"note","conversation":"worker_case.0.1","number":1,"text":"x"}`, code.Forbidden},
		"a citizen's sign of life":   {a, `{"action":"here"}`, code.Forbidden},
		"unknown topic":              {c, `{"action":"join","topic":"x"}`, code.Invalid},
		"unknown presence":           {a, `{"action":"presence","state":"x","capacity":1}`, code.Invalid},
		"capacity six":               {a, `{"action":"presence","state":"available","capacity":6}`, code.Invalid},
		"unknown outcome":            {a, `{"action":"close","conversation":"worker_case.0.1","outcome":"abandoned"}`, code.Invalid},
		"escalated without":          {a, `{"action":"close","conversation":"worker_case.0.1","outcome":"escalated"}`, code.Conflict},
		"escalation without a case":  {a, `{"action":"escalate","conversation":"worker_case.0.1","number":1,"case":"","text":"x"}`, code.Invalid},
		"escalation without text":    {a, `{"action":"escalate","conversation":"worker_case.0.1","number":1,"case":"k","text":""}`, code.Invalid},
		"transfer to oneself":        {a, `{"action":"transfer","conversation":"worker_case.0.1","advisor":"a"}`, code.Invalid},
		"transfer to nobody known":   {a, `{"action":"transfer","conversation":"worker_case.0.1","advisor":"zz"}`, code.NotFound},
		"transfer, nobody free":      {a, `{"action":"transfer","conversation":"worker_case.0.1"}`, code.Unavailable},
		"note without number":        {a, `{"action":"note","conversation":"worker_case.0.1","number":0,"text":"x"}`, code.Invalid},
		"a number of the far future": {c, message(`"number":1001,"text":"a"`), code.Invalid},
		"read mark of the future":    {c, `{"action":"read","conversation":"worker_case.0.1","seq":99}`, code.Invalid},
		"depth nine":                 {c, `{"action":"ping","id":[[[[[[[[[1]]]]]]]]]}`, code.Invalid},
		"read mark of nothing":       {c, `{"action":"read","conversation":"worker_case.0.1","seq":0}`, code.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			answer := test.by.raw(test.frame)
			if answer["event"] != "error" || answer["code"] != string(test.want) || answer["text"] == "" {
				t.Errorf("got %v, want the error %s", answer, test.want)
			}
		})
	}
	after, err := s.desk.Store.Tail(t.Context(), aConversation)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the last entry", after.Seq, before.Seq)
	if s.logged.Len() > 0 {
		t.Errorf("bad input was logged: %s", s.logged)
	}
}

func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"n%d":1`, i)
	}
	return b.String()
}

func TestAuthorize(t *testing.T) {
	s := newService(t)
	auth := Authorize{Desk: s.desk, Origins: []string{"https://infocig.example"}, Log: s.desk.Log}
	try := func(ticket, originName, origin string) (events.APIGatewayCustomAuthorizerResponse, error) {
		return auth.Handle(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
			MethodArn: "arn:aws:execute-api:eu-south-1:1:a/v1/$connect", QueryStringParameters: map[string]string{"ticket": ticket},
			Headers: map[string]string{originName: origin},
		})
	}
	ticket := func() string {
		p, err := s.desk.NewPass(t.Context(), giuliana)
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	effect := func(r events.APIGatewayCustomAuthorizerResponse) string { return r.PolicyDocument.Statement[0].Effect }

	good := ticket()
	answer, err := try(good, "Origin", "https://infocig.example")
	if err != nil || effect(answer) != "Allow" {
		t.Fatalf("a good ticket: %v %v", answer, err)
	}
	session, err := sessionOf(events.APIGatewayWebsocketProxyRequestContext{Authorizer: answer.Context, ConnectionID: "x=", ConnectedAt: 5})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "identity handed on", session.who.Identity, giuliana.Identity)
	late := ticket()
	s.now = s.now.Add(30 * time.Second)
	for what, bad := range map[string]string{"used again": good, "empty": "", "unknown": "none", "expired": late} {
		answer, err := try(bad, "Origin", "https://infocig.example") // an error would count as the function's
		if err != nil || effect(answer) != "Deny" || answer.Context != nil || answer.PrincipalID == "" {
			t.Errorf("a ticket that is %s: %+v, %v", what, answer, err)
		}
	}
	const ours, theirs = "https://infocig.example", "https://evil.example"
	for name, test := range map[string]struct {
		headers map[string]string
		all     map[string][]string
		want    string
	}{
		"as the gateway sends one":    {map[string]string{"Origin": ours}, map[string][]string{"Origin": {ours}}, "Allow"},
		"two, the second is ours":     {map[string]string{"Origin": ours}, map[string][]string{"Origin": {theirs, ours}}, "Deny"},
		"two, the first is ours":      {map[string]string{"Origin": theirs}, map[string][]string{"Origin": {ours, theirs}}, "Deny"},
		"ours twice":                  {map[string]string{"Origin": ours}, map[string][]string{"Origin": {ours, ours}}, "Deny"},
		"two names":                   {map[string]string{"Origin": ours, "origin": theirs}, nil, "Deny"},
		"two names of several values": {nil, map[string][]string{"Origin": {ours}, "ORIGIN": {theirs}}, "Deny"},
		"two in one":                  {map[string]string{"Origin": theirs + ", " + ours}, nil, "Deny"},
		"none":                        {map[string]string{"Host": "x"}, map[string][]string{"Host": {"x"}}, "Deny"},
	} {
		answer, err := auth.Handle(t.Context(), events.APIGatewayCustomAuthorizerRequestTypeRequest{
			QueryStringParameters: map[string]string{"ticket": ticket()}, Headers: test.headers, MultiValueHeaders: test.all,
		})
		if err != nil || effect(answer) != test.want {
			t.Errorf("%s: %v %v", name, answer, err)
		}
	}
	for _, origin := range []string{"", "null", "https://infocig.example.evil.example", "http://infocig.example", "https://a.infocig.example", "https://infocig.example/"} {
		answer, err := try(ticket(), "origin", origin)
		if err != nil || effect(answer) != "Deny" {
			t.Errorf("origin %q: %v %v", origin, answer, err)
		}
	}
}

// TestARefusedCharacterIsNamed checks that a page can show which character is refused.
func TestARefusedCharacterIsNamed(t *testing.T) {
	s := newService(t)
	answer := s.connect(giuliana).raw(`{"action":"join","topic":"worker_case","question":"Buongiorno\u0007"}`)
	same(t, "character", answer["character"], any("U+0007"))
	same(t, "text", answer["text"], any("Il messaggio contiene un carattere che non si può inviare (U+0007). Toglilo e riprova."))
	answer = s.connect(giuliana).raw(`{"action":"join","topic":"worker_case","question":"\u2800"}`)
	same(t, "no character", answer["character"], nil)
	same(t, "blank", answer["text"], any("Il messaggio è vuoto: non c'è niente da leggere."))
}

func FuzzFrame(f *testing.F) {
	for _, frame := range []string{
		`{"action":"ping"}`, `{"action":"send","conversation":"worker_case.0.1","number":1,"text":"è"}`, `{"action":"hello","since":1e3}`, `{"action":"join","topic":"worker_case","cases":["a","a"]}`,
	} {
		f.Add(frame)
	}
	s := newService(f)
	c, a := s.connect(giuliana), s.connect(advisor("a", "Marta"))
	a.raw(`{"action":"presence","state":"available","capacity":1}`)
	c.raw(`{"action":"join","topic":"worker_case"}`)
	a.raw(`{"action":"accept","conversation":"worker_case.0.1"}`)
	f.Fuzz(func(t *testing.T, frame string) {
		s.t = t // the answer must be as documented, whatever the frame
		c.raw(frame)
		a.raw(frame)
	})
}
