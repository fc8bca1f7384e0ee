package text

import (
	"strings"

	"infocig/shared/admission"
	"infocig/shared/hours"
)

// channels are the other ways to reach the institute, in order: a name, a text
// and an address each, under "channel." in the catalogue.
var channels = []string{"phone", "office"}

// Answer is d for the wire, in the language of the person: with its sentence,
// the name of the holiday or closure, and the other channels (requirement
// never a dead end).
func Answer(language string, d admission.Decision) admission.Answer {
	c := Load(language)
	a := d.Answer(c.Decision(d), hours.Rome(), c.Channels())
	a.Closure = c.Closure(d)
	return a
}

// Decision is d in sentences: the answer, its grounds where they help, and
// where else to turn.
func (c Catalogue) Decision(d admission.Decision) string {
	args := Args{
		"until":    d.Until,
		"opens_at": d.OpensAt,
		"since":    d.Since,
		"from":     d.From,
		"low":      d.Low,
		"high":     d.High,
		"closure":  c.Closure(d),
		"province": d.ProvinceName,
		"company":  d.Company,
		"role":     c.word("role." + string(d.Role)),
	}
	var said []string
	for _, key := range sentencesOf(d) {
		s, _ := c.Format(key, args) // shows what it can; tests hold that it can show all
		said = append(said, s)
	}
	return strings.Join(said, " ")
}

// Closure is the name of the holiday, or the operator's words for the closure,
// or empty.
func (c Catalogue) Closure(d admission.Decision) string {
	if d.Reason == admission.OnHoliday {
		return c.word("holiday." + d.Closure)
	}
	return d.Closure
}

// Channels are the other ways to reach the institute.
func (c Catalogue) Channels() []admission.Channel {
	list := make([]admission.Channel, 0, len(channels))
	for _, channel := range channels {
		key := "channel." + channel
		list = append(list, admission.Channel{
			Name: c.word(key + ".name"),
			Text: c.word(key + ".text"),
			URL:  c.word(key + ".url"),
		})
	}
	return list
}

// sentencesOf are the keys of what is said about d, in order.
func sentencesOf(d admission.Decision) []string {
	var keys []string
	if d.State == admission.Full {
		keys = append(keys, "full.since")
	}
	keys = append(keys, d.Text)
	if d.Admitted() {
		keys = append(keys, waitOf(d)...)
		if d.Experimental {
			keys = append(keys, "open.experimental")
		}
	}
	switch {
	case d.State != admission.NotYet || d.Company == "":
	case d.ProvinceName == "":
		keys = append(keys, "rollout.employer.somewhere")
	default:
		keys = append(keys, "rollout.employer")
	}
	switch d.State {
	case admission.Open:
		if d.Reason == admission.Unattended {
			keys = append(keys, "closed.other")
		}
	case admission.Busy, admission.Full, admission.Closed:
		keys = append(keys, "closed.other")
	default:
		keys = append(keys, "other.channels")
	}
	return keys
}

// waitOf is how the expected wait is said, if anything is known of it.
func waitOf(d admission.Decision) []string {
	low, high := wholeMinutes(d.Low), wholeMinutes(d.High)
	switch {
	case high <= 0:
		return nil
	case high == 1:
		return []string{"queue.wait.short"}
	case low <= 0:
		return []string{"queue.wait.upto"}
	case low >= high:
		return []string{"queue.wait.about"}
	}
	return []string{"queue.wait"}
}
