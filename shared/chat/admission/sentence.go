package admission

import (
	"strings"

	"infocig/shared/text"
)

// channels are the other ways to reach the institute, in order. Each has a name, a text and an
// address under "channel." in the catalogue.
var channels = []string{"phone", "office"}

// said returns d in sentences: the answer, its reason if that helps, and where else to turn.
func (d Decision) said(c text.Catalogue) string {
	args := text.Args{
		"until":    d.Until,
		"opens_at": d.OpensAt,
		"since":    d.Since,
		"from":     d.From,
		"low":      d.Low,
		"high":     d.High,
		"closure":  d.closure(c),
		"province": d.ProvinceName,
		"company":  d.Company,
		"role":     c.Word("role." + string(d.Role)),
	}
	var said []string
	for _, key := range d.sentences() {
		s, _ := c.Format(key, args) // shows what it can; tests hold that it can show all
		said = append(said, s)
	}
	return strings.Join(said, " ")
}

// closure returns the name of the holiday, or the reason of the closure, or "".
func (d Decision) closure(c text.Catalogue) string {
	if d.Reason == OnHoliday {
		return c.Word("holiday." + d.Closure)
	}
	return d.Closure
}

// channelsOf returns the other ways to reach the institute.
func channelsOf(c text.Catalogue) []Channel {
	list := make([]Channel, 0, len(channels))
	for _, channel := range channels {
		key := "channel." + channel
		list = append(list, Channel{
			Name: c.Word(key + ".name"),
			Text: c.Word(key + ".text"),
			URL:  c.Word(key + ".url"),
		})
	}
	return list
}

// sentences returns the catalogue keys of d's sentences, in order.
func (d Decision) sentences() []string {
	var keys []string
	if d.State == Full {
		keys = append(keys, "full.since")
	}
	keys = append(keys, d.Text)
	if d.Admitted() {
		keys = append(keys, d.wait()...)
		if d.Experimental {
			keys = append(keys, "open.experimental")
		}
	}
	switch {
	case d.State != NotYet || d.Company == "":
	case d.ProvinceName == "":
		keys = append(keys, "rollout.employer.somewhere")
	default:
		keys = append(keys, "rollout.employer")
	}
	switch d.State {
	case Open:
		if d.Reason == Unattended {
			keys = append(keys, "closed.other")
		}
	case Busy, Full, Closed:
		keys = append(keys, "closed.other")
	default:
		keys = append(keys, "other.channels")
	}
	return keys
}

// wait returns the key of the sentence about the expected wait. It returns none if the wait is
// not known.
func (d Decision) wait() []string {
	low, high := text.WholeMinutes(d.Low), text.WholeMinutes(d.High)
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
