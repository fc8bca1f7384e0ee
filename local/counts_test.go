package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/coder/websocket"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/shared/app/wiring"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
	"infocig/shared/table/dynamo/dynamotest"
)

// A cost is what an event costs: units of DynamoDB, invocations of functions,
// frames of all clients concerned both ways, messages to SQS.
type cost struct {
	writes, reads              float64
	invocations, frames, sends int
}

func (c cost) plus(d cost) cost {
	return cost{c.writes + d.writes, c.reads + d.reads, c.invocations + d.invocations, c.frames + d.frames, c.sends + d.sends}
}

// within reports whether c is nowhere more than goal.
func (c cost) within(goal cost) bool {
	return c.writes <= goal.writes && c.reads <= goal.reads &&
		c.invocations <= goal.invocations && c.frames <= goal.frames && c.sends <= goal.sends
}

// A tally sees everything that the service does.
type tally struct {
	t     *testing.T
	meter *dynamotest.Meter

	mu      sync.Mutex
	running int
	doings
}

// doings are what was done, in order.
type doings struct {
	requests    []dynamotest.Request
	invocations []string // as "message 7", the seventh of all
	frames      []string // as "> send" or "< ack"
	sends       []string // the invocations that sent
}

// isScheduled reports whether a schedule calls the function.
func isScheduled(function string) bool {
	return slices.ContainsFunc(topology.Schedules, func(c topology.Schedule) bool { return string(c.Function) == function })
}

// Invoke implements gateway.Invoker; what is asked of DynamoDB is by the
// invocation.
func (i invoking) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	if isScheduled(function) { // nobody's event
		return i.Invoker.Invoke(dynamotest.With(ctx, function), function, payload)
	}
	i.mu.Lock()
	i.running++
	name := fmt.Sprint(function, " ", len(i.invocations)+1)
	i.invocations = append(i.invocations, name)
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.running--
	}()
	return i.Invoker.Invoke(context.WithValue(dynamotest.With(ctx, name), nameKey{}, name), function, payload)
}

type nameKey struct{}

type invoking struct {
	gateway.Invoker
	*tally
}

// unswept has no sweep but those that a test asks for: the schedule looks every ten
// seconds, at whatever is counted then on a slow machine.
type unswept struct{ gateway.Invoker }

// Invoke implements gateway.Invoker.
func (u unswept) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	var schedule wiring.Schedule
	if function == string(topology.Sweep) {
		if err := json.Unmarshal(payload, &schedule); err != nil {
			return nil, err
		}
	}
	if schedule.Looks > 1 {
		return []byte("{}"), nil
	}
	return u.Invoker.Invoke(ctx, function, payload)
}

// Send implements escalation.Relay.
func (r relaying) Send(ctx context.Context, id conversation.EscalationID) error {
	name, _ := ctx.Value(nameKey{}).(string)
	r.mu.Lock()
	r.sends = append(r.sends, name)
	r.mu.Unlock()
	return r.Relay.Send(ctx, id)
}

type relaying struct {
	escalation.Relay
	*tally
}

func (y *tally) seen(frame string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.frames = append(y.frames, frame)
}

// now returns what was done so far, and whether something still is.
func (y *tally) now() (doings, bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	d := y.doings
	// Left out: what the sweep does, and the operators' rules, which a function
	// reads every ten seconds whatever happens.
	d.requests = nil
	for _, r := range y.meter.Requests() {
		if !isScheduled(r.By) && !r.On("rules") {
			d.requests = append(d.requests, r)
		}
	}
	return d, y.running > 0
}

// quiet is for how long nothing must happen before an event counts as over.
const quiet = 80 * time.Millisecond

// during returns what was done because of do. It waits for as many invocations
// and frames as are expected, and then until nothing happens any more.
func (y *tally) during(invocations, frames int, do func()) doings {
	y.t.Helper()
	before, _ := y.now()
	do()
	last, since := before, time.Now()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		d, busy := y.now()
		if busy || len(d.requests) != len(last.requests) || len(d.invocations) != len(last.invocations) || len(d.frames) != len(last.frames) || len(d.sends) != len(last.sends) {
			last, since = d, time.Now()
		}
		enough := len(d.invocations) >= len(before.invocations)+invocations && len(d.frames) >= len(before.frames)+frames
		if enough && time.Since(since) > quiet || time.Now().After(end) {
			return doings{
				d.requests[len(before.requests):], d.invocations[len(before.invocations):], d.frames[len(before.frames):], d.sends[len(before.sends):],
			}
		}
	}
}

func (d doings) cost() cost {
	c := cost{invocations: len(d.invocations), frames: len(d.frames), sends: len(d.sends)}
	for _, r := range d.requests {
		c.writes, c.reads = c.writes+r.Writes, c.reads+r.Reads
	}
	return c
}

// split parts those requests and frames from d that belong to something else:
// those that theirs says, of frames those of that name. What is parted shares
// the invocation.
func (d doings) split(theirs func(dynamotest.Request) bool, frame string) (rest, part doings) {
	rest, part = doings{invocations: d.invocations, sends: d.sends}, doings{invocations: d.invocations}
	for _, r := range d.requests {
		if theirs(r) {
			part.requests = append(part.requests, r)
		} else {
			rest.requests = append(rest.requests, r)
		}
	}
	for _, f := range d.frames {
		if f == frame {
			part.frames = append(part.frames, f)
		} else {
			rest.frames = append(rest.frames, f)
		}
	}
	return rest, part
}

// since returns what tells the requests after the last one that is on a live
// mark: joining, leaving and closing write one, and look for an assignment then.
func (d doings) since() func(dynamotest.Request) bool {
	n, last := 0, -1
	for i, r := range d.requests {
		if r.On("live#") {
			last = i
		}
	}
	return func(dynamotest.Request) bool {
		n++
		return n-1 > last
	}
}

// Of which event a request is, by its keys.
func aTicket(r dynamotest.Request) bool       { return r.On("pass#") }
func theAdvisor(r dynamotest.Request) bool    { return r.Op == "GetItem" && r.On("advisor") }
func advisorItself(r dynamotest.Request) bool { return len(r.Keys) == 1 && r.On("advisor") }
func ofAssigning(r dynamotest.Request) bool   { return !advisorItself(r) }

// A counted event is a row of the table.
type counted struct {
	event     string
	got, goal cost
	note      string // what is measured, or why it costs that
}

// A report has a row for each kind of event.
type report struct{ rows []counted }

func (p *report) add(event string, got, goal cost, note string) {
	p.rows = append(p.rows, counted{event: event, got: got, goal: goal, note: note})
}

func (p *report) check(t *testing.T) {
	t.Helper()
	for _, r := range p.rows {
		if !r.got.within(r.goal) {
			t.Errorf("%s: %+v, the goal is %+v", r.event, r.got, r.goal)
		}
	}
}

func (p *report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "event, measured of at most\twritten\tread\tinvocations\tframes\tSQS\t")
	for _, r := range p.rows {
		cell := func(got, goal float64) string {
			s := fmt.Sprintf("%v of %v", got, goal)
			if got > goal {
				s += " !"
			}
			return s
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.event, cell(r.got.writes, r.goal.writes), cell(r.got.reads, r.goal.reads),
			cell(float64(r.got.invocations), float64(r.goal.invocations)), cell(float64(r.got.frames), float64(r.goal.frames)),
			cell(float64(r.got.sends), float64(r.goal.sends)), r.note)
	}
	_ = w.Flush()
	return b.String()
}

// A person of the test, over one socket after the other.
type person struct {
	*peer
	y     *tally
	s     *server
	token string
	path  string // of tickets
}

func (y *tally) person(s *server, issuer, name, path string) *person {
	return &person{y: y, s: s, token: login(y.t, s, issuer, name), path: path}
}

func (y *tally) worker(s *server, name string) *person {
	return y.person(s, "myinps", name, "/v1/tickets")
}

// ticket returns the address of a socket.
func (p *person) ticket() string {
	p.y.t.Helper()
	status, v, text := request(p.y.t, "POST", p.s.base+p.path, p.token, map[string]any{})
	if status != http.StatusCreated {
		p.y.t.Fatalf("ticket: %d %s", status, text)
	}
	return v["url"].(string)
}

func (p *person) connect(url string) {
	p.y.t.Helper()
	socket, _, err := websocket.Dial(p.y.t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {p.s.base}}})
	if err != nil {
		p.y.t.Fatal(err)
	}
	socket.SetReadLimit(128 << 10)
	p.y.t.Cleanup(func() { _ = socket.CloseNow() })
	p.peer = &peer{t: p.y.t, socket: socket}
	p.watch(p.y.seen)
}

// comes opens a socket, unmeasured.
func (p *person) comes() {
	p.y.t.Helper()
	p.y.during(3, 0, func() { p.connect(p.ticket()) })
}

func (p *person) goes() { _ = p.socket.CloseNow() }

func (p *person) joins() (conversation string) {
	p.y.t.Helper()
	question := strings.Repeat("q", 300)
	return p.must("join", map[string]any{"topic": "worker_case", "question": question})["conversation"].(string)
}

func (p *person) says(id string, number int, text string) map[string]any {
	p.y.t.Helper()
	return p.ask("send", map[string]any{"conversation": id, "number": number, "text": text})
}

func (p *person) available(capacity int) {
	p.y.t.Helper()
	p.must("presence", map[string]any{"state": "available", "capacity": capacity})
}

func (p *person) does(action, id string, more ...any) map[string]any {
	p.y.t.Helper()
	fields := map[string]any{"conversation": id}
	for i := 0; i < len(more); i += 2 {
		fields[more[i].(string)] = more[i+1]
	}
	return p.must(action, fields)
}

// Texts of people: as long as a message may be that costs one unit, and as long
// as messages are.
var (
	long  = strings.Repeat("x", 600)
	usual = strings.Repeat("x", 150)
)

// TestCounts is the table of docs/design.md, "Counts": what each event costs, through
// the gateway, the functions and the store, counted by the rules of DynamoDB.
func TestCounts(t *testing.T) {
	y := &tally{t: t, meter: &dynamotest.Meter{}}
	s, _ := serve(t, options{
		clock: opening, dynamodb: dynoxide, unhurried: true, transport: y.meter,
		invoker: func(i gateway.Invoker) gateway.Invoker { return unswept{invoking{i, y}} },
		relay:   func(r escalation.Relay) escalation.Relay { return relaying{r, y} },
	})
	var p report
	anAdvisor := y.person(s, "institute", "advisor-1", "/v1/advisor/tickets")
	id := p.oneChat(y, s, anAdvisor)
	p.escalation(y, s, anAdvisor, id)
	p.assignments(y, s, anAdvisor)
	bill := p.wholeChat(y, s, anAdvisor)
	p.lines(y, s, anAdvisor)
	p.check(t)
	for _, f := range y.meter.Faults() {
		t.Error(f)
	}
	t.Log("\n" + p.String() + price(t, bill))
}

// oneChat measures what happens in a conversation and around it, and returns it.
func (p *report) oneChat(y *tally, s *server, a *person) (id string) {
	c := y.worker(s, "worker-rm")
	var url string
	made := y.during(1, 0, func() { url = c.ticket() })
	connect, redeemed := y.during(2, 0, func() { c.connect(url) }).split(aTicket, "")
	ticket := made.cost()
	ticket.writes += redeemed.cost().writes
	p.add("a ticket", ticket, cost{writes: 3, reads: 2, invocations: 1}, "counted, kept, redeemed; the live conversation goes along, or the slip")
	p.add("citizen connects, without a conversation", connect.cost(), cost{writes: 1, invocations: 2}, "among the sockets of the person")
	p.add("hello of somebody without a conversation", y.during(1, 2, func() { c.must("hello", nil) }).cost(), cost{reads: 1, invocations: 1, frames: 2}, "")

	joins := y.during(1, 2, func() { id = c.joins() })
	_, looks := joins.split(joins.since(), "")
	p.add("looking for an advisor for who joins, nobody is free", looks.cost(), cost{reads: 1, invocations: 1}, "only if nobody is ahead; 1 unit for each dozen advisors")

	p.add("citizen disconnects, joined over the same socket", y.during(1, 0, c.goes).cost(), cost{writes: 2, reads: 2, invocations: 1},
		"the socket does not know the conversation: 1 to find it")
	url = c.ticket()
	connect, _ = y.during(2, 0, func() { c.connect(url) }).split(aTicket, "")
	p.add("citizen connects", connect.cost(), cost{writes: 2, reads: 1, invocations: 2}, "waiting; redeeming is part of the ticket")
	p.add("citizen disconnects", y.during(1, 0, c.goes).cost(), cost{writes: 2, reads: 1, invocations: 1}, "waiting")
	c.comes()

	url = a.ticket()
	connect, _ = y.during(2, 0, func() { a.connect(url) }).split(aTicket, "")
	p.add("advisor connects", connect.cost(), cost{writes: 2, reads: 2, invocations: 2}, "without open conversations")
	p.add("hello of an advisor", y.during(1, 2, func() { a.must("hello", nil) }).cost(), cost{reads: 1, invocations: 1, frames: 2}, "paused; 1 more for each open conversation, and for each topic if free")

	presence, assigned := y.during(1, 4, func() { a.available(1) }).split(ofAssigning, "< offered")
	p.add("presence", presence.cost(), cost{writes: 1, reads: 1, invocations: 1, frames: 2}, "one read, after the write: is a slot free?")
	p.add("assignment, an advisor becomes free", assigned.cost(), cost{writes: 6, reads: 2, invocations: 1, frames: 2}, "the invocation is that of the presence; 1 more written, for the access log, where nobody has had it")

	p.add("an advisor opens a conversation", y.during(1, 2, func() { a.does("hello", id, "since", 0) }).cost(),
		cost{writes: 1, reads: 2, invocations: 1, frames: 2}, "again, or one that others have had; 1 for the access log; 1 read for the number of the last note")
	p.add("accept", y.during(1, 3, func() { a.does("accept", id) }).cost(), cost{writes: 1, reads: 1, invocations: 1, frames: 3}, "")

	message := cost{writes: 1, reads: 1, invocations: 1, frames: 3}
	p.add("message of the citizen", y.during(1, 3, func() { c.says(id, 1, long) }).cost(), message, "600 B")
	p.add("message of the advisor", y.during(1, 3, func() { a.says(id, 1, long) }).cost(), message, "600 B")
	p.add("duplicate message", y.during(1, 2, func() { c.says(id, 1, long) }).cost(), cost{reads: 1, invocations: 1, frames: 2}, "")
	p.add("stale message", y.during(1, 2, func() { c.says(id, 1, "another") }).cost(), cost{reads: 3, invocations: 1, frames: 2}, "looked for among the last 50 entries (ADR 0037)")
	p.add("duplicate of the last message", y.during(1, 3, func() { a.says(id, 1, long) }).cost(),
		cost{reads: 1, invocations: 1, frames: 3}, "pushed again to the other side, since the first push may be what was lost")

	p.add("heartbeat of a citizen", y.during(1, 2, func() { c.does("ping", id) }).cost(), cost{writes: 1, reads: 1, invocations: 1, frames: 2}, "every 25 s, in no other row")
	p.add("heartbeat of an advisor", y.during(1, 2, func() { a.must("ping", nil) }).cost(), cost{writes: 1, invocations: 1, frames: 2}, "every 25 s, in no other row")

	seq := 0.0
	y.during(20, 60, func() {
		for n := 2; n <= 11; n++ {
			a.says(id, n, usual)
			seq = max(seq, c.says(id, n, usual)["seq"].(float64))
		}
	})
	p.add("citizen disconnects, in a conversation", y.during(1, 1, c.goes).cost(), cost{writes: 2, reads: 1, invocations: 1, frames: 1}, "so that the advisor sees it")
	url = c.ticket()
	connect, _ = y.during(2, 1, func() { c.connect(url) }).split(aTicket, "")
	p.add("citizen connects, in a conversation", connect.cost(), cost{writes: 2, reads: 1, invocations: 2, frames: 1}, "so that the advisor sees it")
	p.add("resume, 20 messages", y.during(1, 2, func() { c.does("hello", id, "since", int(seq)-20) }).cost(),
		cost{reads: 3, invocations: 1, frames: 2}, "of 150 characters, after disconnecting and connecting: 22 entries")
	p.add("resume, 20 messages, without naming the conversation", y.during(1, 2, func() { c.must("hello", map[string]any{"since": int(seq) - 20}) }).cost(),
		cost{reads: 4, invocations: 1, frames: 2}, "1 to find it")

	return id
}

// escalation escalates the conversation, has the office make a step, and closes
// it while nobody waits.
func (p *report) escalation(y *tally, s *server, a *person, id string) {
	_, own, _ := request(y.t, "GET", s.base+"/v1/advisor/conversations/"+id+"/cases", a.token, nil)
	about := own["cases"].([]any)[0].(map[string]any)["id"]
	all := y.during(4, 5, func() { a.does("escalate", id, "number", 12, "case", about, "text", long[:400]) })
	// The advisor's request; its delivery; the office's word that it has it,
	// which is news only where the delivery has not told yet.
	by := all.invocations
	same(y.t, "invocations", functions(by), []string{"message", "escalate", "webhook", "escalate"})
	asked, rest := all.split(func(r dynamotest.Request) bool { return r.By != by[0] }, "< escalation")
	delivered, word := rest.split(func(r dynamotest.Request) bool { return r.By != by[1] }, "")
	asked.invocations, delivered.invocations, word.invocations = by[:2], by[1:2], by[2:]
	same(y.t, "who sends", functions(all.sends), []string{"message", "webhook"})
	asked.sends, word.sends = all.sends[:1], all.sends[1:]
	asked.frames, delivered.frames = append(asked.frames, rest.frames[0]), rest.frames[1:] // one of the request, two of the news
	p.add("escalation", asked.cost(), cost{writes: 5, reads: 1, invocations: 2, frames: 3, sends: 1}, "asked, acknowledged, and the citizen sees it (ADR 0018)")
	p.add("its delivery to the office", delivered.cost(), cost{writes: 4, reads: 4, invocations: 1, frames: 2},
		"in the second of those invocations: reads the escalation, whom and what it is about, where the conversation stands")
	p.add("the office's word that it has it", word.cost(), cost{writes: 4, reads: 2, invocations: 2, sends: 1},
		"webhook and consumer; 1 read if it comes after the delivery, the rest if both are about to tell and one is too late")

	o := officer{y.t, s, login(y.t, s, "institute", "officer-rm")}
	var e map[string]any
	eventually(y.t, "at the office", func() bool {
		for _, x := range o.list() {
			e = x
		}
		return e != nil
	})
	step := y.during(2, 2, func() { same(y.t, "step", o.does(e, 1, "taken_in_charge", ""), http.StatusOK) })
	p.add("each step of an escalation that comes back", step.cost(), cost{writes: 4, reads: 2, invocations: 2, frames: 2, sends: 1}, "webhook and consumer; entry and escalation in one transaction; told to both")

	closes := y.during(1, 3, func() { a.does("close", id, "outcome", "escalated") })
	closed, looks := closes.split(closes.since(), "")
	p.add("close", closed.cost(), cost{writes: 6, reads: 1, invocations: 1, frames: 3}, "asked, acknowledged, and the citizen sees it (ADR 0018)")
	p.add("looking for the next who waits, nobody does", looks.cost(), cost{reads: 4, invocations: 1}, "after a close: is a slot free, and the line of each of three topics; the invocation is that of the close")
}

// functions returns those of invocations.
func functions(invocations []string) (all []string) {
	for _, i := range invocations {
		function, _, _ := strings.Cut(i, " ")
		all = append(all, function)
	}
	return all
}

// assignments measures those that a joining and a close cause.
func (p *report) assignments(y *tally, s *server, a *person) {
	c, d, e := y.worker(s, "worker-mi"), y.worker(s, "worker-na"), y.worker(s, "worker-ba")
	for _, w := range []*person{c, d, e} {
		w.comes()
	}
	var first, second, third string
	joins := y.during(1, 4, func() { first = c.joins() })
	joined, assigned := joins.split(joins.since(), "< offered")
	p.add("join the queue, nobody waits", joined.cost(), cost{writes: 5, reads: 1, invocations: 1, frames: 2}, "")
	p.add("assignment, a citizen joins", assigned.cost(), cost{writes: 6, reads: 2, invocations: 1, frames: 2}, "the advisors and the line; 1 unit for each dozen advisors; the invocation is that of joining")
	y.during(1, 3, func() { a.does("accept", first) })

	y.during(1, 2, func() { second = d.joins() }) // the advisor is busy
	closes := y.during(1, 5, func() { a.does("close", first, "outcome", "settled") })
	rest, assigned := closes.split(closes.since(), "< offered")
	assigned, looks := assigned.split(theAdvisor, "")
	same(y.t, "close", rest.cost().writes, 6.0)
	p.add("assignment, after a close", assigned.cost(), cost{writes: 6, reads: 2, invocations: 1, frames: 2}, "the invocation is that of the close; whether a slot is free is looked at in any case:")
	p.add("looking whether a slot is free, after a close", looks.cost(), cost{reads: 1, invocations: 1}, "")
	y.during(1, 3, func() { a.does("accept", second) })

	y.during(1, 2, func() { a.available(2) })
	y.during(1, 4, func() { third = e.joins() })
	y.during(1, 3, func() { a.does("accept", third) })
	y.during(1, 0, a.goes)
	url := a.ticket()
	connect, _ := y.during(2, 2, func() { a.connect(url) }).split(aTicket, "")
	p.add("advisor connects, two open conversations", connect.cost(), cost{writes: 2 + 2, reads: 2 + 2, invocations: 2, frames: 2}, "the citizens see it")
	for _, id := range []string{second, third} {
		y.during(1, 3, func() { a.does("close", id, "outcome", "settled") })
	}
	for _, w := range []*person{c, d, e} {
		y.during(1, 0, w.goes)
	}
}

// A bill is for one chat.
type bill struct{ cost, way cost }

// wholeChat has a chat of 20 messages from the ticket to the end of the socket.
func (p *report) wholeChat(y *tally, s *server, a *person) bill {
	c := y.worker(s, "worker-ao")
	way := y.during(4, 2, func() { c.connect(c.ticket()); c.must("hello", nil) }).cost()
	var id string
	chat := y.during(1, 4, func() { id = c.joins() }).cost()
	add := func(d doings) { chat = chat.plus(d.cost()) }
	add(y.during(1, 3, func() { a.does("accept", id) })) // the offer brought the question along
	for n := 1; n <= 10; n++ {
		add(y.during(2, 6, func() { a.says(id, n, usual); c.says(id, n, usual) }))
	}
	add(y.during(1, 3, func() { a.does("close", id, "outcome", "settled") }))
	way = way.plus(y.during(1, 0, c.goes).cost())
	p.add("whole chat of 20 messages, from joining to the end", chat, cost{writes: 45, reads: 30, invocations: 23, frames: 70}, "")
	p.add("… with its ticket, socket and hello", chat.plus(way), cost{writes: 45, reads: 33, invocations: 28, frames: 72},
		"finding the live conversation or the slip for the ticket, and the conversation for the hello, the disconnection")
	return bill{chat, way}
}

// lines measures joining lines of different lengths, and leaving one.
func (p *report) lines(y *tally, s *server, a *person) {
	y.during(1, 2, func() { a.must("presence", map[string]any{"state": "paused", "capacity": 1}) })
	unmetered := s.options
	unmetered.transport = nil
	store, err := openDynamo(y.t.Context(), unmetered)
	if err != nil {
		y.t.Fatal(err)
	}
	waiting := 0
	var last *person
	var id string
	for _, l := range []struct {
		length int
		who    string
	}{{10, "worker-pz"}, {300, "worker-bz"}} {
		for ; waiting < l.length; waiting++ {
			wait(y.t, store, fmt.Sprint("somebody", waiting))
		}
		last = y.worker(s, l.who)
		last.comes()
		joined := y.during(1, 2, func() { id = last.joins() })
		p.add(fmt.Sprintf("join the queue, %d wait", l.length), joined.cost(), cost{writes: 5, reads: 1, invocations: 1, frames: 2}, "")
		waiting++
	}
	p.add("leave the queue", y.during(1, 2, func() { last.does("leave", id) }).cost(), cost{writes: 6, reads: 1, invocations: 1, frames: 2}, "")
}

// wait puts somebody into the line.
func wait(t *testing.T, kept store.Store, who string) {
	t.Helper()
	ticket, _, err := kept.Take(t.Context(), queue.WorkerCase, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := conversation.Join(conversation.Command{At: time.Now(), By: conversation.Actor{Side: identity.SideCitizen, ID: who}}, ticket, conversation.Profile{Person: identity.PersonID(who)}, "", nil)
	if err := kept.Commit(t.Context(), store.StepFor(conversation.Entry{}, first)); err != nil {
		t.Fatal(err)
	}
}

// Prices of us-east-1, in dollars: docs/design.md, "Prices", in November 2026.
const (
	perFrame      = 1.00 / 1e6
	perMinute     = 0.25 / 1e6 // of a connection
	perRequest    = 1.00 / 1e6 // to the HTTP API
	perInvocation = 0.20 / 1e6
	perGBSecond   = 0.0000133334
	perWrite      = 0.625 / 1e6
	perRead       = 0.125 / 1e6
	perSend       = 0.40 / 1e6
	perLogByte    = 0.50 / 1e9
	connectPrice  = 0.010 // Amazon Connect, for each message; page of October 2026
)

// price compares what a whole chat costs with Amazon Connect.
func price(t *testing.T, b bill) string {
	const (
		messages  = 20
		minutes   = 8    // desk.DefaultTimes.Handling
		seconds   = 0.02 // of an invocation, taken for granted: nothing here counts by time
		gigabytes = 0.25
		logged    = 200 // bytes an invocation
		times     = 1500
	)
	of := func(c cost) float64 {
		n := float64(c.invocations)
		return float64(c.frames)*perFrame + c.writes*perWrite + c.reads*perRead + n*(perInvocation+seconds*gigabytes*perGBSecond+logged*perLogByte) +
			float64(c.sends)*perSend
	}
	// Two connections, of the advisor's only this conversation's part of three.
	open := minutes * (1 + 1.0/3) * perMinute
	whole := of(b.cost.plus(b.way)) + open + perRequest
	connect := messages * connectPrice
	beats := minutes * 60 / desk.Heartbeat.Seconds()
	beating := beats*of(cost{1, 1, 1, 2, 0}) + beats/3*of(cost{1, 0, 1, 2, 0})
	if connect/whole < times {
		t.Errorf("a chat costs $%.7f, 1/%.0f of Amazon Connect's $%.2f; want at most 1/%d", whole, connect/whole, connect, times)
	}
	var s strings.Builder
	fmt.Fprintf(&s, "\nPrices of us-east-1 as docs/design.md has them (November 2026; Amazon Connect's of October 2026); %d messages, %d minutes, %.0f ms and %.0f MB an invocation, %d B of log.\n", messages, minutes, seconds*1000, gigabytes*1024, logged)
	fmt.Fprintf(&s, "The whole chat with ticket, socket and hello: $%.6f; Amazon Connect, $%.3f a message: $%.2f, which is %.0f times as much (goal %d).\n", whole, connectPrice, connect, connect/whole, times)
	fmt.Fprintf(&s, "With heartbeats every %.0f s, an advisor's shared by three: $%.6f, %.0f times.\n", desk.Heartbeat.Seconds(), whole+beating, connect/(whole+beating))
	return s.String()
}
