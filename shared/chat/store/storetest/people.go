package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

func onePerson(t *testing.T, s store.Store) {
	errs := race(func(i int) error {
		id := queue.ConversationID(fmt.Sprintf("c%d", i))
		e := entry(id, 1, "x")
		return s.Commit(ctx(t), store.Step{Entry: &e, Changes: []store.Change{store.SetLive{Holder: "p", Conversation: id, Seen: noon}}})
	})
	same(t, "winners", winners(t, errs, code.Conflict), 1)
	live, err := s.Live(ctx(t), "p")
	must(t, err)
	for i, err := range errs {
		id := queue.ConversationID(fmt.Sprintf("c%d", i))
		_, tail := s.Tail(ctx(t), id)
		if (err == nil) != (live.Conversation == id) || (err == nil) != (tail == nil) {
			t.Errorf("caller %d got %v, but the live one is %s and its log says %v", i, err, live.Conversation, tail)
		}
		if err != nil {
			unmet(t, err, store.SetLive{})
		}
	}
}

func clearOwn(t *testing.T, s store.Store) {
	must(t, change(s, t, store.ClearLive{Holder: "p", Conversation: "c"})) // none: no harm
	must(t, change(s, t, store.SetLive{Holder: "p", Conversation: "c", Seen: noon}))
	must(t, change(s, t, store.ClearLive{Holder: "p", Conversation: "other"}))
	if _, err := s.Live(ctx(t), "p"); err != nil {
		t.Errorf("after clearing another: %v", err)
	}
	must(t, change(s, t, store.ClearLive{Holder: "p", Conversation: "c"}))
	if _, err := s.Live(ctx(t), "p"); !errors.Is(err, code.NotFound) {
		t.Errorf("after clearing: %v, want NotFound", err)
	}
}

func seen(t *testing.T, s store.Store) {
	later := noon.Add(time.Minute)
	unmet(t, change(s, t, store.Seen{Holder: "p", Conversation: "c", At: later}), store.Seen{})
	must(t, change(s, t, store.SetLive{Holder: "p", Conversation: "c", Seen: noon}))
	unmet(t, change(s, t, store.Seen{Holder: "p", Conversation: "d", At: later}), store.Seen{})
	must(t, change(s, t, store.Seen{Holder: "p", Conversation: "c", At: later}))
	got, err := s.Live(ctx(t), "p")
	must(t, err)
	same(t, "live", got, store.Live{Holder: "p", Conversation: "c", Seen: later})
}

func allLive(t *testing.T, s store.Store) {
	const n = 250
	for i := range n {
		must(t, change(s, t, store.SetLive{Holder: queue.HolderID(fmt.Sprint("p", i)), Conversation: queue.ConversationID(fmt.Sprint("c", i)), Seen: noon}))
	}
	found := map[queue.HolderID]int{}
	pages := 0
	for from := ""; pages == 0 || from != ""; pages++ {
		page, next, err := s.AllLive(ctx(t), from)
		must(t, err)
		for _, l := range page {
			found[l.Holder]++
			same(t, "conversation", string(l.Conversation)[1:], string(l.Holder)[1:])
		}
		if from = next; pages > n {
			t.Fatal("no end")
		}
	}
	same(t, "people found", len(found), n)
	for p, times := range found {
		same(t, "times "+string(p), times, 1)
	}
}
