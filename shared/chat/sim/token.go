package sim

import "time"

// A token is what the issuer says of somebody: good for a while, renewed by a page that
// runs, and nothing new is had with it while the issuer's keys cannot be fetched. A page that
// was frozen when it ended asks for a new login.
type token struct {
	until time.Time // zero before the first login
}

const (
	tokenLife = 3 * time.Minute
	tokenLeft = time.Minute // when a page renews it
)

// An outage is the time in which the issuer cannot be asked: in some runs.
type outage struct{ from, until time.Time }

func (o outage) on(t time.Time) bool { return !t.Before(o.from) && t.Before(o.until) }

// planOutage sets when the issuer is down, once the faults are on.
func (w *world) planOutage() {
	if w.config.Seed%6 == 4 {
		from := w.now().Add(w.between(20*time.Second, 2*time.Minute))
		w.outage = outage{from, from.Add(w.between(30*time.Second, 4*time.Minute))}
		w.note("the issuer is down from %s until %s", w.outage.from, w.outage.until)
	}
}

// renews gets a new token before the old one ends.
func (p *person) renews() {
	now := p.w.now()
	if p.token.until.After(now) && p.token.until.Sub(now) < tokenLeft && !p.w.outage.on(now) {
		p.token.until = now.Add(tokenLife)
	}
}

// mayAsk reports whether a ticket can be asked for now. Somebody whose token has ended logs
// in first; while the issuer is down the service says to come again in a while.
func (p *person) mayAsk() bool {
	w := p.w
	switch {
	case w.outage.on(w.now()):
		p.think(w.between(5*time.Second, 20*time.Second))
		return false
	case p.token.until.IsZero():
		p.token.until = w.now().Add(tokenLife)
	case !p.token.until.After(w.now()):
		w.note("%s logs in again", p.name)
		p.token.until = w.now().Add(tokenLife)
		p.think(w.between(5*time.Second, time.Minute))
		return false
	}
	return true
}
