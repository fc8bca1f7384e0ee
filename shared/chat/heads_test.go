package chat_test

import (
	"context"
	"fmt"
	"testing"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

// TestTheOldestHeadGoesFirst: with several shards, and several conversations given at
// the same time, those are served who came first.
func TestTheOldestHeadGoesFirst(t *testing.T) {
	w := newWorld(t)
	w.Shards = func(context.Context) (int, error) { return 3, nil }
	w.Parallel = 8
	var ids []queue.ConversationID
	for n := range 40 {
		ids = append(ids, w.join(w.citizen(fmt.Sprint("p", n))))
	}
	for n := range 5 {
		w.onDuty(fmt.Sprint("a", n), 5)
	}
	for n, id := range ids {
		want := conversation.Queued
		if n < 25 {
			want = conversation.Assigned
		}
		if s := w.tail(id).State; s.Status != want {
			t.Errorf("who came as number %d, with place %d, is %s", n+1, s.Ticket.Order(), s.Status)
		}
	}
	shards := map[int]int{}
	for _, id := range ids {
		shards[w.tail(id).State.Ticket.Shard]++
	}
	same(t, "shards that are used", len(shards), 3)
	w.sweep() // assigns nobody else
	same(t, "who is next", w.tail(ids[25]).State.Status, conversation.Queued)
}

// TestShardsBecomeNoFewer: who waits in one would not be found.
func TestShardsBecomeNoFewer(t *testing.T) {
	w := newWorld(t)
	r, err := w.SetRules(t.Context(), store.DeskRules{Shards: 4})
	w.must(err)
	for _, n := range []int{0, 1, 3, store.MaxShards + 1} {
		r.Shards = n
		_, err = w.SetRules(t.Context(), r)
		fails(t, fmt.Sprint(n, " shards after 4"), err, code.Invalid)
	}
	r.Shards = 8
	_, err = w.SetRules(t.Context(), r)
	w.must(err)
}
