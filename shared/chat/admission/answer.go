package admission

import (
	"math"
	"time"

	"infocig/shared/hours"
	"infocig/shared/text"
)

// An Answer is a Decision on the wire: in GET /v1/availability and in the event refused.
// Fields that do not apply are absent.
type Answer struct {
	State        State       `json:"state"`
	Reason       Reason      `json:"reason"`
	Text         string      `json:"text"` // the sentence to show
	Until        time.Time   `json:"until,omitzero"`
	OpensAt      time.Time   `json:"opens_at,omitzero"`
	Early        bool        `json:"early,omitempty"` // with closed: the desk opens soon, and tickets are given already
	Since        time.Time   `json:"since,omitzero"`
	From         string      `json:"from,omitzero"` // a date, YYYY-MM-DD, in Italy
	Closure      string      `json:"closure,omitzero"`
	Phase        string      `json:"phase,omitzero"`
	Experimental bool        `json:"experimental,omitzero"`
	Wait         *WaitAnswer `json:"wait,omitzero"`
	Channels     []Channel   `json:"channels"` // other ways to reach the institute: never a dead end
}

// A WaitAnswer is a range in seconds.
type WaitAnswer struct {
	LowS  int `json:"low_s"`
	HighS int `json:"high_s"`
}

// A Channel is another way to reach the institute.
type Channel struct {
	Name string `json:"name"`
	Text string `json:"text"`
	URL  string `json:"url,omitzero"` // https or tel
}

// Answer returns d for the wire, in the person's language: with its sentences, the name of the
// holiday or the reason of the closure, and the other channels (R-06: never a dead end).
func (d Decision) Answer(language string) Answer {
	c := text.Load(language)
	a := Answer{
		State: d.State, Reason: d.Reason, Text: d.said(c),
		Until: d.Until.UTC(), OpensAt: d.OpensAt.UTC(), Early: d.Early, Since: d.Since.UTC(),
		Closure: d.closure(c), Phase: d.Phase, Experimental: d.Experimental, Channels: channelsOf(c),
	}
	if !d.From.IsZero() {
		a.From = d.From.In(hours.Rome()).Format(time.DateOnly)
	}
	if d.High > 0 {
		a.Wait = &WaitAnswer{LowS: seconds(d.Low), HighS: seconds(d.High)}
	}
	return a
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
