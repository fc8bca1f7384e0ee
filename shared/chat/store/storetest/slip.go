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

func slips(t *testing.T, s store.Store) {
	_, err := s.Slip(ctx(t), "p")
	same(t, "there is none", errors.Is(err, code.NotFound), true)
	slip := store.Slip{Holder: "p", After: noon}
	unmet(t, change(s, t, store.DropSlip{Slip: slip}), store.DropSlip{})
	given := race(func(int) error { return change(s, t, store.SetSlip{Slip: slip}) })
	same(t, "given", winners(t, given, code.Conflict), 1)
	has, err := s.Slip(ctx(t), "p")
	must(t, err)
	same(t, "slip", has, slip)
	unmet(t, change(s, t, store.SetSlip{Slip: store.Slip{Holder: "p", After: noon.Add(-time.Hour)}}), store.SetSlip{})

	later := store.Slip{Holder: "p", After: noon.Add(24 * time.Hour)}
	must(t, change(s, t, store.SetSlip{Slip: later}))
	unmet(t, change(s, t, store.DropSlip{Slip: slip}), store.DropSlip{})
	used := race(func(int) error { return change(s, t, store.DropSlip{Slip: later}) })
	same(t, "used", winners(t, used, code.Conflict), 1)
	_, err = s.Slip(ctx(t), "p")
	same(t, "it is used", errors.Is(err, code.NotFound), true)
	must(t, change(s, t, store.SetSlip{Slip: store.Slip{Holder: "p", After: noon.Add(60 * 24 * time.Hour)}}))
}

// slipsLeft checks that of Writers citizens who come at once Most get a slip, and the others
// none.
func slipsLeft(t *testing.T, s store.Store) {
	const most = Writers / 2
	errs := race(func(i int) error {
		slip := store.Slip{Holder: queue.HolderID(fmt.Sprint("p", i)), After: noon}
		return change(s, t, store.SetSlip{Slip: slip}, store.CountSlip{After: noon, Most: most})
	})
	same(t, "given", winners(t, errs, code.Conflict), most)
	for i, err := range errs {
		_, has := s.Slip(ctx(t), queue.HolderID(fmt.Sprint("p", i)))
		if (err == nil) != (has == nil) {
			t.Errorf("caller %d got %v, and has %v", i, err, has)
		}
		if err != nil {
			unmet(t, err, store.CountSlip{})
		}
	}
	must(t, change(s, t, store.CountSlip{After: noon.Add(time.Hour), Most: most})) // another closing
}
