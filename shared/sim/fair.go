package sim

import (
	"slices"
	"time"

	"infocig/shared/chat"
)

// I-7: who is served before whom.

// checkPosition compares what a waiting citizen is told with who is served before,
// where nothing else is under way. With several shards it is told about.
func (w *world) checkPosition(who string, id chat.ConversationID, f *frame) {
	if f.Ahead == nil || !w.watching || w.running > 0 || w.shards > 1 {
		return
	}
	ahead := 0
	all := w.tails()
	i := slices.IndexFunc(all, func(e chat.Entry) bool { return e.Conversation == id })
	if i < 0 || all[i].State.Status != chat.Queued {
		return
	}
	mine := all[i].State
	for _, e := range all {
		s := e.State
		if e.Conversation == id || s.Status != chat.Queued {
			continue
		}
		if s.Returned && s.Aside { // until they answer
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
	id       chat.ConversationID
	ticket   chat.Ticket
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
// and for what had stepped aside.
func (w *world) stays(entries []chat.Entry) (all []stay) {
	var now *stay
	for _, e := range entries {
		s := e.State
		waits := s.Status == chat.Queued && s.For == "" && !s.Aside
		if now != nil && (!waits || s.Returned != now.returned) {
			now.to, now.served = e.At, e.Kind == chat.KindAssigned
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
// be served before and waited all the time, but for a transfer's addressee, and for
// assignments that are under way at the same time.
func (w *world) checkFair(conversations logs) {
	const apart = 2 * time.Second
	var all []stay
	for _, entries := range conversations {
		all = append(all, w.stays(entries)...)
	}
	for _, a := range all {
		for _, b := range all {
			if b.served && b.to.After(w.fair) && a.before(b) && a.from.Before(w.fair) && a.from.Before(b.to.Add(-apart)) && a.to.After(b.to.Add(apart)) {
				w.violate("I-7", "%s was served at %s while %s waited from %s to %s", b.id, b.to, a.id, a.from, a.to)
			}
		}
	}
}

// checkSlips: whoever has a slip goes first when they come the first time, and not again.
func (w *world) checkSlips(all logs) {
	first := map[string]chat.Entry{}
	used := map[string]int{}
	for _, entries := range all {
		e := entries[0]
		who := e.State.Citizen.ID
		if f, ok := first[who]; !ok || e.At.Before(f.At) {
			first[who] = e
		}
		if e.Reason == chat.HasSlip {
			used[who]++
		}
	}
	for _, c := range w.citizens {
		e, came := first[c.name]
		if n := used[c.name]; n > 1 || n > 0 && !c.slip || came && c.slip && e.Reason != chat.HasSlip {
			w.violate("I-7", "%s, with a slip: %t, went first %d times, at first: %q", c.name, c.slip, n, e.Reason)
		}
	}
}
