package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"infocig/shared/chat/conversation"
	"infocig/shared/identity"
	"infocig/shared/table"
)

func advisorOf(r table.Row) (a conversation.Advisor, err error) {
	_, id, _ := strings.Cut(r.Sort, "#")
	a.ID = identity.StaffID(id)
	err = table.Unpack(r.Item, func(f *table.Fields) {
		table.Text(f, "name", &a.Name)
		table.Document(f, "topics", &a.Topics)
		table.Text(f, "person", &a.Person)
		table.Text(f, "presence", &a.Presence)
		table.Integer(f, "capacity", &a.Capacity)
		table.Members(f, "open", &a.Open)
		table.Text(f, "connection", &a.Connection)
		table.Integer(f, "epoch", &a.Epoch)
		table.Instant(f, "lease", &a.Lease)
		table.Instant(f, "assigned", &a.AssignedAt)
	})
	return a, err
}

// Advisor implements store.Advisors.
func (s *overTable) Advisor(ctx context.Context, id identity.StaffID) (conversation.Advisor, error) {
	k := advisorKey(id)
	it, err := s.table.Get(ctx, k)
	if err != nil {
		return conversation.Advisor{}, err
	}
	return advisorOf(table.Row{Sort: k.Sort, Item: it})
}

// Advisors implements store.Advisors.
func (s *overTable) Advisors(ctx context.Context) ([]conversation.Advisor, error) {
	rows, _, err := s.table.Query(ctx, table.Query{Partition: advisorPartition})
	if err != nil {
		return nil, err
	}
	all, err := advisorsOf(rows)
	slices.SortFunc(all, func(a, b conversation.Advisor) int { return cmp.Compare(a.ID, b.ID) })
	return all, err
}

// someAdvisors is how many advisors SomeAdvisors reads from one place: 4 KB, which is one read
// unit.
const someAdvisors = 16

// SomeAdvisors implements store.Advisors. It returns the advisors whose hashes follow from. At
// the end of the partition it also returns the first ones.
func (s *overTable) SomeAdvisors(ctx context.Context, from uint16) ([]conversation.Advisor, error) {
	rows, _, err := s.table.Query(ctx, table.Query{Partition: advisorPartition, After: hashed(from), Limit: someAdvisors})
	if err != nil {
		return nil, err
	}
	if len(rows) < someAdvisors {
		first, _, err := s.table.Query(ctx, table.Query{Partition: advisorPartition, Limit: someAdvisors})
		if err != nil {
			return nil, err
		}
		rows = append(rows, first...)
	}
	return advisorsOf(rows)
}

func advisorsOf(rows []table.Row) (all []conversation.Advisor, err error) {
	for _, r := range rows {
		a, err := advisorOf(r)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(b conversation.Advisor) bool { return a.ID == b.ID }) {
			all = append(all, a)
		}
	}
	return all, nil
}

func takeSlot(c TakeSlot) table.Write {
	return table.Update(advisorKey(c.Advisor), table.SetTo("assigned", table.InstantOf(c.At)), table.Include("open", c.Conversation)).
		If(table.And(
			hasEpoch(c.Epoch), table.Has("connection"), table.Equal("presence", table.StringOf(conversation.Available)), table.Greater("lease", table.InstantOf(c.At)),
			table.Or(table.Lacks("open"), table.Fewer("open", "capacity")),
		)).ExactlyOnce() // a repeated write would find its own slot taken
}

func giveSlot(c GiveSlot) table.Write {
	changes := []table.Change{table.Exclude("open", c.Conversation)}
	if c.Pause {
		changes = append(changes, paused)
	}
	return table.Update(advisorKey(c.Advisor), changes...).If(table.Present()).OrSkip() // a forgotten advisor has no open conversation
}

var paused = table.SetTo("presence", table.StringOf(conversation.Paused))

func signIn(c SignIn) (table.Write, error) {
	topics, err := json.Marshal(c.Topics)
	return table.Update(advisorKey(c.Advisor),
		table.SetTo("name", table.StringOf(c.Name)), table.SetTo("topics", table.StringOf(string(topics))), table.SetTo("person", table.StringOf(c.Person)),
		table.SetTo("connection", table.StringOf(c.Connection)), table.SetTo("epoch", table.Int(c.Epoch)), table.SetTo("lease", table.InstantOf(c.Lease)),
		table.SetIfAbsent("presence", table.StringOf(conversation.Paused)), table.SetIfAbsent("capacity", table.Int(conversation.DefaultCapacity)),
	).If(table.Or(table.Absent(), table.LessOrEqual("epoch", table.Int(c.Epoch)))), err
}

func renew(c Renew) table.Write {
	conditions := []table.Condition{hasEpoch(c.Epoch)}
	if !c.Present.IsZero() {
		conditions = append(conditions, table.Has("connection"), table.Greater("lease", table.InstantOf(c.Present)))
	}
	if c.Extend {
		conditions = append(conditions, table.Less("lease", table.InstantOf(c.Lease)))
	}
	return table.Update(advisorKey(c.Advisor), table.SetTo("lease", table.InstantOf(c.Lease)), table.SetTo("connection", table.StringOf(c.Connection))).
		If(table.And(conditions...))
}

func signOut(c SignOut) table.Write {
	changes := []table.Change{table.SetTo("lease", table.InstantOf(c.Lease)), table.Remove("connection")}
	if c.Pause {
		changes = append(changes, paused)
	}
	return table.Update(advisorKey(c.Advisor), changes...).If(hasEpoch(c.Epoch))
}

func setPresence(c SetPresence) table.Write {
	return table.Update(advisorKey(c.Advisor), table.SetTo("presence", table.StringOf(c.Presence)), table.SetTo("capacity", table.Int(c.Capacity))).
		If(hasEpoch(c.Epoch))
}

func hasEpoch(n int64) table.Condition { return table.Equal("epoch", table.Int(n)) }

func dropAdvisor(c DropAdvisor) table.Write {
	return table.Delete(advisorKey(c.Advisor)).
		If(table.Or(table.Absent(), table.And(table.Lacks("open"), table.Less("lease", table.InstantOf(c.Before)))))
}
