package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/v1"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A frame is what clients are sent: what these clients look at.
type frame struct {
	Event        string
	Re           int
	Conversation queue.ConversationID
	Status       conversation.Status
	Seq          int
	Number       int
	Item         *item
	Ahead        *int
	Snapshot     *snapshot
	Snapshots    []snapshot
	Duty         *struct {
		Presence conversation.Presence
		Capacity int
	}
	Elsewhere *struct{ Company string }
	Code      code.Code
	AfterMS   int `json:"after_ms"`
	Message   string
}

type snapshot struct {
	Conversation queue.ConversationID
	Status       conversation.Status
	Seq          int
	Number       int
	Accepted     bool
	AnswerUntil  *time.Time `json:"answer_until"`
	Entries      []item
	More         bool
}

type item struct {
	Seq    int
	Kind   conversation.Kind
	By     identity.Side
	Number int
	Text   string
}

func decode(raw []byte) frame {
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		panic(err) // the service has sent what is not JSON
	}
	return f
}

// A person is what citizens and advisors have in common: one socket, one request
// at a time, and patience.
type person struct {
	w      *world
	who    conversation.Caller
	name   string
	wire   *wire
	busy   bool      // waits for an answer
	at     time.Time // when to act next
	asked  int       // requests so far
	hailed bool      // hello was answered over this socket
	since  time.Time // when it was asked
	page
	token token
}

// patience is after what time a client gives an answer up.
const patience = 4 * time.Second

// can adds what the person can do now: act, or give up an answer that does not come.
func (p *person) can(all []func(), now time.Time, act func()) []func() {
	switch {
	case !p.busy && !p.at.After(now):
		return append(all, act)
	case p.busy && p.wire != nil && now.Sub(p.since) > patience:
		return append(all, p.giveUp)
	}
	return all
}

// due is when the person can next do something, if that is before next.
func (p *person) due(next time.Time) time.Time {
	at := p.at
	if p.busy {
		if p.wire == nil {
			return next
		}
		at = p.since.Add(patience + 1)
	}
	if at.Before(next) {
		return at
	}
	return next
}

// giveUp leaves the socket. What was asked may still happen.
func (p *person) giveUp() {
	p.w.note("%s gives up", p.name)
	p.asked++ // an answer that comes now is none
	p.w.cut(p.wire)
	p.lose(p.wire)
	p.busy = false
	p.think(p.w.between(0, 2*time.Second))
}

// think is when to act next, as far as the browser lets the page.
func (p *person) think(d time.Duration) { p.at = p.runs(p.w.now().Add(d)) }

// ask sends a frame and waits for its answer. Without one, nobody knows: answer
// gets nil.
func (p *person) ask(fields map[string]any, answer func(*frame)) {
	p.asked++
	fields["id"] = p.asked
	if action := fields["action"]; p.answers && (action == "hello" || action == "ping") {
		fields["answers_pings"] = true
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	x, id := p.wire, p.asked
	p.busy, p.since = true, p.w.now()
	asked := p.w.history.begin(p.who.Side, fields)
	p.w.invoke(fmt.Sprint("message ", p.name, " ", string(raw)), func(ctx context.Context) (string, error) {
		r, err := p.w.message.Handle(ctx, p.w.event(x, string(raw)))
		return r.Body, err
	}, func(r result) {
		if p.asked != id { // given up
			return
		}
		p.busy = false
		switch {
		case r.died: // the gateway says "Internal server error", or nothing
			answer(nil)
		case r.err != nil:
			p.w.violate("I-14", "%s: %s failed: %v", p.name, raw, r.err)
		case !x.open, x.dead: // the answer goes nowhere
			answer(nil)
		default:
			f := decode([]byte(r.body))
			if f.Re != id {
				p.w.violate("I-14", "%s: the answer to %s is %s", p.name, raw, r.body)
			}
			if p.w.chance(0.03) { // lost on the way
				p.w.cut(x)
				p.lose(x)
				answer(nil)
				return
			}
			p.w.history.finish(asked, &f)
			answer(&f)
		}
	})
}

// lose forgets a socket that is gone.
func (p *person) lose(x *wire) {
	if p.wire == x {
		p.wire, p.hailed = nil, false
	}
}

func (p *person) dropped(x *wire) { p.lose(x) }

// connectTo opens a socket.
func (p *person) connectTo(client receiver) {
	if !p.mayAsk() {
		return
	}
	p.busy = true
	p.w.dial(p.who, client, func(x *wire) {
		p.busy = false
		p.wire, p.hailed = x, false
		if x == nil {
			p.think(p.w.between(time.Second, 4*time.Second))
			return
		}
		p.think(p.w.between(0, time.Second))
	})
}

// A view is a conversation as a client shows it.
type view struct {
	id       queue.ConversationID
	status   conversation.Status
	accepted bool
	asked    bool // whether one is still there
	shown    map[int]item
	latest   int // the largest number that the client has heard of
	number   int // the last one used
	unacked  []sent
	lastSaid time.Time
}

// A sent message.
type sent struct {
	number int
	text   string
	tries  int
}

func newView(id queue.ConversationID) *view { return &view{id: id, shown: map[int]item{}} }

// have is up to where nothing is missing.
func (v *view) have() int {
	n := 0
	for {
		if _, ok := v.shown[n+1]; !ok {
			return n
		}
		n++
	}
}

// show adds an item, or finds that it has it.
func (v *view) show(w *world, who string, it item) {
	if old, ok := v.shown[it.Seq]; ok && (old.Kind != it.Kind || old.Text != it.Text || old.Number != it.Number) {
		w.violate("I-2", "%s shows %+v as number %d of %s and now gets %+v", who, old, it.Seq, v.id, it)
	}
	v.shown[it.Seq] = it
	v.latest = max(v.latest, it.Seq)
}

// take adds what a snapshot has.
func (v *view) take(w *world, who string, s *snapshot) {
	v.status, v.accepted, v.asked = s.Status, s.Accepted, s.AnswerUntil != nil
	v.latest = max(v.latest, s.Seq)
	v.number = max(v.number, s.Number)
	for _, it := range s.Entries {
		v.show(w, who, it)
	}
}

// say sends a new message, or the oldest that is not acknowledged again.
func (p *person) say(v *view) {
	if len(v.unacked) == 0 {
		v.number++
		v.unacked = append(v.unacked, sent{number: v.number, text: fmt.Sprintf("%s dice %d", p.name, v.number)})
	}
	v.unacked[0].tries++
	m := v.unacked[0]
	x := p.wire
	p.ask(map[string]any{"action": "send", "conversation": v.id, "number": m.number, "text": m.text}, func(f *frame) {
		switch {
		case f == nil:
			p.w.retry(p, x)
		case f.Event == "ack":
			p.w.acknowledged(p.who.Side, p.name, v.id, m, f.Seq)
			v.unacked = v.unacked[1:]
			v.lastSaid = p.w.now()
			if f.Item != nil {
				v.show(p.w, p.name, *f.Item)
			}
			v.latest = max(v.latest, f.Seq)
			p.think(p.w.between(time.Second, 8*time.Second))
		case f.Code == code.Throttled:
			p.think(max(time.Duration(f.AfterMS)*time.Millisecond, time.Second))
		case f.Code == code.Superseded:
			p.w.cut(x)
			p.lose(x)
			p.think(time.Second)
		case f.Code == code.Internal:
			p.think(2 * time.Second)
		default: // closed, conflict, not theirs any more
			if m.tries == 1 { // another time it may have been stored
				p.w.ledger.refused = append(p.w.ledger.refused, acked{p.who.Side, p.name, v.id, m, 0})
			}
			v.unacked = v.unacked[1:]
			p.hailed = false // look again
			p.think(time.Second)
		}
	})
}

// retry comes back after an answer that did not come, over the same socket or a
// new one.
func (w *world) retry(p *person, x *wire) {
	if w.rng.IntN(2) == 0 || !x.open {
		w.cut(x)
		p.lose(x)
	}
	p.hailed = false
	p.think(w.between(time.Second, 4*time.Second))
}
