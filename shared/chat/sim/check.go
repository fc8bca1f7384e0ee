package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A Violation is a promise that was broken.
type Violation struct {
	Invariant string // as docs/design.md numbers them
	What      string
}

func (v Violation) String() string { return v.Invariant + ": " + v.What }

func (w *world) violate(invariant, format string, args ...any) {
	v := Violation{invariant, fmt.Sprintf(format, args...)}
	w.note("VIOLATION %s", v)
	w.broken = append(w.broken, v)
}

// What the service has acknowledged: it must keep it.
type ledger struct {
	messages    []acked
	refused     []acked                           // at the first try
	joins       map[string][]queue.ConversationID // by citizen
	owners      map[queue.ConversationID]string
	escalations []queue.ConversationID
}

type acked struct {
	side         identity.Side
	who          string
	conversation queue.ConversationID
	message      sent
	seq          int
}

func (w *world) acknowledged(side identity.Side, who string, id queue.ConversationID, m sent, seq int) {
	w.ledger.messages = append(w.ledger.messages, acked{side, who, id, m, seq})
}

func (w *world) joined(who string, id queue.ConversationID) {
	if owner, ok := w.ledger.owners[id]; ok && owner != who {
		w.violate("I-11", "%s and %s both have %s", owner, who, id)
	}
	w.ledger.owners[id] = who
	if !slices.Contains(w.ledger.joins[who], id) {
		w.ledger.joins[who] = append(w.ledger.joins[who], id)
	}
}

func (w *world) escalated(id queue.ConversationID) {
	w.ledger.escalations = append(w.ledger.escalations, id)
}

// owns reports whether a conversation is a citizen's, by what is stored.
func (w *world) owns(who string, id queue.ConversationID) bool { return owner(w.stateOf(id)) == who }

// personOf returns the person whose conversation it is, in whatever context.
func (w *world) personOf(id queue.ConversationID) string { return w.stateOf(id).Citizen.ID }

func (w *world) stateOf(id queue.ConversationID) conversation.State {
	tail, err := w.store.Tail(context.Background(), id)
	if err != nil {
		return conversation.State{}
	}
	return tail.State
}

// everybody returns citizens and advisors.
func (w *world) everybody() (all []*person) {
	for _, c := range w.citizens {
		all = append(all, &c.person)
	}
	for _, a := range w.advisors {
		all = append(all, &a.person)
	}
	return all
}

// line returns who waits for topic.
func (w *world) line(topic queue.Topic) queue.Line {
	line, err := w.store.Line(context.Background(), topic, w.shards)
	if err != nil {
		panic(err) // nothing goes wrong outside of functions
	}
	return line
}

// tickets returns the names of the conversations of all tickets.
func (w *world) tickets() (all []queue.ConversationID) {
	for _, topic := range w.topics {
		for i, s := range w.line(topic).Shards {
			for n := 1; n <= s.Taken; n++ {
				all = append(all, queue.Ticket{Topic: topic, Shard: i, N: n}.Conversation())
			}
		}
	}
	return all
}

// tails returns the last entries of all conversations, by their tickets.
func (w *world) tails() []conversation.Entry {
	ctx := context.Background()
	var all []conversation.Entry
	for _, id := range w.tickets() {
		tail, err := w.store.Tail(ctx, id)
		if errors.Is(err, code.NotFound) {
			continue
		}
		if err != nil {
			panic(err)
		}
		all = append(all, tail)
	}
	return all
}

// logs are the entries of conversations.
type logs map[queue.ConversationID][]conversation.Entry

// conversations returns the entries of all conversations, by their tickets.
func (w *world) conversations() logs {
	ctx := context.Background()
	all := logs{}
	for _, id := range w.tickets() {
		var entries []conversation.Entry
		for more := true; more; {
			page, err := w.store.Read(ctx, id, len(entries), 100)
			if err != nil {
				panic(err)
			}
			entries = append(entries, page...)
			more = len(page) == 100
		}
		if len(entries) > 0 {
			all[id] = entries
		}
	}
	return all
}

// checkStored looks at what is stored: at any moment.
func (w *world) checkStored(all logs, policy admission.Policy) {
	live := map[queue.HolderID]queue.ConversationID{}
	open := map[string][]queue.ConversationID{}
	for id, entries := range all {
		w.checkLog(id, entries, policy)
		s := entries[len(entries)-1].State
		if s.Status != conversation.StatusEnded {
			holder := queue.HolderOf(identity.PersonID(s.Citizen.ID), s.Ticket.Topic)
			if other, ok := live[holder]; ok {
				w.violate("I-20", "%s has two live conversations, %s and %s", holder, other, id)
			}
			live[holder] = id
		}
		if s.Open() {
			open[s.Advisor.ID] = append(open[s.Advisor.ID], id)
		}
	}
	w.checkAdvisors(open)
	w.checkRoom(all, policy)
	for _, m := range w.ledger.messages {
		w.checkMessage(m, all[m.conversation])
	}
	for _, m := range w.ledger.refused {
		if i := slices.IndexFunc(all[m.conversation], m.is); i >= 0 {
			w.violate("I-1", "%q was refused to %s and is number %d of %s", m.message.text, m.who, i+1, m.conversation)
		}
	}
	for id, who := range w.ledger.owners {
		if entries := all[id]; len(entries) == 0 || owner(entries[0].State) != who {
			w.violate("I-1", "%s was told that %s is queued, and it is not stored as theirs", who, id)
		}
	}
}

func (w *world) checkLog(id queue.ConversationID, entries []conversation.Entry, policy admission.Policy) {
	first := entries[0]
	if first.Kind != conversation.KindJoined || !w.may(first.At, heardOf, policy, admits(first.At)) {
		w.violate("I-10", "%s begins with %s at %s", id, first.Kind, first.At)
	}
	for i, e := range entries {
		if e.Seq != i+1 {
			w.violate("I-2", "%s has number %d in place %d", id, e.Seq, i+1)
		}
		if e.Kind == conversation.KindAssigned && !w.may(e.At, sweepKnow, policy, serves(e.At)) {
			w.violate("I-10", "%s is assigned while nobody is served, at %s", id, e.At)
		}
		if i > 0 {
			w.checkParties(e, entries[i-1].State)
			w.checkEnd(e, entries[i-1].State, policy)
		}
	}
	w.checkOnce(id, entries)
	w.checkAside(entries, policy)
}

// checkParties looks at who may do what, and at what never changes.
func (w *world) checkParties(e conversation.Entry, was conversation.State) {
	is := e.State
	if is.Citizen.Epoch < was.Citizen.Epoch || is.Advisor.ID == was.Advisor.ID && is.Advisor.Epoch < was.Advisor.Epoch {
		w.violate("I-5", "an epoch of %s shrinks at %d", e.Conversation, e.Seq)
	}
	if e.By == identity.SideAdvisor && e.Kind != conversation.KindConnected && string(e.Author) != was.Advisor.ID {
		w.violate("I-5", "entry %d of %s is by %s, the advisor is %s", e.Seq, e.Conversation, e.Author, was.Advisor.ID)
	}
	if x := w.sockets[was.Citizen.Connection]; e.Kind == conversation.KindAway && e.Reason == conversation.Disconnected && x != nil && (x.open || x.closed.After(e.At.Add(drift))) {
		w.violate("I-5", "entry %d of %s says that %s is closed, which is open", e.Seq, e.Conversation, x.id)
	}
	for _, a := range w.advisors {
		if is.Advisor.ID == a.name && a.who.Person != "" && is.Citizen.ID == string(a.who.Person) {
			w.violate("I-21", "%s of %s is given to %s, the same person, at %d", e.Conversation, is.Citizen.ID, a.name, e.Seq)
		}
	}
	if is.Ticket != was.Ticket {
		w.violate("I-7", "%s changes its ticket at %d", e.Conversation, e.Seq)
	}
}

// checkEnd looks at why a conversation ends, and that it stays ended.
func (w *world) checkEnd(e conversation.Entry, was conversation.State, policy admission.Policy) {
	if was.Status == conversation.StatusEnded && e.Kind != conversation.KindProgressed {
		w.violate("I-2", "%s goes on after its end with %s", e.Conversation, e.Kind)
	}
	if e.Kind != conversation.KindClosed {
		return
	}
	if e.Reason == conversation.DeskClosed && !w.may(e.At, sweepKnow, policy, sendsAway(e.At)) {
		w.violate("I-17", "%s was admitted and is closed unserved at %s", e.Conversation, e.At)
	}
}

// checkOnce: a message is stored once, and so is a step of an office.
func (w *world) checkOnce(id queue.ConversationID, entries []conversation.Entry) {
	step := 0
	said := map[string]bool{}
	for _, e := range entries {
		switch {
		case e.Kind == conversation.KindMessage:
			key := fmt.Sprint(e.By, " ", e.Author, " ", e.Text)
			if said[key] {
				w.violate("I-3", "%s has %q twice", id, e.Text)
			}
			said[key] = true
		case e.Kind == conversation.KindProgressed && e.Reason == "":
			if e.Escalation.Step <= step {
				w.violate("I-9", "%s tells step %d of its escalation again", id, e.Escalation.Step)
			}
			step = e.Escalation.Step
		}
	}
}

func (w *world) checkAdvisors(open map[string][]queue.ConversationID) {
	advisors, err := w.store.Advisors(context.Background())
	if err != nil {
		panic(err)
	}
	for _, a := range advisors {
		have, want := slices.Sorted(slices.Values(a.Open)), slices.Sorted(slices.Values(open[string(a.ID)]))
		if !slices.Equal(have, want) {
			w.violate("I-6", "%s holds slots for %v and has %v", a.ID, have, want)
		}
		if len(have) > conversation.MaxCapacity {
			w.violate("I-6", "%s has %d conversations", a.ID, len(have))
		}
	}
}

// checkSlot looks at an advisor who has just got a conversation.
func (w *world) checkSlot(id identity.StaffID) {
	a, err := w.store.Advisor(context.Background(), id)
	if err != nil {
		panic(err) // nothing goes wrong outside of functions
	}
	if len(a.Open) > a.Capacity || a.Presence != conversation.Available || a.Connection == "" || !a.Lease.After(w.now().Add(-longest)) {
		w.violate("I-6", "%s gets a conversation with %d open of %d, %s, lease until %s", id, len(a.Open), a.Capacity, a.Presence, a.Lease)
	}
}

// is reports whether an entry is this message.
func (m acked) is(e conversation.Entry) bool {
	return e.Kind == conversation.KindMessage && e.By == m.side && string(e.Text) == m.message.text
}

func (w *world) checkMessage(m acked, entries []conversation.Entry) {
	for _, e := range entries {
		if m.is(e) {
			if e.Seq != m.seq {
				w.violate("I-1", "%q of %s was acknowledged as number %d and is number %d", e.Text, m.conversation, m.seq, e.Seq)
			}
			return
		}
	}
	w.violate("I-1", "%q was acknowledged to %s in %s and is not there", m.message.text, m.who, m.conversation)
}

// patience of the promises that nobody waits while somebody is free, and that nobody
// waits in vain.
const (
	assignTime = 5 * time.Second
	lookTime   = 15 * time.Second
)

// watch looks, once a second after the faults have stopped, whether somebody waits
// while somebody is free, and for how long that has been so.
func (w *world) watch() {
	now := w.now()
	if !w.watching || now.Sub(w.looked) < time.Second {
		return
	}
	w.looked = now
	ctx := context.Background()
	advisors, err := w.store.Advisors(ctx)
	if err != nil {
		panic(err)
	}
	idle := 0 // who wait while somebody is free
	for _, topic := range w.topics {
		if slices.ContainsFunc(advisors, func(a conversation.Advisor) bool { return a.Free(topic, now) > 0 }) {
			line := w.line(topic)
			idle += line.Waiting() - w.waitForAnother(line, advisors)
		}
	}
	shut := w.shut(now)
	w.watchVain(shut)
	switch {
	case shut, idle == 0, now.Before(opening):
		w.suspect = time.Time{}
	case w.suspect.IsZero():
		w.suspect = now
	case now.Sub(w.suspect) > assignTime:
		w.violate("I-8", "%d wait while somebody is free, for %s", idle, now.Sub(w.suspect))
	}
}

// watchVain looks for how long each conversation has waited while the desk is shut.
func (w *world) watchVain(shut bool) {
	was := w.vain
	w.vain = map[queue.ConversationID]time.Time{}
	if !shut {
		return
	}
	for _, e := range w.tails() {
		if e.State.Status != conversation.Queued {
			continue
		}
		since, ok := was[e.Conversation]
		if !ok {
			since = w.now()
		}
		if w.vain[e.Conversation] = since; w.now().Sub(since) > lookTime {
			w.violate("I-17", "%s waits since %s, and the desk is closed", e.Conversation, since)
		}
	}
}

// waitForAnother counts who waits at the front while only they themselves are free to answer.
func (w *world) waitForAnother(line queue.Line, advisors []conversation.Advisor) (n int) {
	for _, t := range line.Returned {
		tail, err := w.store.Tail(context.Background(), t.Conversation())
		if errors.Is(err, code.NotFound) {
			w.violate("I-7", "%s is at the front, and there is no such conversation", t.Conversation())
			continue
		}
		if err != nil {
			panic(err)
		}
		if _, ok := conversation.Pick(advisors, tail.State, w.now()); !ok {
			n++
		}
	}
	return n
}

// checkClients: what clients show is what is stored, without gaps.
func (w *world) checkClients(all logs) {
	for _, c := range w.citizens {
		for _, v := range append(slices.Clone(c.past), c.talk) {
			if v != nil {
				w.checkView(c.name, v, all[v.id], v == c.talk)
			}
		}
	}
}

func (w *world) checkView(who string, v *view, entries []conversation.Entry, whole bool) {
	for seq, it := range v.shown {
		if seq > len(entries) || entries[seq-1].Kind != it.Kind || it.Kind == conversation.KindMessage && string(entries[seq-1].Text) != it.Text {
			w.violate("I-2", "%s shows %+v in %s, which is not stored so", who, it, v.id)
		}
	}
	if whole && v.have() < len(entries) {
		w.violate("I-2", "%s shows %d of %d in %s", who, v.have(), len(entries), v.id)
	}
}

// checkEscalations: what was acknowledged took effect once, and its end is known.
func (w *world) checkEscalations(all logs) {
	effects := map[queue.ConversationID]int{}
	for id, entries := range all {
		for _, e := range entries {
			if e.Kind == conversation.KindEscalated {
				t := w.office.taken[e.Escalation.ID]
				if t == nil {
					w.violate("I-9", "the escalation of %s never arrived", id)
					continue
				}
				effects[id] += t.effects
			}
		}
		if n := effects[id]; n > 1 {
			w.violate("I-9", "the escalation of %s arrived %d times", id, n)
		}
		if s := entries[len(entries)-1].State; s.Escalation != "" && !s.Progress.Final {
			w.violate("I-9", "nobody knows that the escalation of %s has ended", id)
		}
	}
	arrived := 0
	for _, n := range effects {
		arrived += n
	}
	if arrived != len(w.office.order) {
		w.violate("I-9", "the office has %d escalations, conversations have %d", len(w.office.order), arrived)
	}
	for _, id := range w.ledger.escalations {
		if effects[id] == 0 {
			w.violate("I-9", "the acknowledged escalation of %s is not there", id)
		}
	}
}

// checkErased: after retention nothing is left.
func (w *world) checkErased() {
	for id := range w.conversations() {
		w.violate("I-12", "%s is left after retention", id)
	}
	if all, err := store.ReadAll(context.Background(), w.store.Escalations); err != nil || len(all) > 0 {
		w.violate("I-12", "%d escalations are left after retention (%v)", len(all), err)
	}
	all, err := w.store.Advisors(context.Background())
	if err != nil {
		panic(err)
	}
	for _, a := range all {
		if a.Lease.Before(w.now().Add(-24 * time.Hour)) {
			w.violate("I-12", "%s, who was there until %s, is left after retention", a.ID, a.Lease)
		}
	}
	for _, c := range w.citizens {
		if _, err := w.store.Live(context.Background(), c.who.Holder()); !errors.Is(err, code.NotFound) {
			w.violate("I-12", "%s still has a live mark (%v)", c.name, err)
		}
	}
}
