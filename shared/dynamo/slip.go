package dynamo

import (
	"context"

	"infocig/shared/chat"
)

// Slip implements chat.Slips.
func (s *Store) Slip(ctx context.Context, id chat.HolderID) (chat.Slip, error) {
	it, err := s.get(ctx, slipKey(id))
	if err != nil {
		return chat.Slip{}, err
	}
	slip := chat.Slip{Holder: id}
	err = unpack(it, func(f *fields) { instant(f, "after", &slip.After) })
	return slip, err
}

func (s *Store) setSlip(c chat.SetSlip) (write, error) {
	return s.put(slipKey(c.Slip.Holder), absent+" OR #after < :after", item{":after": instantOf(c.Slip.After)}, func(f *fields) {
		instant(f, "after", &c.Slip.After)
		expire(f, c.Slip.After.Add(chat.SlipLife))
	})
}

func (s *Store) countSlip(c chat.CountSlip) write {
	w := s.update(slipCountKey(c.After), "ADD #n :one SET #expires = :end", "attribute_not_exists(#n) OR #n < :most", item{
		":one": numberOf(1), ":most": numberOf(int64(c.Most)), ":end": numberOf(c.After.Add(chat.SlipLife).Unix()),
	})
	w.token = true
	return w
}

func (s *Store) dropSlip(c chat.DropSlip) write {
	return s.delete(slipKey(c.Slip.Holder), "#after = :after", item{":after": instantOf(c.Slip.After)})
}
