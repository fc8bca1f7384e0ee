package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"infocig/shared/chat"
	"infocig/shared/hours"
)

type exportCommand struct{ place }

// Run prints the dossier of a person.
func (c exportCommand) Run(ctx context.Context, t terminal) error {
	return c.about(ctx, t, func(desk *chat.Desk, code string, id chat.PersonID) error {
		d, err := desk.Export(ctx, id)
		if err != nil {
			return err
		}
		for _, conversation := range d.Conversations {
			for _, e := range conversation.Entries {
				if e.Profile != nil {
					e.Profile.Sealed = nil // it is the code that was asked with
				}
			}
		}
		return t.print(struct {
			FiscalCode string `json:"fiscal_code"`
			chat.Dossier
		}{code, d})
	})
}

type eraseCommand struct {
	place
	Yes bool `help:"Do not ask."`
}

// Run erases a person.
func (c eraseCommand) Run(ctx context.Context, t terminal) error {
	return c.about(ctx, t, func(desk *chat.Desk, _ string, id chat.PersonID) error {
		if !c.Yes {
			d, err := desk.Export(ctx, id)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.err, "%d conversations will be erased for good. Type yes to go on: ", len(d.Conversations))
			if line, _ := t.in.ReadString('\n'); strings.TrimSpace(line) != "yes" {
				return errors.New("nothing was erased")
			}
		}
		l, err := c.ledger(ctx)
		if err != nil {
			return err
		}
		erased, err := desk.Erase(ctx, id, func(ids []chat.ConversationID) error { return l.add(ctx, erasure{At: desk.Now(), Conversations: ids}) })
		if errors.Is(err, chat.ErrAlive) {
			return errors.New("the person has a conversation that has not ended: nothing was erased; try again after it has ended")
		}
		return errors.Join(t.print(erased), again(err))
	})
}

type retainCommand struct {
	place
	Days int `required:"" placeholder:"N" help:"For how many days a conversation is kept after its end."`
}

// Run deletes what ended long ago.
func (c retainCommand) Run(ctx context.Context, t terminal) error {
	if c.Days < 1 {
		return errors.New("--days: want at least 1")
	}
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	erased, err := desk.Retain(ctx, time.Now().AddDate(0, 0, -c.Days))
	return errors.Join(t.print(erased), again(err), done())
}

type gradeCommand struct {
	place
	Day string `placeholder:"2026-11-25" help:"Of those who joined. Today if none is given."`
}

// Run grades the promises of a day.
func (c gradeCommand) Run(ctx context.Context, t terminal) error {
	day, rome := time.Now(), hours.Rome()
	if c.Day != "" {
		var err error
		if day, err = time.ParseInLocation(time.DateOnly, c.Day, rome); err != nil {
			return fmt.Errorf("--day %s: want a day such as 2026-11-25", c.Day)
		}
	}
	day = day.In(rome)
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, rome)
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	grades, err := desk.Grade(ctx, from, from.AddDate(0, 0, 1))
	if err != nil {
		return errors.Join(err, done())
	}
	return errors.Join(t.print(grades), done())
}

type accessesCommand struct {
	place
	Conversation string `arg:"" help:"Its name, such as worker_case.0.17."`
}

// Run prints the access log of a conversation.
func (c accessesCommand) Run(ctx context.Context, t terminal) error {
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	all, err := desk.Accesses(ctx, staff(), chat.ConversationID(c.Conversation))
	if err != nil {
		return errors.Join(err, done())
	}
	return errors.Join(t.print(all), done())
}

// staff is who gives a command, for the access log.
func staff() chat.Identity {
	who := "unknown"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	return chat.Identity{ID: "ops:" + who}
}

// again says what to do about an erasure that stopped.
func again(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("stopped halfway; give the same command again, which goes on from there: %w", err)
}

// about asks for the person and does something with what is stored about them.
func (p place) about(ctx context.Context, t terminal, do func(*chat.Desk, string, chat.PersonID) error) error {
	code, err := t.personCode()
	if err != nil {
		return err
	}
	id, err := p.person(ctx, code)
	if err != nil {
		return err
	}
	desk, done, err := p.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(desk, code, id), done())
}
