package store

import (
	"context"

	"infocig/shared/chat/queue"
	"infocig/shared/table"
)

// Slip implements store.Slips.
func (s *overTable) Slip(ctx context.Context, id queue.HolderID) (Slip, error) {
	it, err := s.table.Get(ctx, slipKey(id))
	if err != nil {
		return Slip{}, err
	}
	slip := Slip{Holder: id}
	err = table.Unpack(it, func(f *table.Fields) { table.Instant(f, "after", &slip.After) })
	return slip, err
}

func setSlip(c SetSlip) (table.Write, error) {
	w, err := put(slipKey(c.Slip.Holder), func(f *table.Fields) {
		table.Instant(f, "after", &c.Slip.After)
		table.Expire(f, c.Slip.After.Add(SlipLife))
	})
	return w.If(table.Or(table.Absent(), table.Less("after", table.InstantOf(c.Slip.After)))), err
}

func countSlip(c CountSlip) table.Write {
	return table.Update(slipCountKey(c.After), table.Add("n", 1), table.SetTo(table.Expires, table.Int(c.After.Add(SlipLife).Unix()))).
		If(fewerThan("n", c.Most)).ExactlyOnce()
}

// fewerThan is the condition that the attribute is absent or less than most.
func fewerThan(name string, most int) table.Condition {
	return table.Or(table.Lacks(name), table.Less(name, table.Int(most)))
}
