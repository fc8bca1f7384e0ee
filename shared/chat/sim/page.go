package sim

import (
	"time"
)

// A page is what a browser makes of a client. Of a page that is hidden the timers run
// once a minute (Chrome, after five minutes; here at once), and what is pushed comes
// through; of a page that is frozen, a phone that is locked, a laptop that sleeps,
// nothing runs, and the socket dies without a close.
type page struct {
	answers bool      // promises to answer a ping of the service at once
	pinged  bool      // and has to
	hidden  time.Time // until then; zero if it is not
	frozen  time.Time // until then; zero if it is not
}

const (
	throttle      = time.Minute // of the timers of a hidden page
	longestFreeze = 8 * time.Minute
)

// runs returns when a timer of the page runs that is set for t.
func (p *person) runs(t time.Time) time.Time {
	switch {
	case t.Before(p.frozen):
		return p.frozen
	case t.Before(p.hidden):
		return t.Add(throttle - t.Sub(p.w.start)%throttle)
	}
	return t
}

// turns lets the person look away from the page now and then, lock the phone or close
// the laptop. It reports whether that is all that is done now.
func (p *person) turns() bool {
	w := p.w
	p.renews()
	switch {
	case p.pinged, w.closing:
		return false
	case w.chance(0.01):
		p.frozen = w.now().Add(w.between(20*time.Second, longestFreeze))
		w.note("%s freezes until %s", p.name, p.frozen)
		p.wire.dead = true
		p.think(0)
		return true
	case p.hidden.IsZero() && w.rng.IntN(12) == 0:
		p.hide(w.between(2*time.Minute, 6*time.Minute))
		p.think(0) // its next timer
		return true
	case !p.hidden.Before(w.now()):
	default:
		p.hidden = time.Time{}
	}
	return false
}

// hide has the person look at another tab for some time.
func (p *person) hide(d time.Duration) {
	p.hidden = p.w.now().Add(d)
	p.w.note("%s hides until %s", p.name, p.hidden)
}

// looksAway reports whether the page is hidden, or has to answer a ping: it does nothing
// but give a sign of life.
func (p *person) looksAway() bool {
	pinged := p.pinged
	p.pinged = false
	return pinged || !p.hidden.IsZero() && !p.w.closing
}

// thaws wakes a page that was frozen: the socket is of no use any more.
func (p *person) thaws() bool {
	if p.frozen.IsZero() {
		return false
	}
	p.frozen = time.Time{}
	if x := p.wire; x != nil {
		p.w.cut(x)
		p.lose(x)
	}
	p.think(p.w.between(0, time.Second))
	return true
}

// hears takes note of a ping: no browser slows that down.
func (p *person) hears(f frame) {
	if f.Event != "ping" || !p.answers {
		return
	}
	p.pinged = true
	if !p.busy {
		p.at = p.w.now()
	}
}
