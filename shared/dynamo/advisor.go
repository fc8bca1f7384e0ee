package dynamo

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"infocig/shared/chat"
)

func advisorOf(it item) (a chat.Advisor, err error) {
	err = unpack(it, func(f *fields) {
		var sk string
		text(f, SortKey, &sk)
		_, id, _ := strings.Cut(sk, "#")
		a.ID = chat.AdvisorID(id)
		text(f, "name", &a.Name)
		document(f, "topics", &a.Topics)
		text(f, "person", &a.Person)
		text(f, "presence", &a.Presence)
		number(f, "capacity", &a.Capacity)
		set(f, "open", &a.Open)
		text(f, "connection", &a.Connection)
		number(f, "epoch", &a.Epoch)
		instant(f, "lease", &a.Lease)
		instant(f, "assigned", &a.AssignedAt)
	})
	return a, err
}

// Advisor implements chat.Advisors.
func (s *Store) Advisor(ctx context.Context, id chat.AdvisorID) (chat.Advisor, error) {
	it, err := s.get(ctx, advisorKey(id))
	if err != nil {
		return chat.Advisor{}, err
	}
	return advisorOf(it)
}

// Advisors implements chat.Advisors.
func (s *Store) Advisors(ctx context.Context) ([]chat.Advisor, error) {
	items, _, err := s.query(ctx, query{pk: advisorPartition})
	if err != nil {
		return nil, err
	}
	all, err := advisorsOf(items)
	slices.SortFunc(all, func(a, b chat.Advisor) int { return cmp.Compare(a.ID, b.ID) })
	return all, err
}

// someAdvisors is how many are read of many: 4 KB, which is one read unit.
const someAdvisors = 16

// SomeAdvisors implements chat.Advisors: those whose hashes follow, or come first
// where there are not enough.
func (s *Store) SomeAdvisors(ctx context.Context, from uint16) ([]chat.Advisor, error) {
	items, _, err := s.query(ctx, query{pk: advisorPartition, after: hashed(from), limit: someAdvisors})
	if err != nil {
		return nil, err
	}
	if len(items) < someAdvisors {
		first, _, err := s.query(ctx, query{pk: advisorPartition, limit: someAdvisors})
		if err != nil {
			return nil, err
		}
		items = append(items, first...)
	}
	return advisorsOf(items)
}

func advisorsOf(items []item) (all []chat.Advisor, err error) {
	for _, it := range items {
		a, err := advisorOf(it)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(b chat.Advisor) bool { return a.ID == b.ID }) {
			all = append(all, a)
		}
	}
	return all, nil
}

func (s *Store) takeSlot(c chat.TakeSlot) write {
	w := s.update(advisorKey(c.Advisor), "ADD #open :conversation SET #assigned = :at",
		"#epoch = :epoch AND attribute_exists(#connection) AND #presence = :available AND #lease > :at AND (attribute_not_exists(#open) OR size(#open) < #capacity)",
		item{
			":conversation": setOf(c.Conversation), ":at": instantOf(c.At),
			":epoch": numberOf(c.Epoch), ":available": textOf(chat.Available),
		})
	w.token = true // a repetition would find the slot taken, by itself
	return w
}

func (s *Store) giveSlot(c chat.GiveSlot) write {
	change, values := "DELETE #open :conversation", item{":conversation": setOf(c.Conversation)}
	if c.Pause {
		change, values[":paused"] = "DELETE #open :conversation SET #presence = :paused", textOf(chat.Paused)
	}
	w := s.update(advisorKey(c.Advisor), change, present, values)
	w.moot = true // nobody: nothing is open
	return w
}

func (s *Store) signIn(c chat.SignIn) (write, error) {
	topics, err := json.Marshal(c.Topics)
	return s.update(advisorKey(c.Advisor),
		"SET #name = :name, #topics = :topics, #person = :person, #connection = :connection, #epoch = :epoch, #lease = :lease, "+
			"#presence = if_not_exists(#presence, :paused), #capacity = if_not_exists(#capacity, :capacity)",
		"attribute_not_exists(#pk) OR #epoch <= :epoch",
		item{
			":name": textOf(c.Name), ":topics": textOf(string(topics)), ":person": textOf(c.Person), ":connection": textOf(c.Connection),
			":epoch": numberOf(c.Epoch), ":lease": instantOf(c.Lease),
			":paused": textOf(chat.Paused), ":capacity": numberOf(chat.DefaultCapacity),
		}), err
}

func (s *Store) renew(c chat.Renew) write {
	condition := "#epoch = :epoch"
	values := item{":lease": instantOf(c.Lease), ":epoch": numberOf(c.Epoch), ":connection": textOf(c.Connection)}
	if !c.Present.IsZero() {
		condition, values[":present"] = condition+" AND attribute_exists(#connection) AND #lease > :present", instantOf(c.Present)
	}
	if c.Extend {
		condition += " AND #lease < :lease"
	}
	return s.update(advisorKey(c.Advisor), "SET #lease = :lease, #connection = :connection", condition, values)
}

func (s *Store) signOut(c chat.SignOut) write {
	change, values := "SET #lease = :lease", item{":lease": instantOf(c.Lease), ":epoch": numberOf(c.Epoch)}
	if c.Pause {
		change, values[":paused"] = change+", #presence = :paused", textOf(chat.Paused)
	}
	return s.update(advisorKey(c.Advisor), change+" REMOVE #connection", "#epoch = :epoch", values)
}

func (s *Store) setPresence(c chat.SetPresence) write {
	return s.update(advisorKey(c.Advisor), "SET #presence = :presence, #capacity = :capacity", "#epoch = :epoch",
		item{":presence": textOf(c.Presence), ":capacity": numberOf(int64(c.Capacity)), ":epoch": numberOf(c.Epoch)})
}

func (s *Store) dropAdvisor(c chat.DropAdvisor) write {
	return s.delete(advisorKey(c.Advisor), "attribute_not_exists(#pk) OR attribute_not_exists(#open) AND #lease < :before", item{":before": instantOf(c.Before)})
}
