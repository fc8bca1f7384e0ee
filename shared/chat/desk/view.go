package desk

import (
	"context"
	"errors"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// A View is a conversation as a party may see it: the entries after the number that the party
// asked for, at most a page.
type View struct {
	Last    conversation.Entry // its state is the state of the conversation
	Entries []conversation.Entry
	More    bool // there are entries after these
	Noted   int  // for the advisor: the number of the advisor's last note
	Position
}

// Page is how many entries a View has at most.
const Page = 50

// Resume returns the entries after since of a citizen's conversation: the conversation id,
// open or ended, or the live one if id is "". The citizen's side is then on the caller's
// connection. Resume returns code.NotFound if the citizen has no such conversation, *Elsewhere
// if the live one is for another company, and code.Superseded if a newer connection has taken
// over.
func (d *Desk) Resume(ctx context.Context, who conversation.Caller, id queue.ConversationID, since int) (View, error) {
	if id == "" {
		live, err := d.Store.Live(ctx, who.Holder())
		if err != nil {
			return View{}, err
		}
		if live.Company != who.Company {
			return View{}, d.elsewhere(ctx, live)
		}
		id = live.Conversation
	}
	return d.view(ctx, who, id, since)
}

// Open returns the entries after since of one of the advisor's conversations, and the number
// of the advisor's last note. The access log records it. Open returns code.Forbidden if the
// caller is not an advisor, code.NotFound if the conversation is not the advisor's, and
// code.Superseded if a newer connection has taken over.
func (d *Desk) Open(ctx context.Context, who conversation.Caller, id queue.ConversationID, since int) (View, error) {
	if who.Side != identity.SideAdvisor {
		return View{}, code.Forbidden
	}
	v, err := d.view(ctx, who, id, since)
	if err != nil {
		return View{}, err
	}
	notes, err := d.Store.Notes(ctx, id)
	if err != nil {
		return View{}, err
	}
	v.Noted = lastNote(notes, identity.StaffID(who.ID))
	return v, d.Record(ctx, who, id, store.ReadConversation, store.WhyAdvising)
}

// view returns the entries after since of a conversation to one of its parties, and makes the
// caller's connection the party's. It returns code.NotFound if the caller is not a party, and
// code.Superseded if a newer connection has taken over. An ended conversation is returned like
// an open one.
func (d *Desk) view(ctx context.Context, who conversation.Caller, id queue.ConversationID, since int) (View, error) {
	page, err := d.Store.Read(ctx, id, since, Page)
	if err != nil {
		return View{}, err
	}
	var tail conversation.Entry
	if n := len(page); 0 < n && n < Page { // it ends with the tail
		tail = page[n-1]
	} else if tail, err = d.Store.Tail(ctx, id); err != nil {
		return View{}, err
	}
	a, err := d.ApplyAt(ctx, tail, who.Actor(), conversation.Connect{})
	if err != nil && !errors.Is(err, code.Closed) {
		return View{}, err
	}
	v := View{Last: a.Last()}
	if v.Entries, err = d.goOn(ctx, page, since, v.Last); err != nil {
		return View{}, err
	}
	if n := len(v.Entries); n > 0 && v.Entries[n-1].Seq > v.Last.Seq {
		v.Last = v.Entries[n-1]
	} else {
		v.More = n > 0 && v.Entries[n-1].Seq < v.Last.Seq
	}
	if who.Side == identity.SideCitizen && v.Last.State.Status == conversation.Queued {
		v.Position, err = d.position(ctx, v.Last)
	}
	return v, err
}

// goOn returns page, which was read after since, with the entries that were stored later, up
// to last.
func (d *Desk) goOn(ctx context.Context, page []conversation.Entry, since int, last conversation.Entry) ([]conversation.Entry, error) {
	end := since + len(page)
	switch {
	case len(page) == Page || last.Seq <= end:
		return page, nil
	case last.Seq == end+1:
		return append(page, last), nil
	}
	rest, err := d.Store.Read(ctx, last.Conversation, end, Page-len(page))
	return append(page, rest...), err
}

// position returns the position of the queued conversation with last entry e.
func (d *Desk) position(ctx context.Context, e conversation.Entry) (Position, error) {
	line, err := d.Glance(ctx, e.State.Topic)
	if err != nil {
		return Position{}, err
	}
	return d.PositionIn(ctx, line, e)
}

// PositionIn returns the position of a waiting conversation in a line that the caller has
// read. It fails only if the rules cannot be read.
func (d *Desk) PositionIn(ctx context.Context, line queue.Line, e conversation.Entry) (Position, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return Position{}, err
	}
	return d.positionAt(policy, line, e, d.Time()), nil
}

func (d *Desk) positionAt(policy admission.Policy, line queue.Line, e conversation.Entry, now time.Time) Position {
	day := d.PhaseOf(policy, now)
	p := Position{Conversation: e.Conversation, Ahead: line.Ahead(e.State.Ticket, e.State.Returned)}
	p.Low, p.High, p.WaitKnown = line.Figures.Wait(p.Ahead, d.Times.Handling)
	p.Unattended = day.Serving && !line.Figures.Attended()
	if ends := d.ends(policy.Calendar, now); day.Serving && p.WaitKnown && !ends.IsZero() {
		p = within(p, ends.Sub(now))
	}
	return day.until(p, now)
}

// tailFor returns the last entry of a conversation to one of its parties, and code.NotFound to
// other callers.
func (d *Desk) tailFor(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return conversation.Entry{}, err
	}
	if refused := conversation.MayRead(tail, who.Actor()); refused != "" {
		return conversation.Entry{}, refused
	}
	return tail, nil
}

// tailForAdvisor is tailFor for what only the conversation's advisor may see.
func (d *Desk) tailForAdvisor(ctx context.Context, who conversation.Caller, id queue.ConversationID) (conversation.Entry, error) {
	if who.Side != identity.SideAdvisor {
		return conversation.Entry{}, code.NotFound
	}
	return d.tailFor(ctx, who, id)
}

// Transcript returns all entries of a conversation to one of its parties. It returns
// code.NotFound to other callers.
func (d *Desk) Transcript(ctx context.Context, who conversation.Caller, id queue.ConversationID) ([]conversation.Entry, error) {
	tail, err := d.tailFor(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return d.Entries(ctx, tail)
}

// Entries returns all entries up to tail. It returns code.Internal if entries are missing.
func (d *Desk) Entries(ctx context.Context, tail conversation.Entry) ([]conversation.Entry, error) {
	var all []conversation.Entry
	for seq := 0; seq < tail.Seq; seq = all[len(all)-1].Seq {
		page, err := d.Store.Read(ctx, tail.Conversation, seq, Page)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return nil, code.Internal // entry tail.Seq exists
		}
		all = append(all, page...)
	}
	return all, nil
}

// Notes returns the private notes of a conversation to its advisor. The access log records it.
// Notes returns code.NotFound to other callers.
func (d *Desk) Notes(ctx context.Context, who conversation.Caller, id queue.ConversationID) ([]conversation.Note, error) {
	if _, err := d.tailForAdvisor(ctx, who, id); err != nil {
		return nil, err
	}
	if err := d.Record(ctx, who, id, store.ReadNotes, store.WhyAdvising); err != nil {
		return nil, err
	}
	return d.Store.Notes(ctx, id)
}

// CasesOf returns the cases of a conversation to its advisor. The access log records it.
// CasesOf returns code.NotFound to other callers.
func (d *Desk) CasesOf(ctx context.Context, who conversation.Caller, id queue.ConversationID) ([]cases.Ref, error) {
	tail, err := d.tailForAdvisor(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return tail.State.Cases, d.Record(ctx, who, id, store.ReadCases, store.WhyAdvising)
}
