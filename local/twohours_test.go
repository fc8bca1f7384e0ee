package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"infocig/infra/topology"
	"infocig/local/gateway"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
	"infocig/shared/table/dynamo/dynamotest"
)

// At 17:00 the gateway cuts the sockets of all who came at 15:00 (docs/design.md, "Two
// hours"). The SDK's clients have changed theirs before; those that have not
// connect again, all at once.

// How many chats go on meanwhile.
const (
	chatsEach = 5 // of an advisor
	chatters  = 200 / chatsEach
)

// A party is a client that shows the entries of conversations: what is pushed, what
// is answered and, over a new socket, what it has missed.
type party struct {
	*stubborn
	shown map[string]map[int]string // of each conversation, by number
	cuts  []cutting
}

// A cutting is the end of a socket.
type cutting struct {
	at  time.Time
	err error
}

func newParty(s *stubborn) *party {
	p := &party{stubborn: s, shown: map[string]map[int]string{}}
	s.told = func(v map[string]any) {
		id, _ := v["conversation"].(string)
		if it, ok := v["item"].(map[string]any); ok {
			p.show(id, it)
		}
		if snap, ok := v["snapshot"].(map[string]any); ok {
			entries, _ := snap["entries"].([]any)
			for _, e := range entries {
				p.show(id, e.(map[string]any))
			}
		}
	}
	s.cut = func(err error) { p.cuts = append(p.cuts, cutting{time.Now(), err}) }
	return p
}

func (p *party) show(id string, it map[string]any) {
	if p.shown[id] == nil {
		p.shown[id] = map[int]string{}
	}
	seq, text := int(it["seq"].(float64)), fmt.Sprint(it["kind"])
	if said, ok := it["text"].(string); ok {
		text += " " + said
	}
	if was, ok := p.shown[id][seq]; ok && was != text {
		p.t.Errorf("%s shows %q as number %d and gets %q", id, was, seq, text)
	}
	p.shown[id][seq] = text
}

// resume asks for what is missing of a conversation.
func (p *party) resume(id string) {
	p.t.Helper()
	for more := true; more; {
		since := 0
		for p.shown[id][since+1] != "" {
			since++
		}
		snap := p.must("hello", map[string]any{"conversation": id, "since": since})["snapshot"].(map[string]any)
		more, _ = snap["more"].(bool)
	}
}

// A desk is an advisor and the citizens of the conversations.
type group struct {
	a        *party
	citizens []*party
	ids      []string
	said     []int // by the citizens
	answered int   // by the advisor, to each
}

func openDesk(t *testing.T, s *server, n int) *group {
	t.Helper()
	x := &cycle{t: t, base: s.base}
	d := &group{
		a: newParty(&stubborn{t: t, base: s.base, path: "/v1/advisor/tickets", token: x.token("institute", map[string]any{
			"person": "advisor-1", "claims": map[string]any{"sub": fmt.Sprint("advisor-", n)},
		})}),
		said: make([]int, chatsEach),
	}
	for i := range chatsEach {
		d.citizens = append(d.citizens, newParty(&stubborn{t: t, base: s.base, path: "/v1/tickets", token: x.token("cassetto", somebody(n*chatsEach+i))}))
	}
	for _, p := range d.everybody() {
		p.connect()
	}
	return d
}

func (d *group) everybody() []*party { return append(slices.Clone(d.citizens), d.a) }

// fill gives the advisor his conversations, while no other is free.
func (d *group) fill() {
	for i, c := range d.citizens {
		d.a.must("presence", map[string]any{"state": "available", "capacity": i + 1})
		id := c.must("join", map[string]any{"topic": "employer_case", "question": fmt.Sprint("domanda ", i)})["conversation"].(string)
		d.accept(id)
		d.ids = append(d.ids, id)
	}
}

// accept accepts what is offered: at once, or after the next look of the sweep, if the
// one before called the ticket in the moment in which its owner joined.
func (d *group) accept(id string) {
	d.a.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		v := d.a.ask("accept", map[string]any{"conversation": id})
		if v["event"] != "error" {
			return
		}
		if v["code"] != "not_found" || time.Now().After(end) {
			d.a.t.Fatalf("accept %s: %v", id, v)
		}
	}
}

const between = time.Second // messages of one side

// talk has both sides of every conversation write until each socket was cut, and
// some messages more.
func (d *group) talk() {
	end := time.Now().Add(patience)
	var all sync.WaitGroup
	for i, c := range d.citizens {
		all.Go(func() {
			for after := 0; after < 2; time.Sleep(between) {
				d.said[i]++
				c.must("send", map[string]any{"conversation": d.ids[i], "number": d.said[i], "text": fmt.Sprint("cittadino ", d.said[i])})
				if len(c.cuts) > 0 || time.Now().After(end) {
					after++
				}
			}
		})
	}
	for after := 0; after < 2; time.Sleep(between) {
		d.answered++
		for _, id := range d.ids {
			d.a.must("send", map[string]any{"conversation": id, "number": d.answered, "text": fmt.Sprint("operatore ", d.answered)})
		}
		d.a.must("ping", nil)
		if len(d.a.cuts) > 0 || time.Now().After(end) {
			after++
		}
	}
	all.Wait()
}

// look asks for what each side has missed.
func (d *group) look() {
	for i, id := range d.ids {
		d.citizens[i].resume(id)
		d.a.resume(id)
	}
}

// check compares what was acknowledged, what is stored, and what both sides show.
func (d *group) check(s *server) {
	t := d.a.t
	t.Helper()
	for i, id := range d.ids {
		entries, err := s.store.Read(t.Context(), queue.ConversationID(id), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		said, kinds := map[identity.Side][]string{}, map[conversation.Kind]int{}
		for n, e := range entries {
			same(t, "number", e.Seq, n+1)
			kinds[e.Kind]++
			if e.Kind == conversation.KindMessage {
				said[e.By] = append(said[e.By], string(e.Text))
				for _, p := range []*party{d.citizens[i], d.a} {
					if shown := p.shown[id][e.Seq]; shown != "message "+string(e.Text) {
						t.Errorf("%q is number %d of %s, and %s shows %q", e.Text, e.Seq, id, p.path, shown)
					}
				}
			}
		}
		want := map[identity.Side][]string{}
		for n := range d.said[i] {
			want[identity.SideCitizen] = append(want[identity.SideCitizen], fmt.Sprint("cittadino ", n+1))
		}
		for n := range d.answered {
			want[identity.SideAdvisor] = append(want[identity.SideAdvisor], fmt.Sprint("operatore ", n+1))
		}
		same(t, "messages of "+id, said, want)
		same(t, "assigned, requeued, closed", []int{kinds[conversation.KindAssigned], kinds[conversation.KindRequeued], kinds[conversation.KindClosed]}, []int{1, 0, 0})
	}
}

// TestTheGatewayCutsEverybodyAtOnce has 200 chats in which all sockets are cut for
// their age in the same moments, while both sides write: nothing is lost or doubled,
// everybody keeps the advisor, and coming back costs what it always does.
func TestTheGatewayCutsEverybodyAtOnce(t *testing.T) {
	y := &tally{t: t, meter: &dynamotest.Meter{}}
	s, _ := serve(t, options{
		clock: opening, dynamodb: dynoxide, unhurried: true, transport: y.meter, limits: gateway.Limits{Life: 45 * time.Second},
		invoker: func(i gateway.Invoker) gateway.Invoker { return invoking{i, y} },
	})
	desks := make([]*group, chatters)
	var everybody []*party
	for n := range desks {
		desks[n] = openDesk(t, s, n)
		everybody = append(everybody, desks[n].everybody()...)
	}
	for _, d := range desks {
		d.fill()
	}
	opened := time.Now()
	atOnce(everybody, func(p *party) { _ = p.socket.CloseNow(); p.connect(); p.cuts = nil })
	before, _ := y.now()
	atOnce(desks, (*group).talk)
	after, _ := y.now()
	citizens, advisors := 0, 0
	for _, d := range desks {
		advisors += len(d.a.cuts)
		for _, c := range d.citizens {
			citizens += len(c.cuts)
		}
	}
	atOnce(desks, (*group).look)
	var first, last time.Time
	for _, p := range everybody {
		if len(p.cuts) == 0 {
			t.Errorf("a socket of %s was not cut", p.path)
		}
		for _, c := range p.cuts {
			same(t, "close code", websocket.CloseStatus(c.err), websocket.StatusGoingAway)
			if first.IsZero() || c.at.Before(first) {
				first = c.at
			}
			if c.at.After(last) {
				last = c.at
			}
		}
	}
	messages := 0
	for _, d := range desks {
		d.check(s)
		for _, n := range d.said {
			messages += n + d.answered
		}
	}
	t.Logf("%d sockets were opened in the same moments and cut within %v, %v later; %d messages", len(everybody), last.Sub(first).Round(time.Millisecond), first.Sub(opened).Round(time.Second), messages)
	comingBack(t, before, after, float64(citizens), float64(advisors))
}

// atOnce has everybody do the same.
func atOnce[T any](everybody []T, do func(T)) {
	var all sync.WaitGroup
	for _, who := range everybody {
		all.Go(func() { do(who) })
	}
	all.Wait()
}

// comingBack compares what it cost that so many sockets went and came with what one
// costs that goes and comes alone (TestCounts). Two who write an entry of the same
// conversation at the same time write one in vain: hence a tenth more. Each citizen tells
// the advisor, whose socket may be gone as well: that is looked up, and noted once.
func comingBack(t *testing.T, before, after doings, citizens, advisors float64) {
	t.Helper()
	got := map[string]cost{}
	add := func(by string, c cost) {
		function, _, _ := strings.Cut(by, " ")
		got[function] = got[function].plus(c)
	}
	for _, r := range after.requests[len(before.requests):] {
		add(r.By, cost{writes: r.Writes, reads: r.Reads})
	}
	for _, i := range after.invocations[len(before.invocations):] {
		add(i, cost{invocations: 1})
	}
	cuts := citizens + advisors
	// A client whose upgrade takes too long, on a busy machine, comes once more.
	citizens = max(citizens, float64(got[string(topology.Citizen)].invocations))
	advisors = max(advisors, float64(got[string(topology.Advisor)].invocations))
	sockets := citizens + advisors
	for function, usual := range map[topology.Function]cost{
		topology.Citizen:    {writes: 2 * citizens, reads: citizens, invocations: int(citizens)}, // a ticket
		topology.Advisor:    {writes: 2 * advisors, invocations: int(advisors)},
		topology.Authorize:  {writes: sockets, invocations: int(sockets)},
		topology.Connect:    {writes: 2*citizens + (2+chatsEach)*advisors, reads: citizens + (2+chatsEach)*advisors + citizens, invocations: int(sockets)},
		topology.Disconnect: {writes: 2*citizens + 3*advisors, reads: citizens + advisors + citizens, invocations: int(sockets)},
	} {
		c := got[string(function)]
		t.Logf("%s: %v written of %v, %v read of %v", function, c.writes, usual.writes, c.reads, usual.reads)
		if sockets == cuts { // everybody came once
			same(t, string(function)+" is invoked", c.invocations, usual.invocations)
		} else if c.invocations > usual.invocations || c.invocations < int(cuts) && (function == topology.Authorize || function == topology.Connect) {
			t.Errorf("%s is invoked %d times, and usually %d", function, c.invocations, usual.invocations)
		}
		if c.writes > 1.1*usual.writes || c.reads > 1.1*usual.reads {
			t.Errorf("%s: %+v, and usually %+v", function, c, usual)
		}
	}
}
