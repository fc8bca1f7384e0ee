package sim

import "time"

// cutAll cuts every socket at once, as the gateway does with those of people who
// came together two hours before.
func (w *world) cutAll() {
	w.note("the gateway cuts everybody")
	for _, c := range w.citizens {
		c.hangUp()
	}
	for _, a := range w.advisors {
		a.hangUp()
	}
}

// hangUp ends the person's socket, if there is one; they see it at once.
func (p *person) hangUp() {
	if x := p.wire; x != nil {
		p.w.cut(x)
		p.lose(x)
		if !p.busy && p.frozen.IsZero() {
			p.think(p.w.between(0, time.Second))
		}
	}
}
