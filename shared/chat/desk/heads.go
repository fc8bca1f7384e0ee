package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
)

// heads returns the last entries of the conversations that are next, at most n: those at the
// front, then those of the next tickets, which it calls. It also reports whether more may
// wait.
//
// Three kinds of conversations are passed over: a ticket whose conversation is not stored (if
// it is stored later, the sweep puts it to the front); a citizen who is not connected or has
// stepped aside; and at the front, a conversation that no free advisor of the roster may have.
//
// The line is read each time, even if the caller has just read it, so that a conversation that
// has come to the front since then goes first.
func (d *Desk) heads(ctx context.Context, topic queue.Topic, n int, fresh conversation.Entry, r *roster) (heads []conversation.Entry, more bool, err error) {
	line, err := d.Line(ctx, topic)
	if err != nil {
		return nil, false, err
	}
	for _, t := range line.Returned {
		if len(heads) == n {
			return heads, true, nil
		}
		tail, err := d.Store.Tail(ctx, t.Conversation())
		if err != nil {
			return nil, false, err
		}
		if tail.State.AtFront() && r.mayHave(tail.State, d.Time()) {
			heads = append(heads, tail)
		}
	}
	called, more, err := d.callNext(ctx, topic, line, n-len(heads), fresh)
	return append(heads, called...), more, err
}

// taken is the result of a call whose tickets another caller has called.
const taken = -1

// A call asks for the next n tickets of a shard.
type call struct{ shard, from, n int }

// callNext calls the next n tickets of a line, or as many as there are. It returns the last
// entries of their conversations, the oldest ticket first, and whether more tickets may wait.
func (d *Desk) callNext(ctx context.Context, topic queue.Topic, line queue.Line, n int, fresh conversation.Entry) (heads []conversation.Entry, more bool, err error) {
	known := map[queue.ConversationID]conversation.Entry{}
	if fresh.Seq > 0 {
		known[fresh.Conversation] = fresh
	}
	calls, err := d.plan(ctx, topic, line, n, known)
	if err != nil {
		return nil, false, err
	}
	rest := make([]int, len(calls))
	err = Each(d.Parallel, len(calls), func(i int) (err error) {
		c := calls[i]
		if rest[i], err = d.Store.Call(ctx, topic, c.shard, c.from, c.n); errors.Is(err, code.Conflict) { // another caller has called them
			rest[i], err = taken, nil
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	var tickets []queue.Ticket
	left := line.Taken() - line.Called()
	for k, c := range calls {
		if rest[k] == taken {
			more = true
			continue
		}
		left += rest[k] - (line.Shards[c.shard].Taken - line.Shards[c.shard].Called)
		for i := range c.n {
			tickets = append(tickets, queue.Ticket{Topic: topic, Shard: c.shard, N: c.from + 1 + i})
		}
	}
	tails := make([]conversation.Entry, len(tickets))
	err = Each(d.Parallel, len(tickets), func(i int) (err error) {
		tail, ok := known[tickets[i].Conversation()]
		if !ok {
			if tail, err = d.called(ctx, tickets[i]); errors.Is(err, code.NotFound) { // no citizen has the ticket
				return nil
			}
		}
		if err == nil {
			tails[i], err = d.passOver(ctx, tail)
		}
		return err
	})
	// A conversation that goes first (reordered, or with a slip) is taken from the front only.
	heads = slices.DeleteFunc(tails, func(e conversation.Entry) bool { return e.State.Status != conversation.Queued || e.State.Returned })
	slices.SortStableFunc(heads, func(a, b conversation.Entry) int { return a.State.Ticket.Order() - b.State.Ticket.Order() })
	return heads, more || left > 0, err
}

// plan returns how many tickets of which shards are the next n. With several shards, the
// oldest next ticket goes first, by its place. The entries that plan reads for that are added
// to known. A ticket whose conversation is not stored, or not yet, goes with the ticket before
// it.
func (d *Desk) plan(ctx context.Context, topic queue.Topic, line queue.Line, n int, known map[queue.ConversationID]conversation.Entry) ([]call, error) {
	calls := make([]call, len(line.Shards))
	for i, s := range line.Shards {
		calls[i] = call{shard: i, from: s.Called}
	}
	switch len(calls) {
	case 0:
	case 1:
		calls[0].n = min(n, line.Shards[0].Taken-line.Shards[0].Called)
	default:
		places, err := d.places(ctx, topic, line, n, known)
		if err != nil {
			return nil, err
		}
		for range n {
			oldest := -1
			for i, all := range places {
				if calls[i].n < len(all) && (oldest < 0 || all[calls[i].n] < places[oldest][calls[oldest].n]) {
					oldest = i
				}
			}
			if oldest < 0 {
				break
			}
			calls[oldest].n++
			if calls[oldest].n == len(places[oldest]) && line.Shards[oldest].Called+calls[oldest].n < line.Shards[oldest].Taken {
				break // the next ticket of this shard was not read
			}
		}
	}
	return slices.DeleteFunc(calls, func(c call) bool { return c.n == 0 }), nil
}

// spare is how many more tickets of a shard are read than the shard's share of the next n.
const spare = 6

// places returns the places of the next tickets of each shard, as many as the next n tickets
// may include of that shard.
func (d *Desk) places(ctx context.Context, topic queue.Topic, line queue.Line, n int, known map[queue.ConversationID]conversation.Entry) ([][]int, error) {
	var tickets []queue.Ticket
	for i, s := range line.Shards {
		for k := range min(n, n/len(line.Shards)+spare, s.Taken-s.Called) {
			tickets = append(tickets, queue.Ticket{Topic: topic, Shard: i, N: s.Called + 1 + k})
		}
	}
	tails := make([]conversation.Entry, len(tickets))
	err := Each(d.Parallel, len(tickets), func(i int) (err error) {
		tails[i], err = d.Store.Tail(ctx, tickets[i].Conversation())
		if errors.Is(err, code.NotFound) {
			err = nil
		}
		return err
	})
	places := make([][]int, len(line.Shards))
	for i, t := range tickets {
		place := tails[i].State.Ticket.Order()
		if tails[i].Seq > 0 {
			known[t.Conversation()] = tails[i]
		} else if before := places[t.Shard]; len(before) > 0 {
			place = before[len(before)-1]
		}
		places[t.Shard] = append(places[t.Shard], place)
	}
	return places, err
}

// called returns the last entry of a called ticket's conversation. The conversation may be
// about to be stored, so called looks again for about a fifth of a second. The sweep finds
// conversations that are stored later. To wait longer would keep the citizens waiting who are
// called at the same time (TestBell: with 775 ms some are 47 places off instead of 39).
func (d *Desk) called(ctx context.Context, t queue.Ticket) (conversation.Entry, error) {
	const longest = 100 * time.Millisecond
	for pause := 25 * time.Millisecond; ; pause *= 2 {
		tail, err := d.Store.Tail(ctx, t.Conversation())
		if !errors.Is(err, code.NotFound) || pause > longest {
			return tail, err
		}
		if err := Sleep(ctx, pause); err != nil {
			return conversation.Entry{}, err
		}
	}
}
