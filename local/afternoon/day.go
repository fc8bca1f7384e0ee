package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"infocig/shared/chat/admission"
)

// A Day is who comes on an afternoon, and who serves.
type Day struct {
	Name     string        `json:"name"`
	People   int           `json:"people"`
	Early    float64       `json:"early"`    // share of the people who come in the quarter before the opening, for a number
	Bell     float64       `json:"bell"`     // share of the people who come at the opening, after 15 s on average
	Within   time.Duration `json:"within"`   // if given those come evenly in this time
	Advisors int           `json:"advisors"` // present from before the opening until all are served
	Capacity int           `json:"capacity"` // conversations at once, of each
	Turn     time.Duration `json:"turn"`     // of a conversation, on average; half of them last 0.85 of it or less
	Patience time.Duration `json:"patience"` // of somebody who waits, on average; 0: endless
	Shards   int           `json:"shards"`
	Looks    int           `json:"looks"` // of the sweep in a minute
	Seed     uint64        `json:"seed"`
}

// days are those that can be asked for by name.
var days = []Day{
	// The busiest day that the press has told of (38,000 requests in 19 months, INPS message 4497/2022).
	{Name: "peak", People: 105, Early: 0.1, Bell: 0.2, Advisors: 4, Capacity: 3, Turn: 8 * time.Minute, Patience: 90 * time.Minute, Shards: 1, Looks: 6, Seed: 1},
	// More than can be served: some are told that it is full for today.
	{Name: "overload", People: 600, Early: 0.1, Bell: 0.3, Advisors: 4, Capacity: 3, Turn: 8 * time.Minute, Patience: 90 * time.Minute, Shards: 1, Looks: 6, Seed: 1},
	{Name: "national", People: 50_000, Early: 0.1, Bell: 0.4, Advisors: 500, Capacity: 3, Turn: 8 * time.Minute, Patience: 90 * time.Minute, Shards: 8, Looks: 6, Seed: 1},
}

func dayNamed(name string) (Day, bool) {
	i := slices.IndexFunc(days, func(d Day) bool { return d.Name == name })
	if i < 0 {
		return Day{}, false
	}
	return days[i], true
}

// Hours of a day: a Wednesday in Italy.
var (
	opening = time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC) // 15:00
	closing = opening.Add(3 * time.Hour)
)

// arrivals returns when people come, after the opening.
func (d Day) arrivals(rng *rand.Rand) []time.Duration {
	const mean, last = 15 * time.Second, 3 * time.Hour
	early, bell := int(d.Early*float64(d.People)), int((d.Early+d.Bell)*float64(d.People))
	all := make([]time.Duration, d.People)
	for i := range all {
		switch {
		case i < early:
			all[i] = -time.Duration(rng.Int64N(int64(admission.Early)))
		case i < bell && d.Within > 0:
			all[i] = time.Duration(rng.Int64N(int64(d.Within)))
		case i < bell:
			all[i] = min(time.Duration(rng.ExpFloat64()*float64(mean)), 4*mean)
		default:
			all[i] = time.Duration(rng.Int64N(int64(last)))
		}
	}
	return all
}

// turn returns how long a conversation lasts: log-normal, as such times are.
func (d Day) turn(rng *rand.Rand) time.Duration { return logNormal(rng, d.Turn) }

// patience returns after what time somebody leaves who waits.
func (d Day) patience(rng *rand.Rand) time.Duration {
	if d.Patience == 0 {
		return 24 * time.Hour
	}
	return time.Duration(rng.ExpFloat64() * float64(d.Patience))
}
