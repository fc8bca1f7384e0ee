package chat_test

import (
	"fmt"
	"testing"

	"infocig/shared/chat/conversation"
)

func TestAPageThatEndsWithTheTailIsTheOnlyRead(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	for n := 1; n <= 20; n++ {
		_, err := w.say(a, id, n, fmt.Sprint("risposta ", n))
		w.must(err)
	}
	last := w.tail(id).Seq
	w.store.reset()
	v, err := w.Resume(t.Context(), c.who.Over(c.conn), id, last-20)
	w.must(err)
	same(t, "reads, tails", []int{w.store.reads, w.store.tails}, []int{1, 0})
	same(t, "entries, more", fmt.Sprint(len(v.Entries), v.Last.Seq == last, v.More), "20 true false")
}

func TestAViewHasEveryEntry(t *testing.T) {
	for name, test := range map[string]struct {
		messages, since, first, last int
		more                         bool
	}{
		"one page":                     {10, 0, 1, 14, false},
		"all but two":                  {10, 2, 3, 14, false},
		"exactly one page":             {46, 0, 1, 50, false},
		"one page and the new entry":   {47, 0, 1, 50, true},
		"two pages":                    {70, 0, 1, 50, true},
		"the second page":              {70, 50, 51, 74, false},
		"nothing but the new entry":    {10, 13, 14, 14, false},
		"beyond what there is":         {10, 99, 0, 0, false},
		"a page that the new one ends": {70, 24, 25, 74, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.onDuty("a", 3)
			id := w.talking(w.citizen("p"), a) // three entries
			for n := 1; n <= test.messages; n++ {
				_, err := w.say(a, id, n, fmt.Sprint("risposta ", n))
				w.must(err)
			}
			again := w.citizen("p") // over a new connection: one more
			v, err := w.Resume(t.Context(), again.who.Over(again.conn), id, test.since)
			w.must(err)
			var first, last int
			for i, e := range v.Entries {
				if i == 0 {
					first = e.Seq
				}
				if last = e.Seq; last != first+i {
					t.Errorf("entry %d has number %d", first+i, last)
				}
			}
			same(t, "first, last, more", fmt.Sprint(first, last, v.More), fmt.Sprint(test.first, test.last, test.more))
			same(t, "the last of all", v.Last.Seq, test.messages+4)
			same(t, "over the new connection", w.tail(id).State.Citizen.Connection, again.conn.ID)
		})
	}
}

func TestAViewHasWhatIsStoredWhileItIsMade(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 3)
	id := w.talking(w.citizen("p"), a)
	w.store.beforeEntry = map[conversation.Kind]func(){conversation.KindConnected: func() {
		for n := 1; n <= 3; n++ {
			_, err := w.say(a, id, n, fmt.Sprint("risposta ", n))
			w.must(err)
		}
	}}
	again := w.citizen("p")
	v, err := w.Resume(t.Context(), again.who.Over(again.conn), id, 1)
	w.must(err)
	var kinds []conversation.Kind
	for _, e := range v.Entries {
		kinds = append(kinds, e.Kind)
	}
	same(t, "entries", kinds, []conversation.Kind{
		conversation.KindAssigned, conversation.KindAccepted, conversation.KindMessage, conversation.KindMessage, conversation.KindMessage, conversation.KindConnected,
	})
	same(t, "the last of all", v.Last.Kind, conversation.KindConnected)
	same(t, "more", v.More, false)
}

func TestAnEndedConversationIsSeen(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	_, err := w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Settled)
	w.must(err)
	for _, since := range []int{0, 2, 4, 9} {
		v, err := w.Resume(t.Context(), c.who.Over(c.conn), id, since)
		w.must(err)
		same(t, fmt.Sprint("after ", since), fmt.Sprintf("%d %s %t", len(v.Entries), v.Last.State.Status, v.More), fmt.Sprintf("%d closed false", max(0, 4-since)))
	}
}

func TestAFullPageSaysThatThereIsMore(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), w.citizen("p")
	id := w.talking(c, a)
	for n := 1; n <= 70; n++ {
		_, err := w.say(a, id, n, fmt.Sprint("risposta ", n))
		w.must(err)
	}
	for since, want := range map[int]string{0: "50 73 true", 23: "50 73 false", 24: "49 73 false"} {
		v, err := w.Resume(t.Context(), c.who.Over(c.conn), id, since) // nothing new to store
		w.must(err)
		same(t, fmt.Sprint("after ", since), fmt.Sprint(len(v.Entries), v.Last.Seq, v.More), want)
	}
}
