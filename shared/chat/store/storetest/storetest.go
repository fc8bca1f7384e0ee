// Package storetest is the conformance suite of store.Store. Each promise in the comments of
// the interface is a subtest, with many concurrent callers if they could race.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/identity"
)

// Writers is how many callers race in a subtest.
const Writers = 20

// noon is the instant of everything in the suite.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Run checks every promise against stores made by open.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"a log has no entry before the first":                      emptyLog,
		"an entry comes back as it was stored":                     roundTrip,
		"a number is given once, the losers get the winner":        oneWinner,
		"entries are read in order, after a number, up to a limit": readPages,
		"nothing is stored of a step that fails":                   allOrNothing,
		"losing the number comes before an unmet condition":        lostFirst,
		"a person has one live conversation":                       onePerson,
		"only the own mark of a live conversation is cleared":      clearOwn,
		"a sign of life counts for the live conversation only":     seen,
		"all live conversations are found over pages":              allLive,
		"an advisor is never given more than his capacity":         capacity,
		"a slot needs a present, available, current advisor":       slotConditions,
		"a slot is given back once, however often":                 giveBack,
		"an older connection does not replace a newer one":         signIn,
		"an advisor is forgotten who has left long ago":            dropAdvisor,
		"only the present connection renews and sets presence":     renew,
		"no ticket is taken twice, later ones are larger":          take,
		"no ticket is called twice, oldest first":                  call,
		"a ticket is left by a call or knows of it":                takeOrLeave,
		"some of many advisors, everybody in turn":                 someAdvisors,
		"a line lists some of many who have left":                  longLine,
		"the line tells who waits":                                 line,
		"a pass is redeemed once":                                  redeemOnce,
		"a pass is worthless after its expiry":                     redeemLate,
		"an escalation is put out once":                            outbox,
		"a note is kept once, in order, beside its conversation":   notes,
		"passes are counted by person and window":                  passes,
		"the sockets of a person are known":                        sockets,
		"the access log grows, and forgets what is told":           accesses,
		"what is dropped is gone":                                  drops,
		"a slip is given once for a closing, and used once":        slips,
		"no more slips are given than there are":                   slipsLeft,
		"the desk's rules change by one revision at a time":        rules,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// race calls do from Writers callers at the same time, and returns their errors.
func race(do func(i int) error) []error {
	errs := make([]error, Writers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range Writers {
		wg.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// winners counts the callers without an error. It fails the test for errors other than want.
func winners(t *testing.T, errs []error, want error) int {
	t.Helper()
	n := 0
	for i, err := range errs {
		switch {
		case err == nil:
			n++
		case !errors.Is(err, want):
			t.Errorf("caller %d: got error %v, want %v", i, err, want)
		}
	}
	return n
}

func ctx(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func change(s store.Store, t *testing.T, changes ...store.Change) error {
	return s.Commit(ctx(t), store.Step{Changes: changes})
}

func entry(id queue.ConversationID, seq int, text string) conversation.Entry {
	return conversation.Entry{
		Conversation: id, Seq: seq, Kind: conversation.KindMessage, At: noon, By: identity.SideCitizen, Text: conversation.Text(text),
		State: conversation.State{Status: conversation.Queued, Topic: queue.WorkerCase, Citizen: conversation.Party{ID: "p", Number: seq}},
	}
}

func unmet(t *testing.T, err error, want store.Change) {
	t.Helper()
	var u *store.Unmet
	if !errors.As(err, &u) {
		t.Errorf("got %v, want an unmet %T", err, want)
		return
	}
	same(t, "unmet change", fmt.Sprintf("%T", u.Change), fmt.Sprintf("%T", want))
}
