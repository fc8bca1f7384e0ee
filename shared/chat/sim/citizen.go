package sim

import (
	"context"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A citizen joins, waits, writes, loses the connection, comes back.
type citizen struct {
	person
	talk  *view
	past  []*view // conversations that ended
	mute  bool    // never answers "are you still there?"
	slip  bool    // was full the last time; comes back once more
	topic queue.Topic
}

// done reports whether the citizen wants nothing more.
func (c *citizen) done() bool {
	return c.talk == nil && (len(c.past) > 1 || len(c.past) == 1 && !c.slip || c.w.healed)
}

// act does the next thing.
func (c *citizen) act() {
	w := c.w
	switch {
	case c.thaws():
	case c.wire == nil && c.done():
		c.think(time.Hour)
	case c.wire == nil:
		c.connectTo(c)
	case !c.hailed:
		c.hello()
	case c.talk == nil && c.done():
		w.cut(c.wire)
		c.lose(c.wire)
		c.think(time.Hour)
	case len(w.topics) > 1 && w.rng.IntN(12) == 0 && c.pries():
	case c.talk == nil:
		c.join()
	case c.talk.status == conversation.StatusEnded:
		c.past, c.talk = append(c.past, c.talk), nil
		c.think(time.Second)
	case c.turns(): // away from the page, or back
	case c.looksAway():
		c.ping("ping")
	case w.chance(0.05): // the page is closed, or the train is in a tunnel
		w.cut(c.wire)
		c.lose(c.wire)
		c.think(w.between(time.Second, 3*time.Minute))
	case w.chance(0.01):
		c.leave()
	case c.talk.have() < c.talk.latest:
		c.hello()
	case c.talk.status == conversation.Assigned && c.talk.accepted && w.now().Sub(c.talk.lastSaid) > 3*time.Second && w.rng.IntN(3) > 0 || len(c.talk.unacked) > 0:
		c.say(c.talk)
	case c.talk.asked && (!c.mute || w.closing) && w.rng.IntN(3) == 0: // comes back to the page, sooner or later
		c.here()
	default:
		c.ping("ping")
	}
}

// here answers "are you still there?".
func (c *citizen) here() {
	c.talk.asked = false
	c.ping("here")
}

// hello asks for what is missing.
func (c *citizen) hello() {
	fields := map[string]any{"action": "hello"}
	if c.talk != nil {
		fields["conversation"], fields["since"] = c.talk.id, c.talk.have()
	}
	x := c.wire
	c.ask(fields, func(f *frame) {
		switch {
		case f == nil:
			c.w.retry(&c.person, x)
		case f.Event == "welcome":
			c.hailed = true
			if f.Snapshot != nil {
				c.found(f.Snapshot)
			}
			c.think(c.w.between(0, time.Second))
		case f.Code == code.Superseded:
			c.w.cut(x)
			c.lose(x)
			c.think(time.Second)
		default:
			c.think(2 * time.Second)
		}
	})
}

// found shows a conversation that the service says is theirs.
func (c *citizen) found(s *snapshot) {
	if !c.w.owns(c.name, s.Conversation) {
		c.w.violate("I-20", "%s is shown %s, which is of another context or person", c.name, s.Conversation)
	}
	if c.talk == nil {
		if s.Status == conversation.StatusEnded {
			return
		}
		c.talk = newView(s.Conversation)
	}
	if c.talk.id != s.Conversation {
		c.w.violate("I-11", "%s asked for %s and got %s", c.name, c.talk.id, s.Conversation)
		return
	}
	c.talk.take(c.w, c.name, s)
}

func (c *citizen) join() {
	x := c.wire
	c.ask(map[string]any{"action": "join", "topic": c.topic, "question": "domanda di " + c.name}, func(f *frame) {
		switch {
		case f == nil:
			c.w.retry(&c.person, x)
		case f.Event == "queued":
			c.w.joined(c.name, f.Conversation)
			c.found(f.Snapshot)
			c.think(c.w.between(time.Second, 5*time.Second))
		case f.Elsewhere != nil && c.w.rng.IntN(4) == 0:
			c.leaveElsewhere()
		default:
			c.think(c.w.between(time.Second, 5*time.Second))
		}
	})
}

// pries asks for a conversation that the same person has in another context. It reports
// whether there is one.
func (c *citizen) pries() bool {
	for _, other := range c.w.citizens {
		if other == c || other.who.ID != c.who.ID || other.talk == nil {
			continue
		}
		x, id := c.wire, other.talk.id
		c.ask(map[string]any{"action": "hello", "conversation": id}, func(f *frame) {
			switch {
			case f == nil:
				c.w.retry(&c.person, x)
				return
			case f.Snapshot != nil:
				c.w.violate("I-20", "%s is shown %s of %s", c.name, id, other.name)
			}
			c.think(time.Second)
		})
		return true
	}
	return false
}

// leaveElsewhere ends what the person has for another company.
func (c *citizen) leaveElsewhere() {
	x := c.wire
	c.ask(map[string]any{"action": "leave", "elsewhere": true}, func(f *frame) {
		if f == nil {
			c.w.retry(&c.person, x)
			return
		}
		c.think(time.Second)
	})
}

func (c *citizen) leave() {
	x := c.wire
	c.ask(map[string]any{"action": "leave", "conversation": c.talk.id}, func(f *frame) {
		if f == nil {
			c.w.retry(&c.person, x)
			return
		}
		if f.Event == "ack" && f.Item != nil {
			c.talk.show(c.w, c.name, *f.Item)
			c.talk.status = f.Status
		}
		c.hailed = false
		c.think(time.Second)
	})
}

// ping gives a sign of life: the page's, or one's own.
func (c *citizen) ping(action string) {
	x := c.wire
	c.ask(map[string]any{"action": action, "conversation": c.talk.id}, func(f *frame) {
		switch {
		case f == nil:
			c.w.retry(&c.person, x)
			return
		case f.Event == "pong":
			c.talk.status, c.talk.latest = f.Status, max(c.talk.latest, f.Seq)
			c.w.checkPosition(c.name, c.talk.id, f)
		case f.Code == code.Superseded:
			c.w.cut(x)
			c.lose(x)
		default:
			c.hailed = false
		}
		c.think(c.w.between(2*time.Second, desk.Heartbeat))
	})
}

// receive takes a push.
func (c *citizen) receive(x *wire, f frame) {
	c.hears(f)
	if f.Event == "bye" {
		c.w.cut(x)
		c.lose(x)
		return
	}
	if f.Conversation == "" || c.talk == nil || c.talk.id != f.Conversation {
		if f.Conversation != "" && !c.w.owns(c.name, f.Conversation) {
			c.w.violate("I-20", "%s is told of %s, which is not theirs", c.name, f.Conversation)
		}
		return
	}
	if f.Item != nil {
		c.talk.show(c.w, c.name, *f.Item)
		if f.Item.Seq == c.talk.latest {
			c.talk.status = f.Status
			c.talk.accepted = c.talk.accepted && f.Status != conversation.Queued || f.Item.Kind == conversation.KindAccepted
			c.talk.asked = f.Item.Kind == conversation.KindAsked || f.Item.Kind == conversation.KindAside || c.talk.asked && f.Item.Kind != conversation.KindAssigned
		}
	}
}

// An advisor is on duty, takes what is offered, answers, escalates, ends.
type advisor struct {
	person
	held     map[queue.ConversationID]*view
	order    []queue.ConversationID // keys of held, in the order in which they came
	past     []queue.ConversationID // the conversations that the advisor had before, the latest last
	capacity int
	duty     bool // presence was acknowledged over this socket
	paused   bool
}

func (a *advisor) act() {
	w := a.w
	switch {
	case a.thaws():
	case a.wire == nil:
		a.duty = false
		a.connectTo(a)
	case !a.hailed:
		a.hello()
	case a.turns():
	case a.looksAway():
		a.ping()
	case !w.closing && (w.rng.IntN(120) == 0 || w.watching && w.shut(w.now()) && w.rng.IntN(8) == 0):
		a.logout()
	case !a.duty:
		a.presence(false)
	case w.chance(0.03): // vanishes for a while
		w.cut(a.wire)
		a.lose(a.wire)
		a.think(w.between(time.Second, 2*time.Minute))
	case w.chance(0.03):
		a.capacity = 1 + w.rng.IntN(4)
		a.presence(w.rng.IntN(4) == 0)
	case w.chance(0.02):
		w.note("%s does not look for a while", a.name)
		a.think(w.between(10*time.Second, 45*time.Second))
	default:
		a.work()
	}
}

// meddles asks for something with a conversation that the advisor had before, as a client
// of their own may that does not follow what it is told.
func (a *advisor) meddles() {
	w := a.w
	v := a.held[a.past[len(a.past)-1]]
	switch w.rng.IntN(3) {
	case 0:
		a.about("close", v, map[string]any{"outcome": a.outcome(v)})
	case 1:
		a.about("transfer", v, nil)
	default:
		a.say(v)
	}
}

// work does something with one of the conversations.
func (a *advisor) work() {
	w := a.w
	switch {
	case len(a.past) > 0 && w.chance(0.02):
		a.meddles()
		return
	case len(a.order) == 0:
		a.ping()
		return
	}
	v := a.held[a.order[w.rng.IntN(len(a.order))]]
	switch {
	case v.have() < v.latest:
		a.open(v)
	case !v.accepted:
		a.about("accept", v, nil)
	case len(v.unacked) > 0:
		a.say(v)
	case w.closing, w.chance(0.08) && len(v.shown) > 4:
		a.about("close", v, map[string]any{"outcome": a.outcome(v)})
	case w.chance(0.04):
		a.about("transfer", v, nil)
	case w.chance(0.06):
		a.about("ask", v, nil)
	case w.rng.IntN(5) == 0:
		a.about("read", v, map[string]any{"seq": max(1, v.have())})
	case w.chance(0.06) && !v.has(conversation.KindEscalated):
		v.number++
		a.about("escalate", v, map[string]any{"number": v.number, "case": "case." + w.personOf(v.id), "text": "manca un documento"})
	case w.rng.IntN(3) == 0:
		a.ping()
	default:
		a.say(v)
	}
}

func (a *advisor) outcome(v *view) conversation.Outcome {
	if v.has(conversation.KindEscalated) {
		return conversation.Escalated
	}
	return conversation.Settled
}

func (v *view) has(k conversation.Kind) bool {
	for _, it := range v.shown {
		if it.Kind == k {
			return true
		}
	}
	return false
}

func (a *advisor) hello() {
	x := a.wire
	a.ask(map[string]any{"action": "hello"}, func(f *frame) {
		switch {
		case f == nil:
			a.w.retry(&a.person, x)
		case f.Event == "welcome":
			a.hailed = true
			var order []queue.ConversationID
			for i := range f.Snapshots {
				s := &f.Snapshots[i]
				order = append(order, s.Conversation)
				a.hold(s.Conversation).take(a.w, a.name, s)
			}
			a.order = order
			if f.Duty != nil && f.Duty.Presence == conversation.Paused { // by themselves, or because an offer was missed
				a.duty = false
			}
			a.think(a.w.between(0, time.Second))
		default:
			a.fail(x, f)
		}
	})
}

// logout ends the advisor's day, for a moment. What was open is with others at once.
func (a *advisor) logout() {
	a.busy = true
	began := a.w.now()
	a.w.leaves[identity.StaffID(a.name)] = began
	a.w.invoke("logout "+a.name, func(ctx context.Context) (string, error) {
		return "", a.w.desk.Logout(ctx, a.who)
	}, func(r result) {
		a.busy = false
		now, err := a.w.store.Advisor(context.Background(), identity.StaffID(a.name))
		if r.err == nil && !r.died && err == nil && now.Epoch < began.UnixMilli() { // nor has logged in again
			for _, e := range a.w.tails() {
				if s := e.State; s.Open() && s.Advisor.ID == a.name && s.Advisor.Epoch < began.UnixMilli() {
					a.w.violate("I-5", "%s has logged out at %s and still has %s", a.name, began, e.Conversation)
				}
			}
		}
		if x := a.wire; x != nil {
			a.w.cut(x)
			a.lose(x)
		}
		a.think(a.w.between(time.Second, 10*time.Second))
	})
}

// hold returns the view of a conversation that the advisor has.
func (a *advisor) hold(id queue.ConversationID) *view {
	if a.held[id] == nil {
		a.held[id] = newView(id)
	}
	return a.held[id]
}

func (a *advisor) drop(id queue.ConversationID) {
	for i, o := range a.order {
		if o == id {
			a.order = append(a.order[:i:i], a.order[i+1:]...)
			a.past = append(a.past, id)
			return
		}
	}
}

// fail handles an answer that is an error.
func (a *advisor) fail(x *wire, f *frame) {
	if f.Code == code.Superseded {
		a.w.cut(x)
		a.lose(x)
	}
	a.think(a.w.between(time.Second, 3*time.Second))
}

func (a *advisor) presence(pause bool) {
	a.paused = pause
	state := conversation.Available
	if pause {
		state = conversation.Paused
	}
	x := a.wire
	a.ask(map[string]any{"action": "presence", "state": state, "capacity": a.capacity}, func(f *frame) {
		switch {
		case f == nil:
			a.w.retry(&a.person, x)
		case f.Event == "ack":
			a.duty = !pause
			a.think(a.w.between(time.Second, 5*time.Second))
		default:
			a.fail(x, f)
		}
	})
}

func (a *advisor) ping() {
	x := a.wire
	a.ask(map[string]any{"action": "ping"}, func(f *frame) {
		switch {
		case f == nil:
			a.w.retry(&a.person, x)
		case f.Event == "pong":
			if a.w.rng.IntN(3) == 0 {
				a.hailed = false // look at what one has
			}
			a.think(a.w.between(2*time.Second, 20*time.Second))
		default:
			a.fail(x, f)
		}
	})
}

// open asks for what is missing of a conversation.
func (a *advisor) open(v *view) {
	x := a.wire
	a.ask(map[string]any{"action": "hello", "conversation": v.id, "since": v.have()}, func(f *frame) {
		switch {
		case f == nil:
			a.w.retry(&a.person, x)
		case f.Event == "welcome" && f.Snapshot != nil:
			v.take(a.w, a.name, f.Snapshot)
			if v.status == conversation.StatusEnded {
				a.drop(v.id)
			}
			a.think(a.w.between(0, time.Second))
		case f.Code == code.NotFound:
			a.drop(v.id)
			a.think(time.Second)
		default:
			a.fail(x, f)
		}
	})
}

// about asks for something with a conversation.
func (a *advisor) about(action string, v *view, fields map[string]any) {
	all := map[string]any{"action": action, "conversation": v.id}
	for k, x := range fields {
		all[k] = x
	}
	x := a.wire
	a.ask(all, func(f *frame) {
		switch {
		case f == nil:
			a.hailed = false
			a.w.retry(&a.person, x)
			return
		case f.Event == "ack":
			if f.Item != nil {
				v.show(a.w, a.name, *f.Item)
			}
			v.accepted = v.accepted || action == "accept"
			if action == "escalate" {
				a.w.escalated(v.id)
			}
			if action == "close" || action == "transfer" {
				a.drop(v.id)
			}
		case f.Code == code.Superseded:
			a.fail(x, f)
			return
		default:
			a.hailed = false // look again
		}
		a.think(a.w.between(500*time.Millisecond, 6*time.Second))
	})
}

// receive takes a push.
func (a *advisor) receive(x *wire, f frame) {
	a.hears(f)
	if f.Event == "duty" && f.Duty.Presence == conversation.Paused {
		a.duty = false
	}
	if f.Event == "bye" {
		a.w.cut(x)
		a.lose(x)
		return
	}
	if f.Item == nil {
		return
	}
	v := a.hold(f.Conversation)
	v.show(a.w, a.name, *f.Item)
	if f.Snapshot != nil {
		for _, it := range f.Snapshot.Entries {
			v.show(a.w, a.name, it)
		}
	}
	switch {
	case f.Event == "offered":
		a.drop(f.Conversation)
		a.order = append(a.order, f.Conversation)
		v.accepted, v.status = false, f.Status
	case f.Status == conversation.StatusEnded || f.Status == conversation.Queued:
		a.drop(f.Conversation)
	}
}
