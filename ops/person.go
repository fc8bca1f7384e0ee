package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/chat/upkeep"
	"infocig/shared/hours"
	"infocig/shared/identity"
)

type exportCommand struct{ place }

// Run prints the dossier of a person.
func (c exportCommand) Run(ctx context.Context, t terminal) error {
	return c.about(ctx, t, func(desk *upkeep.Service, code string, id identity.PersonID) error {
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
			upkeep.Dossier
		}{code, d})
	})
}

type eraseCommand struct {
	place
	Yes bool `help:"Do not ask."`
}

// Run erases a person.
func (c eraseCommand) Run(ctx context.Context, t terminal) error {
	return c.about(ctx, t, func(desk *upkeep.Service, _ string, id identity.PersonID) error {
		if !c.Yes {
			d, err := desk.Export(ctx, id)
			if err != nil {
				return err
			}
			if !t.confirm("%d conversations will be erased for good.", len(d.Conversations)) {
				return errors.New("nothing was erased")
			}
		}
		l, err := c.ledger(ctx)
		if err != nil {
			return err
		}
		erased, err := desk.Erase(ctx, id, func(ids []queue.ConversationID) error { return l.add(ctx, erasure{At: desk.Now(), Conversations: ids}) })
		if errors.Is(err, upkeep.ErrAlive) {
			return errors.New("the person has a conversation that has not ended: nothing was erased; try again after it has ended")
		}
		return errors.Join(t.print(erased), again(err))
	})
}

type retainCommand struct {
	place
	Days *int `placeholder:"N" help:"For how many days a conversation is kept after its end. With --stage: as long as the owner says, if none are given."`
	Yes  bool `help:"Do not ask whether to keep them for fewer days than the owner says."`
}

// Run deletes what ended long ago.
func (c retainCommand) Run(ctx context.Context, t terminal) error {
	switch {
	case c.Days == nil && c.Stage == "":
		return errors.New("--days: say for how many days conversations are kept")
	case c.Days != nil && *c.Days < 1:
		return fmt.Errorf("--days %d: want at least 1", *c.Days)
	}
	days, err := c.days(ctx, t)
	if err != nil {
		return err
	}
	desk, done, err := c.open(ctx)
	if err != nil {
		return err
	}
	erased, err := desk.Retain(ctx, time.Now().AddDate(0, 0, -days))
	return errors.Join(t.print(erased), again(err), done())
}

// days is for how many conversations are kept. Fewer than the owner says are asked about.
func (c retainCommand) days(ctx context.Context, t terminal) (int, error) {
	if c.Stage == "" {
		return *c.Days, nil
	}
	i, err := c.installation(ctx, c.Stage)
	if err != nil {
		return 0, err
	}
	kept := i.values.ConversationDays
	if c.Days == nil {
		return kept, nil
	}
	if *c.Days < kept && !c.Yes && !t.confirm("The owner keeps conversations for %d days, and not for %d: what ended between %d and %d days ago will be deleted for good.", kept, *c.Days, *c.Days, kept) {
		return 0, fmt.Errorf("nothing was deleted: --yes keeps them for %d days, and not for the owner's %d", *c.Days, kept)
	}
	return *c.Days, nil
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
	var all []store.Access
	who, err := c.staff(ctx)
	if err == nil {
		all, err = desk.Accesses(ctx, who, queue.ConversationID(c.Conversation))
	}
	if err != nil {
		return errors.Join(err, done())
	}
	return errors.Join(t.print(all), done())
}

// again says what to do about an erasure that stopped.
func again(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("stopped halfway; give the same command again, which goes on from there: %w", err)
}

// about asks for the person and does something with what is stored about them.
func (p place) about(ctx context.Context, t terminal, do func(*upkeep.Service, string, identity.PersonID) error) error {
	if p.Stage != "" { // before a codice fiscale is asked for
		if _, err := p.target(ctx); err != nil {
			return err
		}
	}
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
