package sim

import (
	"time"

	"github.com/anishathalye/porcupine"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/identity"
)

// A history is what clients have asked of conversations and when: messages sent, and
// what was read of them. Its clock counts what clients do, so that of two things one
// is before the other. That it is linearizable is I-4.
type history struct {
	kept  bool // in a share of the runs: it costs a tenth of one
	clock int64
	asked []*operation
}

// An operation is a message that was sent, or a look at a conversation.
type operation struct {
	id          queue.ConversationID
	call, end   int64 // end is 0 while nobody knows what became of it
	side        identity.Side
	text        string // of a message; "" for a look
	since, tail int    // of a look: after which entry it is asked, and the last one
	seen        []int  // the messages that it returns
	upTo        int    // up to which entry it returns all
}

// begin notes what is asked, if it belongs to a history.
func (h *history) begin(side identity.Side, fields map[string]any) *operation {
	if !h.kept {
		return nil
	}
	o := &operation{side: side}
	switch fields["action"] {
	case "send":
		o.text = fields["text"].(string)
	case "hello", "ping", "here":
		o.since, _ = fields["since"].(int)
	default:
		return nil
	}
	o.id, _ = fields["conversation"].(queue.ConversationID)
	h.clock++
	o.call = h.clock
	h.asked = append(h.asked, o)
	return o
}

// finish notes the answer. Without one an operation may still happen.
func (h *history) finish(o *operation, f *frame) {
	if o == nil {
		return
	}
	h.clock++
	switch {
	case f.Event == "ack" && o.text != "":
		o.end = h.clock
	case f.Event == "pong" && o.id != "":
		o.end, o.tail, o.upTo = h.clock, f.Seq, o.since
	case f.Event == "welcome" && f.Snapshot != nil:
		s := f.Snapshot
		o.end, o.id, o.tail, o.upTo = h.clock, s.Conversation, s.Seq, s.Seq
		for _, it := range s.Entries {
			if it.Kind == conversation.KindMessage {
				o.seen = append(o.seen, it.Seq)
			}
			if s.More {
				o.upTo = it.Seq
			}
		}
	}
}

// A log is the numbers of the messages of a conversation in the end, in order. The
// state of the model is how many of them there are.
type log []int

// upTo returns how many have at most that number.
func (l log) upTo(seq int) int {
	n := 0
	for n < len(l) && l[n] <= seq {
		n++
	}
	return n
}

// model is one conversation: a message adds the next number, once, however often it
// is sent; a look finds all that there are, and returns those that were asked for.
func (l log) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return 0 },
		Step: func(state, input, output any) (bool, any) {
			n, o := state.(int), input.(*operation)
			if o.text == "" {
				return n == l.upTo(o.tail), n
			}
			at := l.upTo(output.(int)) // its place among the messages
			return at <= n+1, max(at, n)
		},
	}
}

// whole reports whether a look returned every message that it had to.
func (l log) whole(o *operation) bool {
	from, to := l.upTo(o.since), l.upTo(o.upTo)
	if to < from || len(o.seen) != to-from {
		return o.upTo <= o.since && len(o.seen) == 0
	}
	for i, seq := range l[from:to] {
		if o.seen[i] != seq {
			return false
		}
	}
	return true
}

// checkHistory compares what clients were told, and when, with what is stored in
// the end.
func (w *world) checkHistory(all logs) {
	if !w.history.kept {
		return
	}
	const forever = 1 << 62
	stored, numbers := map[queue.ConversationID]log{}, map[string]int{}
	for id, entries := range all {
		for _, e := range entries {
			if e.Kind == conversation.KindMessage {
				stored[id] = append(stored[id], e.Seq)
				numbers[string(id)+string(e.By)+string(e.Text)] = e.Seq
			}
		}
	}
	parts := map[queue.ConversationID][]porcupine.Operation{}
	for n, o := range w.history.asked {
		seq := numbers[string(o.id)+string(o.side)+o.text]
		switch {
		case o.text == "" && o.end == 0, o.text != "" && seq == 0: // nothing was seen, or nothing happened
			continue
		case o.text == "" && !stored[o.id].whole(o):
			w.violate("I-4", "a look at %s after %d, of %d, has the messages %v", o.id, o.since, o.tail, o.seen)
		case o.end == 0:
			o.end = forever
		}
		parts[o.id] = append(parts[o.id], porcupine.Operation{ClientId: n, Input: o, Output: seq, Call: o.call, Return: o.end})
	}
	for id := range stored {
		if porcupine.CheckOperationsTimeout(stored[id].model(), parts[id], time.Minute) == porcupine.Illegal {
			w.violate("I-4", "what was sent and read of %s is in no order in which it could have happened", id)
		}
	}
}
