package chat_test

import (
	"errors"
	"testing"
	"time"

	"infocig/shared/chat/desk"
	"infocig/shared/code"
)

func TestWhoWritesTooFastIsToldWhenToTryAgain(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 1), w.citizen("p")
	id := w.talking(c, a)
	w.Times = desk.DefaultTimes
	for n := 1; n <= 5; n++ { // at once
		_, err := w.say(c, id, n, "testo")
		w.must(err)
	}
	var fast *code.TooFast
	_, err := w.say(c, id, 6, "testo")
	if !errors.As(err, &fast) || !errors.Is(err, code.Throttled) {
		t.Fatalf("the sixth at once: %v", err)
	}
	same(t, "again in", fast.After, 3*time.Second)
	before := w.tail(id).Seq
	_, err = w.say(c, id, 5, "testo") // a resend
	w.must(err)
	_, err = w.say(a, id, 1, "l'operatore scrive lo stesso")
	w.must(err)
	w.pass(fast.After - time.Millisecond)
	if _, err := w.say(c, id, 6, "testo"); !errors.Is(err, code.Throttled) {
		t.Errorf("a millisecond too early: %v", err)
	}
	w.pass(time.Millisecond)
	_, err = w.say(c, id, 6, "testo")
	w.must(err)
	same(t, "stored", w.tail(id).Seq, before+2)

	// In the long run twenty a minute.
	stored := 0
	n := 7
	for range 10 * 60 {
		w.pass(time.Second)
		if _, err := w.say(c, id, n, "testo"); err == nil {
			stored, n = stored+1, n+1
		}
	}
	same(t, "in ten minutes", stored, 200)
}
