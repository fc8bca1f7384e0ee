package chat_test

import (
	"fmt"
	"testing"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// TestPositionsAreToldAtThresholds: whoever comes nearer to the front over one of them
// is told by the next look, and nobody else.
func TestPositionsAreToldAtThresholds(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 1)
	var people []client
	var ids []queue.ConversationID
	for n := range 14 {
		people = append(people, w.citizen(fmt.Sprint("p", n)))
		ids = append(ids, w.join(people[n]))
	}
	told := func() map[int]int { // how many are ahead, by who was told
		all := map[int]int{}
		for n, c := range people {
			for _, e := range w.told[c.conn.ID] {
				if p, ok := e.(desk.Position); ok {
					all[n] = p.Ahead
				}
			}
			w.told[c.conn.ID] = nil
		}
		return all
	}
	w.sweep()
	same(t, "told at first", told(), map[int]int{})
	_, err := w.Accept(t.Context(), a.who.Over(a.conn), ids[0])
	w.must(err)
	_, err = w.Close(t.Context(), a.who.Over(a.conn), ids[0], conversation.Settled) // the second is next
	w.must(err)
	w.sweep()
	same(t, "one is served", told(), map[int]int{2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5, 12: 10})
	w.sweep()
	same(t, "nothing has happened", told(), map[int]int{})
	_, err = w.Leave(t.Context(), people[5].who.Over(people[5].conn), ids[5])
	w.must(err)
	late := w.citizen("late")
	people = append(people, late)
	w.join(late)
	w.sweep()
	same(t, "one has left", told(), map[int]int{6: 3, 7: 4, 8: 5, 13: 10})
}
