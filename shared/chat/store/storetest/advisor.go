package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// onDuty signs an advisor in, available with capacity.
func onDuty(t *testing.T, s store.Store, id identity.StaffID, epoch int64, capacity int) {
	t.Helper()
	must(t, change(s, t, store.SignIn{
		Advisor: id, Name: "Anna Bianchi", Topics: []queue.Topic{queue.WorkerCase}, Connection: "x=", Epoch: epoch, Lease: noon.Add(time.Minute),
	}))
	must(t, change(s, t, store.SetPresence{Advisor: id, Epoch: epoch, Presence: conversation.Available, Capacity: capacity}))
}

func capacity(t *testing.T, s store.Store) {
	onDuty(t, s, "a", 1, 3)
	errs := race(func(i int) error {
		return change(s, t, store.TakeSlot{Advisor: "a", Conversation: queue.ConversationID(fmt.Sprint("c", i)), Epoch: 1, At: noon})
	})
	same(t, "slots taken", winners(t, errs, code.Conflict), 3)
	a, err := s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "open", len(a.Open), 3)
	same(t, "last assignment", a.AssignedAt, noon)
}

func slotConditions(t *testing.T, s store.Store) {
	take := func(epoch int64, at time.Time) error {
		return change(s, t, store.TakeSlot{Advisor: "a", Conversation: "c", Epoch: epoch, At: at})
	}
	unmet(t, take(0, noon), store.TakeSlot{}) // never signed in
	onDuty(t, s, "a", 2, 3)
	unmet(t, take(1, noon), store.TakeSlot{})                  // with another connection
	unmet(t, take(2, noon.Add(time.Minute)), store.TakeSlot{}) // the lease ends at this instant
	must(t, change(s, t, store.SetPresence{Advisor: "a", Epoch: 2, Presence: conversation.Paused, Capacity: 3}))
	unmet(t, take(2, noon), store.TakeSlot{})
	must(t, change(s, t, store.SetPresence{Advisor: "a", Epoch: 2, Presence: conversation.Available, Capacity: 3}))
	must(t, take(2, noon))
}

func giveBack(t *testing.T, s store.Store) {
	must(t, change(s, t, store.GiveSlot{Advisor: "nobody", Conversation: "c"})) // no harm
	onDuty(t, s, "a", 1, 3)
	for _, id := range []queue.ConversationID{"c", "d"} {
		must(t, change(s, t, store.TakeSlot{Advisor: "a", Conversation: id, Epoch: 1, At: noon}))
	}
	errs := race(func(int) error { return change(s, t, store.GiveSlot{Advisor: "a", Conversation: "c"}) })
	same(t, "given back", winners(t, errs, nil), Writers)
	a, err := s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "open", a.Open, []queue.ConversationID{"d"})
	same(t, "presence", a.Presence, conversation.Available)
	must(t, change(s, t, store.GiveSlot{Advisor: "a", Conversation: "d", Pause: true}))
	a, err = s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "open", len(a.Open), 0)
	same(t, "presence", a.Presence, conversation.Paused)
}

func signIn(t *testing.T, s store.Store) {
	if _, err := s.Advisor(ctx(t), "a"); !errors.Is(err, code.NotFound) {
		t.Errorf("Advisor: %v, want NotFound", err)
	}
	in := func(epoch int64) error {
		return change(s, t, store.SignIn{
			Advisor: "a", Name: "Anna", Topics: []queue.Topic{queue.WorkerCase}, Person: "p", Connection: conversation.ConnectionID(fmt.Sprint(epoch)), Epoch: epoch, Lease: noon,
		})
	}
	errs := race(func(i int) error { return in(int64(i + 1)) })
	if winners(t, errs, code.Conflict) < 1 || errs[Writers-1] != nil {
		t.Errorf("the newest connection got %v", errs[Writers-1])
	}
	a, err := s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "advisor", a, conversation.Advisor{
		ID: "a", Name: "Anna", Topics: []queue.Topic{queue.WorkerCase}, Person: "p", Presence: conversation.Paused, Capacity: conversation.DefaultCapacity,
		Connection: conversation.ConnectionID(fmt.Sprint(Writers)), Epoch: Writers, Lease: noon,
	})
	unmet(t, in(Writers-1), store.SignIn{})
	must(t, in(Writers)) // the same connection again
	must(t, change(s, t, store.SetPresence{Advisor: "a", Epoch: Writers, Presence: conversation.Available, Capacity: 5}))
	must(t, in(Writers+1))
	all, err := s.Advisors(ctx(t))
	must(t, err)
	same(t, "advisors", len(all), 1)
	same(t, "presence survives a new connection", all[0].Presence, conversation.Available)
	same(t, "capacity survives a new connection", all[0].Capacity, 5)
}

func renew(t *testing.T, s store.Store) {
	later := noon.Add(time.Hour)
	unmet(t, change(s, t, store.Renew{Advisor: "a", Epoch: 1, Lease: later}), store.Renew{})
	onDuty(t, s, "a", 2, 3)
	for _, epoch := range []int64{1, 3} {
		unmet(t, change(s, t, store.Renew{Advisor: "a", Epoch: epoch, Lease: later}), store.Renew{})
		unmet(t, change(s, t, store.SetPresence{Advisor: "a", Epoch: epoch, Presence: conversation.Paused, Capacity: 1}), store.SetPresence{})
	}
	renew := func(lease, present time.Time, extend bool) error {
		return change(s, t, store.Renew{Advisor: "a", Connection: "y=", Epoch: 2, Lease: lease, Present: present, Extend: extend})
	}
	must(t, renew(later, time.Time{}, false))
	a, err := s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "lease", a.Lease, later)
	same(t, "connection", a.Connection, conversation.ConnectionID("y="))
	same(t, "presence", a.Presence, conversation.Available)
	must(t, renew(later, later.Add(-time.Millisecond), false))
	unmet(t, renew(later.Add(time.Hour), later, false), store.Renew{})
	unmet(t, renew(later, time.Time{}, true), store.Renew{})
	must(t, renew(later.Add(time.Second), time.Time{}, true))
	must(t, renew(noon.Add(time.Minute), time.Time{}, false)) // shorter

	unmet(t, change(s, t, store.SignOut{Advisor: "nobody", Epoch: 2, Lease: noon}), store.SignOut{})
	unmet(t, change(s, t, store.SignOut{Advisor: "a", Epoch: 1, Lease: noon}), store.SignOut{})
	must(t, change(s, t, store.SignOut{Advisor: "a", Epoch: 2, Lease: noon.Add(time.Second)}))
	a, err = s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "connection once it is closed", a.Connection, conversation.ConnectionID(""))
	same(t, "lease then", a.Lease, noon.Add(time.Second))
	same(t, "presence then", a.Presence, conversation.Available)
	unmet(t, renew(later, noon, false), store.Renew{}) // not known to be open
	unmet(t, change(s, t, store.TakeSlot{Advisor: "a", Conversation: "c", Epoch: 2, At: noon}), store.TakeSlot{})
	must(t, renew(later, time.Time{}, false))
	must(t, change(s, t, store.TakeSlot{Advisor: "a", Conversation: "c", Epoch: 2, At: noon}))
	must(t, change(s, t, store.SignOut{Advisor: "a", Epoch: 2, Lease: noon, Pause: true}))
	a, err = s.Advisor(ctx(t), "a")
	must(t, err)
	same(t, "presence after going", a.Presence, conversation.Paused)
}

func someAdvisors(t *testing.T, s store.Store) {
	const n = 60
	for i := range n {
		onDuty(t, s, identity.StaffID(fmt.Sprintf("advisor-%02d", i)), 1, 2)
	}
	seen := map[identity.StaffID]bool{}
	for from := range 64 {
		some, err := s.SomeAdvisors(ctx(t), uint16(from<<10))
		must(t, err)
		if len(some) < 12 {
			t.Errorf("%d are some", len(some))
		}
		this := map[identity.StaffID]bool{}
		for _, a := range some {
			if this[a.ID] || a.Capacity != 2 {
				t.Errorf("%+v, again or not whole", a)
			}
			this[a.ID], seen[a.ID] = true, true
		}
	}
	same(t, "seen", len(seen), n)
	all, err := s.Advisors(ctx(t))
	must(t, err)
	for i, a := range all {
		same(t, "by id", a.ID, identity.StaffID(fmt.Sprintf("advisor-%02d", i)))
	}
}

func dropAdvisor(t *testing.T, s store.Store) {
	drop := func(before time.Time) error { return change(s, t, store.DropAdvisor{Advisor: "a", Before: before}) }
	must(t, drop(noon)) // there is no such advisor
	onDuty(t, s, "a", 1, 3)
	ends := noon.Add(time.Minute) // of the lease
	unmet(t, drop(ends), store.DropAdvisor{})
	must(t, change(s, t, store.TakeSlot{Advisor: "a", Conversation: "c", Epoch: 1, At: noon}))
	unmet(t, drop(ends.Add(time.Hour)), store.DropAdvisor{})
	must(t, change(s, t, store.GiveSlot{Advisor: "a", Conversation: "c"}))
	must(t, drop(ends.Add(time.Millisecond)))
	if _, err := s.Advisor(ctx(t), "a"); !errors.Is(err, code.NotFound) {
		t.Errorf("Advisor: %v, want NotFound", err)
	}
	must(t, drop(ends.Add(time.Hour))) // again
}
