package upkeep

import (
	"context"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
)

// Grades say how promises were kept. A promise is the range of the wait that a citizen was
// told when joining.
type Grades struct {
	Joined   int `json:"joined"`
	Promised int `json:"promised"`  // citizens who were told a range
	Kept     int `json:"kept"`      // served within the range
	Sooner   int `json:"sooner"`    // served before the range
	Later    int `json:"later"`     // served after the range
	Left     int `json:"left"`      // citizens who left before they were served
	Unserved int `json:"unserved"`  // the desk closed first: the goal is 0
	Waits    int `json:"in_queue"`  // still waiting
	Longest  int `json:"longest_s"` // wait of the citizens who were served, in seconds
	Median   int `json:"median_s"`
	Share    int `json:"kept_percent"` // of the served citizens who were told a range; the goal is 80
}

// Grade grades the promises to the citizens who joined at from or later and before until. It
// reads every conversation that there is (ADR 0013). It returns no code of its own.
func (d *Service) Grade(ctx context.Context, from, until time.Time) (Grades, error) {
	var g Grades
	var waits []time.Duration
	err := d.conversations(ctx, func(tail conversation.Entry) error {
		if tail.At.Before(from) {
			return nil
		}
		entries, err := d.Entries(ctx, tail)
		if err != nil {
			return err
		}
		if at := entries[0].At; at.Before(from) || !at.Before(until) {
			return nil
		}
		if wait, served := g.add(entries); served {
			waits = append(waits, wait)
		}
		return nil
	})
	if len(waits) > 0 {
		slices.Sort(waits)
		g.Median, g.Longest = int(waits[len(waits)/2].Seconds()), int(waits[len(waits)-1].Seconds())
	}
	if served := g.Kept + g.Sooner + g.Later; served > 0 {
		g.Share = 100 * g.Kept / served
	}
	return g, err
}

// add grades one conversation. It returns how long the citizen waited, and whether the citizen
// was served.
func (g *Grades) add(entries []conversation.Entry) (wait time.Duration, served bool) {
	first, last := entries[0], entries[len(entries)-1].State
	g.Joined++
	if first.Promise.Ranged() {
		g.Promised++
	}
	i := slices.IndexFunc(entries, func(e conversation.Entry) bool { return e.Kind == conversation.KindAssigned })
	switch {
	case i < 0 && last.Outcome == conversation.NotServed:
		g.Unserved++
	case i < 0 && last.Status == conversation.StatusEnded:
		g.Left++
	case i < 0:
		g.Waits++
	}
	if i < 0 {
		return 0, false
	}
	wait = entries[i].At.Sub(first.At)
	switch first.Promise.Against(wait) {
	case queue.Within:
		g.Kept++
	case queue.Sooner:
		g.Sooner++
	case queue.Later:
		g.Later++
	}
	return wait, true
}
