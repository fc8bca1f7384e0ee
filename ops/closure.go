package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"infocig/shared/aws/push"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/socket"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/hours"
)

type closeCommand struct {
	place
	Reason string    `required:"" placeholder:"TEXT" help:"A few words in Italian that everybody reads, as: guasto degli impianti."`
	Until  time.Time `placeholder:"TIME" help:"As 2026-11-23T16:30:00+01:00; by default the end of the day in Italy."`
	Yes    bool      `help:"Do not ask whether the desk is to be closed for more than 31 days."`
}

// closed is what closing the desk came to, as POST /v1/operator/closure answers it.
type closed struct {
	Closure hours.Closure `json:"closure"`
	OpensAt time.Time     `json:"opens_at,omitzero"`
	Ended   int           `json:"ended"`
	Left    int           `json:"left"`
}

// Run closes the desk at once.
func (c closeCommand) Run(ctx context.Context, t terminal) error {
	if err := c.confirmed(t); err != nil {
		return err
	}
	who, err := c.staff(ctx)
	if err != nil {
		return fmt.Errorf("nothing has happened: %w", err)
	}
	desk, done, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("nothing has happened: %w", err)
	}
	if err := c.tell(ctx, desk); err != nil { // it is closed all the same
		fmt.Fprintf(t.err, "who is connected is told within half a minute, and not at once: %v\n", err)
	}
	return errors.Join(closeDesk(ctx, t, desk, who, c.Reason, c.Until), done())
}

// long is for how long the desk is closed without a question: who wants more may have written another month.
const long = 31 * 24 * time.Hour

// confirmed asks about a closure that would last long.
func (c closeCommand) confirmed(t terminal) error {
	switch left := time.Until(c.Until); {
	case c.Until.IsZero():
	case left <= 0:
		return errors.New("nothing has happened: --until is over: want a time to come")
	case left > long && !c.Yes && !t.confirm("The desk will be closed for %d days, until %s.", int(left.Hours()/24), inRome(c.Until)):
		return fmt.Errorf("nothing has happened: --until is %d days ahead: --yes closes the desk for so long", int(left.Hours()/24))
	}
	return nil
}

func inRome(t time.Time) string { return t.In(hours.Rome()).Format("2006-01-02 15:04") }

// shadow returns the closure that keeps the desk closed when c ends, the longest of several.
func shadow(calendar hours.Calendar, c hours.Closure) (other hours.Closure) {
	for _, o := range calendar.Closures {
		if !o.From.After(c.Until) && o.Until.After(c.Until) && o.Until.After(other.Until) {
			other = o
		}
	}
	return other
}

// closeDesk closes the desk, prints what that came to, and says so if another closure lasts longer.
func closeDesk(ctx context.Context, t terminal, desk *upkeep.Service, who conversation.Caller, reason string, until time.Time) error {
	rules, err := desk.Store.DeskRules(ctx)
	if err != nil {
		return fmt.Errorf("nothing has happened: %w", err)
	}
	policy, err := rules.Policy()
	if err != nil {
		return fmt.Errorf("nothing has happened: %w", err)
	}
	made, err := desk.CloseDesk(ctx, who, reason, until)
	switch {
	case errors.Is(err, code.Invalid):
		return fmt.Errorf("nothing has happened: %w", err)
	case err != nil:
		return fmt.Errorf("the desk may be closed already: give the same command again, which does no harm: %w", err)
	}
	if o := shadow(policy.Calendar, made.Closure); !o.Until.IsZero() {
		opens := "not within a year"
		if !made.Opens.IsZero() {
			opens = inRome(made.Opens)
		}
		fmt.Fprintf(t.err, "another closure is in force until %s (%s): the desk opens %s\n", inRome(o.Until), o.Reason, opens)
	}
	return t.print(closed{made.Closure, made.Opens, made.Ended, made.Left})
}

// tell lets a desk tell those who are connected, where the place is a stage: its stacks say how to
// reach them. Elsewhere their pages ask within half a minute.
func (p place) tell(ctx context.Context, desk *upkeep.Service) error {
	if p.Stage == "" {
		return nil
	}
	i, err := p.installation(ctx, p.Stage)
	if err != nil {
		return err
	}
	address, err := i.output(ctx, "socket", "SocketUrl")
	if err != nil {
		return err
	}
	desk.Push = socket.Pusher{Poster: push.New(i.cfg, "http"+strings.TrimPrefix(address, "ws"))}
	return nil
}

type openCommand struct{ place }

// Run opens the desk again.
func (c openCommand) Run(ctx context.Context, t terminal) error {
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	who, err := c.staff(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("nothing has happened: %w", err), done())
	}
	ended, status, err := desk.OpenDesk(ctx, who)
	if err != nil {
		return errors.Join(fmt.Errorf("the desk may be open already: give the same command again, which does no harm: %w", err), done())
	}
	return errors.Join(t.print(struct {
		Ended []hours.Closure `json:"ended"` // closures
		Open  bool            `json:"open"`
		Until time.Time       `json:"until,omitzero"` // when that changes
	}{append([]hours.Closure{}, ended...), status.Open, status.Until}), done())
}
