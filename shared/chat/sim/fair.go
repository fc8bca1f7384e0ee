package sim

import (
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// I-7: who is served before whom.

// checkPosition compares what a waiting citizen is told with who is served before,
// where nothing else is under way. With several shards it is told about.
func (w *world) checkPosition(who string, id queue.ConversationID, f *frame) {
	if f.Ahead == nil || !w.watching || w.running > 0 || w.shards > 1 {
		return
	}
	ahead := 0
	all := w.tails()
	i := slices.IndexFunc(all, func(e conversation.Entry) bool { return e.Conversation == id })
	if i < 0 || all[i].State.Status != conversation.Queued {
		return
	}
	mine := all[i].State
	for _, e := range all {
		s := e.State
		if e.Conversation == id || s.Status != conversation.Queued || s.Ticket.Topic != mine.Ticket.Topic {
			continue
		}
		if s.Returned && (s.Aside || s.Citizen.Connection == "") { // until they answer, or are back
			continue
		}
		if s.Returned && !mine.Returned || s.Returned == mine.Returned && s.Ticket.N < mine.Ticket.N {
			ahead++
		}
	}
	if *f.Ahead != ahead {
		w.violate("I-7", "%s is told that %d are ahead, and %d are", who, *f.Ahead, ahead)
	}
}

// A stay is a time during which a conversation waited, at one place of the line.
type stay struct {
	id       queue.ConversationID
	ticket   queue.Ticket
	returned bool
	from, to time.Time
	served   bool // it ended with an assignment
}

// before reports whether a is to be served before b: at the front by place, in line by
// number, and by place where the shards are not the same.
func (a stay) before(b stay) bool {
	if a.returned != b.returned {
		return a.returned
	}
	if !a.returned && a.ticket.Shard == b.ticket.Shard {
		return a.ticket.N < b.ticket.N
	}
	return a.ticket.Order() < b.ticket.Order()
}

// stays returns those of a conversation, but for what was transferred to somebody
// and for what had stepped aside or was not connected.
func (w *world) stays(entries []conversation.Entry) (all []stay) {
	var now *stay
	for _, e := range entries {
		s := e.State
		waits := s.Status == conversation.Queued && s.For == "" && !s.Aside && s.Citizen.Connection != ""
		if now != nil && (!waits || s.Returned != now.returned) {
			now.to, now.served = e.At, e.Kind == conversation.KindAssigned
			all, now = append(all, *now), nil
		}
		if waits && now == nil {
			now = &stay{id: e.Conversation, ticket: s.Ticket, returned: s.Returned, from: e.At}
		}
	}
	if now != nil {
		now.to = w.now()
		all = append(all, *now)
	}
	return all
}

// checkFair: since the faults have stopped nobody has overtaken somebody who was to
// be served before and waited all the time, but for a transfer's addressee, for who
// waits for an advisor other than themselves, and for assignments that are under way at the same time.
func (w *world) checkFair(conversations logs) {
	const apart = 2 * time.Second
	var all []stay
	for _, entries := range conversations {
		if w.isAdvisor(entries[0].State.Citizen.ID) {
			continue
		}
		all = append(all, w.stays(entries)...)
	}
	for _, a := range all {
		for _, b := range all {
			if a.ticket.Topic == b.ticket.Topic && b.served && b.to.After(w.fair) && a.before(b) && a.from.Before(w.fair) && a.from.Before(b.to.Add(-apart)) && a.to.After(b.to.Add(apart)) {
				w.violate("I-7", "%s was served at %s while %s waited from %s to %s", b.id, b.to, a.id, a.from, a.to)
			}
		}
	}
}

// isAdvisor reports whether a citizen is an advisor, too.
func (w *world) isAdvisor(person string) bool {
	return slices.ContainsFunc(w.advisors, func(a *advisor) bool { return string(a.who.Person) == person })
}

// checkSlips: whoever has a slip goes first when they come the first time, and not again
// unless they have waited in vain.
func (w *world) checkSlips(all logs) {
	first := map[queue.HolderID]conversation.Entry{}
	used, vain := map[queue.HolderID]int{}, map[queue.HolderID]int{}
	for _, entries := range all {
		e := entries[0]
		who := queue.HolderOf(identity.PersonID(e.State.Citizen.ID), e.State.Ticket.Topic)
		if f, ok := first[who]; !ok || e.At.Before(f.At) {
			first[who] = e
		}
		if e.Reason == conversation.HasSlip {
			used[who]++
		}
		if entries[len(entries)-1].State.Outcome == conversation.NotServed {
			vain[who]++
		}
	}
	for _, c := range w.citizens {
		e, came := first[c.who.Holder()]
		slips := vain[c.who.Holder()] // given to who waited in vain
		if c.slip {
			slips++
		}
		if n := used[c.who.Holder()]; n > slips || came && c.slip && e.Reason != conversation.HasSlip {
			w.violate("I-7", "%s, with a slip: %t, went first %d times, at first: %q", c.name, c.slip, n, e.Reason)
		}
	}
}
