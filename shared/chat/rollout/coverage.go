package rollout

import (
	"time"

	"infocig/shared/identity"
)

// A State is whether the service is live for somebody.
type State string

// The states of a [Coverage].
const (
	Live    State = "live"    // let in
	Dated   State = "dated"   // not yet, from a known date
	Undated State = "undated" // not yet, and the date is not known
)

// Coverage is the answer to "is the service live for this audience and
// province?" together with its grounds.
type Coverage struct {
	State State
	Phase Phase // that lets in, or will; zero if Undated and no phase is known
	From  Date  // start of Phase; Unknown if and only if Undated
}

// At reports what was known at t about an audience in a province: for a worker
// the one of residence, for an employer that of the registered office.
//
// Of several phases that let in, the one that started last is named: a
// province is no longer experimental once the service is for everybody. Of
// several that will, the one that starts first. For somebody whose sigla
// never named a province (EE for residents abroad, a new one that is not listed
// yet, none at all) only the phases of all of Italy count: nationwide is everybody
//
func (p Plan) At(a Audience, province string, t time.Time) Coverage {
	province = identity.Sigla(province)
	listed := p.provinces.Exists(province)
	var live, dated, undated *Phase
	for i := range p.Phases {
		phase := &p.Phases[i]
		switch {
		case phase.Audience != a || !phase.covers(province, listed) || !phase.knownAt(t):
		case !phase.From.Known():
			undated = first(undated, phase)
		case !t.Before(phase.From.Start()):
			if live == nil || phase.From >= live.From {
				live = phase
			}
		case dated == nil || phase.From < dated.From:
			dated = phase
		}
	}
	switch {
	case live != nil:
		return Coverage{State: Live, Phase: *live, From: live.From}
	case undated != nil && (dated == nil || undated.mayPrecede(*dated)):
		return Coverage{State: Undated, Phase: *undated}
	case dated != nil:
		return Coverage{State: Dated, Phase: *dated, From: dated.From}
	}
	return Coverage{State: Undated}
}

// covers reports whether the phase is for a province, or for one that is not listed.
func (p Phase) covers(province string, listed bool) bool {
	return p.Provinces.All || listed && p.Provinces.Includes(province)
}

// knownAt reports whether the phase was public at t.
func (p Phase) knownAt(t time.Time) bool {
	return !p.AnnouncedOn.Known() || !t.Before(p.AnnouncedOn.Start())
}

// mayPrecede reports whether a phase without a date could start before one
// that has a date, which is then not the date to tell.
func (p Phase) mayPrecede(dated Phase) bool {
	return !p.FromAfter.Known() || p.FromAfter < dated.From
}

func first(a, b *Phase) *Phase {
	if a != nil {
		return a
	}
	return b
}
