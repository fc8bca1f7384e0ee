package sim

import (
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
)

// checkRoom: nobody is let in whose wait, as they were told it, and a conversation do
// not fit before the closing. Looked at are those who joined while nobody else came into
// the line or to its front: to them is told what was decided on.
func (w *world) checkRoom(all logs, policy admission.Policy) {
	if w.shards > 1 || w.offset < nearClose || !w.closure.known.IsZero() {
		return
	}
	for id, entries := range all {
		first := entries[0]
		desk := policy.Calendar.At(first.At)
		if !desk.Open || !w.alone(all, first) {
			continue
		}
		served := first.At.Add(time.Duration(first.Promise.High)*time.Second + w.desk.Times.Handling)
		if late := served.Sub(desk.Until); late > functionTime {
			w.violate("I-17", "%s is let in at %s, to be served until %s after the closing", id, first.At, late)
		}
	}
}

// alone reports whether nobody else took a ticket or came to the front while first
// was under way.
func (w *world) alone(all logs, first conversation.Entry) bool {
	begun := first.At.Add(-functionTime)
	if t := first.State.Ticket; t.N > 1 {
		t.N--
		before := all[t.Conversation()]
		if len(before) == 0 || before[0].At.After(begun) { // taken by somebody who died, or just now
			return false
		}
	}
	for _, entries := range all {
		if entries[0].State.Ticket.Topic != first.State.Ticket.Topic {
			continue
		}
		for _, e := range entries {
			front := e.State.Returned && e.State.Status == conversation.Queued
			if front && e.Conversation != first.Conversation && e.At.After(begun) && !e.At.After(first.At.Add(functionTime)) {
				return false
			}
		}
	}
	return true
}
