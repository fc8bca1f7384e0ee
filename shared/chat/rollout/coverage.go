package rollout

import (
	"time"

	"infocig/shared/identity"
)

// A State says whether the service is live for a person.
type State string

// The states of a [Coverage].
const (
	Live    State = "live"    // let in
	Dated   State = "dated"   // not yet, from a known date
	Undated State = "undated" // not yet, and the date is not known
)

// Coverage is the answer to "is the service live for this audience and province?", with the
// phase that it rests on.
type Coverage struct {
	State State
	Phase Phase // the phase that lets in, or will; zero if Undated and no phase is known
	From  Date  // start of Phase; Unknown if and only if Undated
}

// At returns what was known at t about an audience in a province. For a worker that is the
// province of residence, for an employer the province of the registered office.
//
// If several phases are live, At names the one that started last, so that a province is no
// longer experimental once the service is nationwide. If several start later, At names the one
// that starts first. For a sigla that has never named a province (EE for residents abroad, a
// new one that is not listed yet, none at all) only the phases of all of Italy count, because
// nationwide means every person.
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

// covers reports whether the phase is for a province. A province that is not listed is covered
// only by a nationwide phase.
func (p Phase) covers(province string, listed bool) bool {
	return p.Provinces.All || listed && p.Provinces.Includes(province)
}

// knownAt reports whether the phase was public at t.
func (p Phase) knownAt(t time.Time) bool {
	return !p.AnnouncedOn.Known() || !t.Before(p.AnnouncedOn.Start())
}

// mayPrecede reports whether p, a phase without a date, could start before a phase with a
// date. If so, that date must not be told.
func (p Phase) mayPrecede(dated Phase) bool {
	return !p.FromAfter.Known() || p.FromAfter < dated.From
}

func first(a, b *Phase) *Phase {
	if a != nil {
		return a
	}
	return b
}
