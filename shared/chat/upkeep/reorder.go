package upkeep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// ReorderReasons are the reasons for which a supervisor lets a citizen go first. Never rename
// one: they are in the access log.
var ReorderReasons = []string{
	"deadline", // something runs out today
	"frailty",  // waiting is a hardship
	"amends",   // a fault of ours cost the place
}

// Reorder puts a conversation that waits in line to the front, for one of ReorderReasons. The
// access log records the supervisor and the reason. Reorder returns code.Invalid for another
// reason, code.NotFound if there is no such conversation, code.Forbidden for a conversation in
// which the supervisor is the citizen, and code.Conflict if the conversation does not wait in
// line.
func (d *Service) Reorder(ctx context.Context, who conversation.Caller, id queue.ConversationID, why string) (conversation.Entry, error) {
	if !slices.Contains(ReorderReasons, why) {
		return conversation.Entry{}, fmt.Errorf("reason: want one of %s: %w", strings.Join(ReorderReasons, ", "), code.Invalid)
	}
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return conversation.Entry{}, err
	}
	switch {
	case who.Person != "" && string(who.Person) == tail.State.Citizen.ID:
		return conversation.Entry{}, code.Forbidden
	case tail.State.Status != conversation.Queued || tail.State.Returned:
		return conversation.Entry{}, code.Conflict
	}
	if err := d.Record(ctx, who, id, store.Reorders, why); err != nil {
		return conversation.Entry{}, err
	}
	a, err := d.ApplyAt(ctx, tail, desk.System, conversation.Requeue{Reason: conversation.Reordered})
	if err == nil && !a.Append {
		err = code.Conflict // served meanwhile
	}
	return a.Last(), err
}

// A Place is a conversation that waits, without its citizen's identity.
type Place struct {
	Conversation queue.ConversationID `json:"conversation"`
	Topic        queue.Topic          `json:"topic"`
	Since        time.Time            `json:"since"` // when the citizen joined
	Ahead        int                  `json:"ahead"`
	Front        bool                 `json:"front"`         // goes before the conversations in line
	Why          conversation.Reason  `json:"why,omitempty"` // why it goes first; "" if something has happened since
	Away         bool                 `json:"away"`
}

// Waiting returns the conversations that wait, in the order in which each topic will serve
// them. It returns the first ones of each topic, whose number is at most the argument most, and
// how many more have a ticket. Two kinds are left out: conversations whose ticket was called and
// that are not assigned yet, and conversations far back in a long front. Waiting returns no code
// of its own.
func (d *Service) Waiting(ctx context.Context, most int) (places []Place, more int, err error) {
	lines := map[queue.Topic]queue.Line{}
	atFront := map[queue.ConversationID]queue.Topic{} // a transfer may have changed the topic since the ticket was taken
	for _, topic := range queue.Topics {
		if lines[topic], err = d.Line(ctx, topic); err != nil {
			return nil, 0, err
		}
		for _, t := range lines[topic].Returned {
			atFront[t.Conversation()] = topic
		}
	}
	type part struct { // of a queue: its front, or the line of one shard
		topic queue.Topic
		shard int
		front bool
	}
	parts := map[part][]waiter{}
	for from := ""; ; {
		page, next, err := d.Store.AllLive(ctx, from)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range page {
			t, ok := queue.TicketOf(l.Conversation)
			topic, front := atFront[l.Conversation]
			switch {
			case !ok, !front && lines[t.Topic].WasCalled(t):
			case front:
				parts[part{topic: topic, front: true}] = append(parts[part{topic: topic, front: true}], waiter{ticket: t})
			default:
				p := part{topic: t.Topic, shard: t.Shard}
				parts[p] = append(parts[p], waiter{ticket: t})
			}
		}
		if from = next; from == "" {
			break
		}
	}
	queues := map[queue.Topic][]waiter{}
	for p, all := range parts {
		// The tickets of one shard are in order without a read, so only the first ones of a
		// shard can be among the first of the topic.
		slices.SortFunc(all, func(a, b waiter) int { return a.ticket.N - b.ticket.N })
		first := all
		if !p.front {
			first = all[:min(most, len(all))]
		}
		more += len(all) - len(first)
		if err := d.lookUp(ctx, first); err != nil {
			return nil, 0, err
		}
		for _, w := range first {
			if w.tail.Seq > 0 { // it still waits
				w.front = p.front || w.tail.State.Returned // also one that goes first and whose citizen is not connected now
				w.ahead = lines[p.topic].Ahead(w.tail.State.Ticket, w.front)
				queues[p.topic] = append(queues[p.topic], w)
			}
		}
	}
	for _, topic := range queue.Topics {
		queue := queues[topic]
		slices.SortFunc(queue, func(a, b waiter) int {
			return cmp.Or(order(b.front)-order(a.front), a.ahead-b.ahead, a.tail.State.Ticket.Order()-b.tail.State.Ticket.Order(), cmp.Compare(a.tail.Conversation, b.tail.Conversation))
		})
		shown := queue[:min(most, len(queue))]
		more += len(queue) - len(shown)
		for _, w := range shown {
			places = append(places, w.place(topic))
		}
	}
	return places, more, nil
}

// An Attendance says how many citizens wait for a topic and how many advisors serve it.
type Attendance struct {
	Topic     queue.Topic
	Waiting   int // citizens who wait, as exactly as positions are
	Advisors  int // advisors who are there and know the topic, paused or not
	Available int // advisors among these who take conversations
}

// Attendances returns the attendance of each topic. It returns no code of its own.
func (d *Service) Attendances(ctx context.Context) ([]Attendance, error) {
	advisors, err := d.Store.Advisors(ctx)
	if err != nil {
		return nil, err
	}
	now := d.Time()
	all := make([]Attendance, len(queue.Topics))
	for i, topic := range queue.Topics {
		line, err := d.Line(ctx, topic)
		if err != nil {
			return nil, err
		}
		all[i] = Attendance{Topic: topic, Waiting: line.Waiting()}
		for _, a := range advisors {
			if a.There(now) && slices.Contains(a.Topics, topic) {
				all[i].Advisors++
			}
			if a.Serves(topic, now) {
				all[i].Available++
			}
		}
	}
	return all, nil
}

// A waiter is a conversation that waits, with the entries that were read of it.
type waiter struct {
	ticket      queue.Ticket
	first, tail conversation.Entry // Seq 0 in tail if the conversation does not wait any more
	ahead       int
	front       bool
}

func (w waiter) place(topic queue.Topic) Place {
	p := Place{
		Conversation: w.tail.Conversation, Topic: topic, Since: w.first.At,
		Ahead: w.ahead, Front: w.front, Away: w.tail.State.Citizen.Connection == "",
	}
	if w.front && (w.tail.Kind == conversation.KindRequeued || w.tail.Kind == conversation.KindJoined) {
		p.Why = w.tail.Reason
	}
	return p
}

// order returns 1 for true and 0 for false.
func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lookUp reads the first and the last entries of the conversations of waiting.
func (d *Service) lookUp(ctx context.Context, waiting []waiter) error {
	return desk.Each(d.Parallel, len(waiting), func(i int) error {
		w := &waiting[i]
		tail, err := d.Store.Tail(ctx, w.ticket.Conversation())
		if errors.Is(err, code.NotFound) || err == nil && tail.State.Status != conversation.Queued { // it does not wait any more
			return nil
		}
		if err != nil {
			return err
		}
		if w.first, err = d.EntryOf(ctx, tail.Conversation, 1); err != nil {
			return err
		}
		w.tail = tail
		return nil
	})
}

// Waiter returns the first entry of a conversation that waits to a supervisor: the citizen and
// the question. The access log records it. Waiter returns code.NotFound if there is no such
// conversation, and code.Conflict if it does not wait.
func (d *Service) Waiter(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return conversation.Entry{}, err
	}
	if tail.State.Status != conversation.Queued {
		return conversation.Entry{}, code.Conflict
	}
	if err := d.Record(ctx, who, id, store.ReadConversation, store.WhySupervising); err != nil {
		return conversation.Entry{}, err
	}
	return d.EntryOf(ctx, id, 1)
}
