package escalation

import (
	"context"
	"errors"
	"slices"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// relay sends an escalation on at once. A failure is only logged, because the sweep sends it
// again.
func (d *Service) relay(ctx context.Context, e conversation.Escalation) {
	if err := d.send(ctx, e); err != nil {
		d.Log.WarnContext(ctx, "cannot send an escalation on", "escalation", e.ID, "err", err)
	}
}

// send has Forward called for an escalation, and records when to look at the escalation again.
func (d *Service) send(ctx context.Context, e conversation.Escalation) error {
	if d.Relay == nil {
		return nil
	}
	if err := d.Relay.Send(ctx, e.ID); err != nil {
		return err
	}
	is := e.Status
	if is == conversation.EscalationPending {
		is = conversation.EscalationQueued
	}
	now := d.Time()
	err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Sent{
		Escalation: e.ID, Was: e.Status, Is: is, Next: now.Add(conversation.EscalationPause(now.Sub(e.At))),
	}}})
	if errors.Is(err, code.Conflict) { // it has moved on already
		return nil
	}
	return err
}

// Forward takes an escalation as far as it can go now: it delivers the escalation to Linea
// INPS if that is not done, and records what the office has done since. It may be called
// twice, late, and concurrently. It does nothing for an escalation that is forgotten or has
// ended. After an error it is to be called again; it returns code.NotFound if the conversation
// is not stored any more.
func (d *Service) Forward(ctx context.Context, id conversation.EscalationID) error {
	e, err := d.Store.Escalation(ctx, id)
	if errors.Is(err, code.NotFound) || err == nil && e.Status.Final() {
		return nil
	}
	if err != nil {
		return err
	}
	answer, err := d.Linea.Ask(ctx, id)
	if errors.Is(err, code.NotFound) { // asked first: an earlier attempt may have arrived
		answer, err = d.deliver(ctx, e)
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		d.Log.ErrorContext(ctx, "linea inps refuses an escalation", "escalation", id, "code", refusal.Code)
		e.Status = conversation.EscalationFailed
		e.Next = e.NextLook(d.Time())
		return d.progress(ctx, conversation.Progress{Escalation: e, Reason: conversation.OfficeRefused})
	}
	if err != nil {
		return err
	}
	slices.SortFunc(answer.Steps, func(a, b OfficeStep) int { return a.Number - b.Number })
	for _, step := range answer.Steps {
		if step.Number <= e.Step {
			continue
		}
		e.Status, e.Step, e.Protocol, e.Due = step.Status, step.Number, answer.Protocol, answer.Due
		e.Next = e.NextLook(d.Time())
		if err := d.progress(ctx, conversation.Progress{Escalation: e, Text: step.Text}); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers an escalation to Linea INPS with the citizen's profile and the advisor's
// words.
func (d *Service) deliver(ctx context.Context, e conversation.Escalation) (OfficeAnswer, error) {
	first, err := d.EntryOf(ctx, e.Conversation, 1)
	if err != nil {
		return OfficeAnswer{}, err
	}
	words, err := d.EntryOf(ctx, e.Conversation, e.Seq)
	if err != nil {
		return OfficeAnswer{}, err
	}
	return d.Linea.Deliver(ctx, Delivery{Escalation: e, Profile: *first.Profile, Advisor: words.Name, Text: words.Text})
}

// progress records news of an escalation and tells both sides. If the conversation has ended,
// the advisor may have another connection by now, and is told over that one, too.
func (d *Service) progress(ctx context.Context, p conversation.Progress) error {
	a, err := d.Apply(ctx, p.Escalation.Conversation, desk.System, p)
	if err != nil || !a.Append || a.Entry.State.Status != conversation.StatusEnded {
		return err
	}
	was := a.Entry.State.Advisor
	me, err := d.Store.Advisor(ctx, identity.StaffID(was.ID))
	if err == nil && me.Connection != was.Connection {
		err = d.PushTo(ctx, identity.SideAdvisor, conversation.Party{Connection: me.Connection, Epoch: me.Epoch}, desk.Happened{Entry: a.Entry})
	}
	if err != nil && !errors.Is(err, code.NotFound) {
		d.Log.WarnContext(ctx, "cannot tell the advisor", "escalation", p.Escalation.ID, "err", err)
	}
	return nil
}

// List returns the escalations that an advisor has sent, or to a citizen those about the
// citizen in the caller's context: those under way, and those that ended within
// EscalationLife, the newest first. The access log records an advisor's call. List returns no
// code of its own.
func (d *Service) List(ctx context.Context, who conversation.Caller) ([]conversation.Escalation, error) {
	theirs := func(e conversation.Escalation) bool {
		t, ok := queue.TicketOf(e.Conversation)
		return ok && e.Person == identity.PersonID(who.ID) && conversation.State{Company: e.Company, Ticket: t}.InContext(who.Company)
	}
	if who.Side == identity.SideAdvisor {
		theirs = func(e conversation.Escalation) bool { return e.Advisor == identity.StaffID(who.ID) }
	}
	var own []conversation.Escalation
	err := d.eachEscalation(ctx, func(e conversation.Escalation) {
		if theirs(e) {
			own = append(own, e)
		}
	})
	if err == nil && who.Side == identity.SideAdvisor {
		err = d.recordLists(ctx, who, own)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(own, func(a, b conversation.Escalation) int { return b.At.Compare(a.At) })
	return own, nil
}

// OfficeWords returns for each escalation what its office said last, and "" if it said nothing
// or the conversation was erased. It returns no code of its own.
func (d *Service) OfficeWords(ctx context.Context, all []conversation.Escalation) ([]conversation.Text, error) {
	words := make([]conversation.Text, len(all))
	err := desk.Each(d.Parallel, len(all), func(i int) error {
		if all[i].Said == 0 {
			return nil
		}
		said, err := d.EntryOf(ctx, all[i].Conversation, all[i].Said)
		if errors.Is(err, code.NotFound) { // erased meanwhile
			return nil
		}
		words[i] = said.Text
		return err
	})
	return words, err
}

// recordLists records in the access log of each conversation that an advisor sees the state of
// its escalation: once a day for each advisor, however often the list is asked for.
func (d *Service) recordLists(ctx context.Context, who conversation.Caller, all []conversation.Escalation) error {
	day := d.Time().Truncate(24 * time.Hour)
	fresh := d.lists.fresh(day, who.ID, all)
	err := desk.Each(d.Parallel, len(fresh), func(i int) error {
		err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.AddAccess{Access: store.Access{
			ID: store.ReadEscalations + "#" + who.ID, At: day, Who: who.ID, What: store.ReadEscalations, Why: store.WhySent, Conversation: fresh[i].Conversation,
		}}}})
		if errors.Is(err, code.Conflict) { // noted today
			return nil
		}
		return err
	})
	if err == nil {
		d.lists.noted(day, who.ID, fresh)
	}
	return err
}

func (d *Service) eachEscalation(ctx context.Context, do func(conversation.Escalation)) error {
	for from := ""; ; {
		page, next, err := d.Store.Escalations(ctx, from)
		if err != nil {
			return err
		}
		for _, e := range page {
			do(e)
		}
		if from = next; from == "" {
			return nil
		}
	}
}

// Chased counts what a sweep found among the escalations.
type Chased struct {
	UnsentS     int `json:"unsent_s"`    // age of the oldest escalation that was not sent on, seconds
	Undelivered int `json:"undelivered"` // escalations on their way to the office
	OldestS     int `json:"oldest_s"`    // age of the oldest undelivered escalation, seconds
	Open        int `json:"open"`        // escalations at an office
	Overdue     int `json:"overdue"`     // open escalations whose office is late
	Sent        int `json:"sent"`        // escalations sent on, or sent on again, by this sweep
}

// Chase looks at every escalation. It sends on those that are due, reports those whose office
// is late, and forgets those that ended longer than EscalationLife ago. It goes on after an
// error, and returns all errors joined, with no code of its own.
func (d *Service) Chase(ctx context.Context) (Chased, error) {
	var c Chased
	var met error
	err := d.eachEscalation(ctx, func(e conversation.Escalation) {
		met = errors.Join(met, d.chaseOne(ctx, e, &c))
	})
	if c.OldestS > int(waitsTooLong.Seconds()) {
		d.Log.WarnContext(ctx, "escalations wait for Linea INPS", "count", c.Undelivered, "age_s", c.OldestS)
	}
	return c, errors.Join(met, err)
}

// waitsTooLong is the age at which an escalation should have been delivered.
const waitsTooLong = 2 * time.Minute

func (d *Service) chaseOne(ctx context.Context, e conversation.Escalation, c *Chased) error {
	now := d.Time()
	due := !e.Next.After(now)
	switch {
	case e.Status.Final() && due:
		return d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Forget{Escalation: e.ID}}})
	case e.Status.Final():
		return nil
	case e.Step == 0:
		c.Undelivered++
		if e.Status == conversation.EscalationPending {
			c.UnsentS = max(c.UnsentS, int(now.Sub(e.At).Seconds()))
		}
		c.OldestS = max(c.OldestS, int(now.Sub(e.At).Seconds()))
	default:
		c.Open++
	}
	if late := e.Step > 0 && e.Due.Before(now); late {
		c.Overdue++
		if !e.Overdue {
			e.Overdue = true
			d.Log.WarnContext(ctx, "an office is late", "escalation", e.ID, "office", e.Office)
			if err := d.progress(ctx, conversation.Progress{Escalation: e, Reason: conversation.OfficeLate}); err != nil {
				return err
			}
		}
	}
	if !due {
		return nil
	}
	c.Sent++
	return d.send(ctx, e)
}
