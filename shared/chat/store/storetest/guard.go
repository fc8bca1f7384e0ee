package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
)

func passes(t *testing.T, s store.Store) {
	const most = Writers - 2
	later := noon.Add(store.PassWindow)
	var mu sync.Mutex
	var counted []string
	race(func(i int) error {
		pass := fmt.Sprint("pass", i)
		ok, err := s.CountPass(ctx(t), "p", noon, pass, most)
		if ok {
			mu.Lock()
			counted = append(counted, pass)
			mu.Unlock()
		}
		return err
	})
	same(t, "counted", len(counted), most)
	for what, count := range map[string]func() (bool, error){
		"of another person": func() (bool, error) { return s.CountPass(ctx(t), "q", noon, "a", 1) },
		"in another window": func() (bool, error) { return s.CountPass(ctx(t), "p", later, "b", 1) },
	} {
		ok, err := count()
		must(t, err)
		same(t, what, ok, true)
	}
	for want, of := range map[string]func() ([]string, error){
		strings.Join(slices.Sorted(slices.Values(counted)), " "): func() ([]string, error) { return s.PassesOf(ctx(t), "p", noon) },
		"a": func() ([]string, error) { return s.PassesOf(ctx(t), "q", noon) },
		"b": func() ([]string, error) { return s.PassesOf(ctx(t), "p", later) },
		"":  func() ([]string, error) { return s.PassesOf(ctx(t), "r", noon) },
	} {
		got, err := of()
		must(t, err)
		slices.Sort(got)
		same(t, "passes", strings.Join(got, " "), want)
	}
}

func sockets(t *testing.T, s store.Store) {
	socket := func(i int) conversation.Connection {
		return conversation.Connection{ID: conversation.ConnectionID(fmt.Sprint("c", i, "#=")), Epoch: int64(900 + 7*i)}
	}
	errs := race(func(i int) error {
		_, err := s.Enter(ctx(t), "p", socket(i))
		return err
	})
	same(t, "entered", winners(t, errs, code.Conflict), Writers)
	all, err := s.Enter(context.Background(), "p", socket(3)) // again
	must(t, err)
	var want []conversation.Connection
	for i := range Writers {
		want = append(want, socket(i))
	}
	same(t, "sockets, the oldest first", all, want)
	must(t, s.Leave(ctx(t), "p", socket(0), socket(1), socket(0), socket(99)))
	must(t, s.Leave(ctx(t), "q", socket(2)))
	must(t, s.Leave(ctx(t), "p"))
	all, err = s.Sockets(ctx(t), "p")
	must(t, err)
	same(t, "after some have left", all, want[2:])
	must(t, s.Leave(ctx(t), "p", want[2:]...))
	for _, id := range []string{"p", "q"} {
		all, err = s.Sockets(ctx(t), id)
		must(t, err)
		same(t, "of "+id, len(all), 0)
	}
}

func accesses(t *testing.T, s store.Store) {
	access := func(id string, c queue.ConversationID, after time.Duration) store.Access {
		return store.Access{ID: id, At: noon.Add(after), Who: "a", What: store.ReadNotes, Why: store.WhyAdvising, Conversation: c}
	}
	first, second, other := access("z", "c", 0), access("a", "c", time.Second), access("b", "c2", 0)
	errs := race(func(int) error { return change(s, t, store.AddAccess{Access: second}) })
	same(t, "noted", winners(t, errs, code.Conflict), 1)
	must(t, change(s, t, store.AddAccess{Access: first}, store.AddAccess{Access: other}))
	got, err := s.Accesses(ctx(t), "c")
	must(t, err)
	same(t, "accesses", got, []store.Access{first, second})
	for range 2 {
		must(t, change(s, t, store.DropAccess{Access: first}))
	}
	got, err = s.Accesses(ctx(t), "c")
	must(t, err)
	same(t, "those that retention leaves", got, []store.Access{second})
}

func drops(t *testing.T, s store.Store) {
	for seq := 1; seq <= 3; seq++ {
		e := entry("c", seq, "x")
		must(t, s.Commit(ctx(t), store.Step{Entry: &e}))
	}
	note := conversation.Note{ID: "a#1", Conversation: "c", Author: "a", Text: "x", At: noon}
	must(t, change(s, t, store.AddNote{Note: note}))
	for range 2 {
		must(t, change(s, t, store.DropEntry{Conversation: "c", Seq: 1}, store.DropEntry{Conversation: "c", Seq: 2}, store.DropNote{Conversation: "c", ID: "a#1"}))
	}
	rest, err := s.Read(ctx(t), "c", 0, 10)
	must(t, err)
	same(t, "entries left", len(rest), 1)
	notes, err := s.Notes(ctx(t), "c")
	must(t, err)
	same(t, "notes left", len(notes), 0)
}
