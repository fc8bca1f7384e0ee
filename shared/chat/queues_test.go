package chat_test

import (
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
)

// queues returns what was pushed to a connection of who waits, in order.
func (w *world) queues(c conversation.Connection) (all [][]desk.InQueue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.told[c.ID] {
		if q, ok := e.(desk.Queues); ok {
			all = append(all, q.Waiting)
		}
	}
	return all
}

// TestAdvisorsAreToldHowManyWait: who has just come, and everybody where it changes: of the
// own topics, whether or not they take any.
func TestAdvisorsAreToldHowManyWait(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 1)
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Paused, 1)
	w.must(err)
	w.sweep()
	of := func(n int) []desk.InQueue {
		return []desk.InQueue{{Topic: queue.WorkerCase, Waiting: n}, {Topic: queue.EmployerBenefits}, {Topic: queue.EmployerCase}}
	}
	same(t, "who has just come", w.queues(a.conn), [][]desk.InQueue{of(0)})
	w.pass(30 * time.Second)
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	w.sweep()
	same(t, "nothing has changed", len(w.queues(a.conn)), 1)
	p, q := w.citizen("p"), w.citizen("q")
	w.join(p)
	id := w.join(q)
	w.sweep()
	same(t, "two have come", w.queues(a.conn)[1:], [][]desk.InQueue{of(2)})
	_, err = w.Leave(t.Context(), q.who.Over(q.conn), id)
	w.must(err)
	w.sweep()
	w.sweep()
	same(t, "one has left", w.queues(a.conn)[2:], [][]desk.InQueue{of(1)})
}
