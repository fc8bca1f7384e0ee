package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// MaxCases is how many cases a conversation can be about.
const MaxCases = 5

// A JoinRequest is what a citizen brings to the queue.
type JoinRequest struct {
	Topic    queue.Topic
	Question conversation.Text // "" for none
	Cases    []cases.ID        // of the citizen's, at most MaxCases
}

// Joined is the answer to a JoinRequest. If Decision does not admit the citizen, there is no
// conversation.
type Joined struct {
	Decision admission.Decision
	View     View
}

// Join takes a ticket and opens a conversation. A citizen who has a live conversation gets
// that one: a holder has one, however many tabs and devices. Admission is decided by the
// desk's clock, not by what the page has shown. Join returns:
//
//   - code.Forbidden if the caller is not a citizen;
//   - code.Invalid for a topic that is not one of the caller's, more than MaxCases cases, or a case
//     that is named twice;
//   - code.NotFound for a case that is not the caller's;
//   - *code.TooFast if the person takes tickets faster than Times.JoinPace;
//   - *Elsewhere, a Conflict, if the live conversation is for another company;
//   - code.Superseded if a newer connection of the person has taken over;
//   - code.Conflict if the live conversation has just ended: the client is to ask again.
func (d *Desk) Join(ctx context.Context, who conversation.Caller, req JoinRequest) (Joined, error) {
	if who.Side != identity.SideCitizen {
		return Joined{}, code.Forbidden
	}
	j, err := d.joining(ctx, who, req)
	if err != nil {
		return Joined{}, err
	}
	began := d.Time()
	decision := d.admit(j.policy, who, j.line, began)
	if !decision.Admitted() {
		return d.rejoin(ctx, who, decision)
	}
	if after := d.joins.spend(who.ID, d.Times.JoinPace, began); after > 0 {
		joined, err := d.rejoin(ctx, who, decision)
		_, elsewhere := errors.AsType[*Elsewhere](err)
		if errors.Is(err, code.Conflict) && !elsewhere { // there is no live conversation
			err = &code.TooFast{After: after}
		}
		return joined, err
	}
	t, err := d.take(ctx, &j)
	if err != nil {
		return Joined{}, err
	}
	// Taking the ticket may have lasted until after closing time.
	at := d.Time()
	if late := d.admit(j.policy, who, j.line, at); late.State == admission.Closed && !late.Early {
		if err := d.giveBack(ctx, t); err != nil {
			return Joined{}, err
		}
		return d.rejoin(ctx, who, late)
	}
	first := slipHolds(j.policy.Calendar, who.Slip, began)
	entry, position := d.firstEntry(j, t.ticket, first, at)
	step := store.StepFor(conversation.Entry{}, entry)
	if first {
		step.Changes = append(step.Changes, store.DropSlip{Slip: store.Slip{Holder: who.Holder(), After: who.Slip}})
	}
	err = d.Store.Commit(ctx, step)
	var unmet *store.Unmet
	if errors.As(err, &unmet) {
		if err := d.giveBack(ctx, t); err != nil {
			return Joined{}, err
		}
		if _, used := unmet.Change.(store.DropSlip); used { // the slip was used since the socket was opened
			who.Slip = time.Time{}
			return d.Join(ctx, who, req)
		}
		return d.rejoin(ctx, who, decision) // there is a live conversation
	}
	var lost *store.Lost
	if err != nil && (!errors.As(err, &lost) || lost.Entry.State.Citizen.ID != who.ID) {
		return Joined{}, err
	}
	if t.isNext || first {
		d.dispatchFresh(ctx, j.line, entry)
	}
	return Joined{Decision: decision, View: View{Last: entry, Entries: []conversation.Entry{entry}, Position: position}}, nil
}

// A joining is what a join has read, each thing once.
type joining struct {
	who    conversation.Caller
	req    JoinRequest
	cases  []cases.Ref
	policy admission.Policy
	line   queue.Line // with what is known of it since the ticket was taken
}

func (d *Desk) joining(ctx context.Context, who conversation.Caller, req JoinRequest) (j joining, err error) {
	j.who, j.req = who, req
	if j.cases, err = d.attach(ctx, who, req); err != nil {
		return j, err
	}
	if j.policy, err = d.Policy(ctx); err != nil {
		return j, err
	}
	j.line, err = d.Glance(ctx, req.Topic)
	return j, err
}

// firstEntry returns the first entry of the conversation of a ticket that was just taken, and
// the position that the citizen is told. The argument front says that a slip lets the citizen
// go first.
func (d *Desk) firstEntry(j joining, ticket queue.Ticket, front bool, at time.Time) (conversation.Entry, Position) {
	who := j.who
	profile := conversation.Profile{
		Person: identity.PersonID(who.ID), Name: who.Name, Role: string(who.Role), Province: who.Province,
		Company: who.Company, CompanyName: who.CompanyName, Sealed: who.Sealed,
	}
	entry := conversation.Join(conversation.Command{At: at, By: who.Actor()}, ticket, profile, j.req.Question, j.cases)
	if front {
		entry.State.Returned, entry.Reason = true, conversation.HasSlip
	}
	position := d.positionAt(j.policy, j.line, entry, at)
	entry.Promise = &queue.Promise{Ahead: position.Ahead, Low: int(position.Low.Seconds()), High: int(position.High.Seconds())}
	return entry, position
}

// A freshTicket is a ticket that was just taken. isNext says that no citizen of its shard is
// ahead.
type freshTicket struct {
	ticket queue.Ticket
	isNext bool
}

// giveBack gives up a ticket that no citizen has. Citizens behind it may have left the search
// for an advisor to its owner, so giveBack searches if the ticket was the next.
func (d *Desk) giveBack(ctx context.Context, t freshTicket) error {
	if err := d.Store.Commit(ctx, store.Step{Changes: []store.Change{store.Gone{Ticket: t.ticket, At: d.Time()}}}); err != nil {
		return err
	}
	if t.isNext {
		d.Dispatch(ctx, t.ticket.Topic, conversation.Entry{})
	}
	return nil
}

// take takes a ticket, and notes in j.line what the ticket shows about the line.
func (d *Desk) take(ctx context.Context, j *joining) (freshTicket, error) {
	shard := queue.ShardOf(j.who.ID, len(j.line.Shards))
	ticket, called, err := d.Store.Take(ctx, j.req.Topic, shard)
	if err != nil {
		return freshTicket{}, err
	}
	s := &j.line.Shards[shard]
	s.Taken, s.Called = ticket.N, called
	if len(j.line.Shards) > 1 {
		ticket.Place = j.line.Taken()
	}
	return freshTicket{ticket: ticket, isNext: s.Ahead(ticket.N) == 0}, nil
}

// rejoin answers a join with the live conversation, if there is one: it stays, whatever the
// desk would say to a citizen without one. Otherwise it answers with the decision. If the
// decision admits the citizen, it returns code.Conflict instead.
func (d *Desk) rejoin(ctx context.Context, who conversation.Caller, decision admission.Decision) (Joined, error) {
	v, err := d.Resume(ctx, who, "", 0)
	switch {
	case err == nil:
		d.answers(ctx, who, v.Last)
		return Joined{Decision: admission.Decision{State: admission.Open}, View: v}, nil
	case !errors.Is(err, code.NotFound):
		return Joined{}, err
	case decision.Admitted():
		return Joined{}, code.Conflict // it ended between the two reads: ask again
	}
	return Joined{Decision: decision}, nil
}

// attach returns the cases that the conversation is about: the requested ones. If the request
// names none and the topic is about cases, it returns all of the citizen's, at most MaxCases, so
// that the advisor has them in front. It returns code.NotFound for a case that is not the
// citizen's. It returns code.Invalid for a topic that is not one of the citizen's, too many cases,
// or a case that is named twice.
func (d *Desk) attach(ctx context.Context, who conversation.Caller, req JoinRequest) ([]cases.Ref, error) {
	if !slices.Contains(queue.TopicsOf(who.Audience), req.Topic) || len(req.Cases) > MaxCases {
		return nil, code.Invalid
	}
	if len(req.Cases) == 0 && req.Topic == queue.EmployerBenefits {
		return nil, nil
	}
	own, err := d.Cases.Refs(ctx, who.Identity)
	if err != nil {
		return nil, err
	}
	if len(req.Cases) == 0 {
		return own[:min(len(own), MaxCases)], nil
	}
	var refs []cases.Ref
	for i, id := range req.Cases {
		if slices.Contains(req.Cases[:i], id) {
			return nil, code.Invalid
		}
		n := slices.IndexFunc(own, func(c cases.Ref) bool { return c.ID == id })
		if n < 0 {
			return nil, code.NotFound
		}
		refs = append(refs, own[n])
	}
	return refs, nil
}

// Admit decides whether the caller may join a queue with that line now. It fails only if the
// rules cannot be read.
func (d *Desk) Admit(ctx context.Context, who conversation.Caller, line queue.Line) (admission.Decision, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return admission.Decision{}, err
	}
	return d.admit(policy, who, line, d.Time()), nil
}

func (d *Desk) admit(policy admission.Policy, who conversation.Caller, line queue.Line, at time.Time) admission.Decision {
	ahead := line.Waiting()
	if slipHolds(policy.Calendar, who.Slip, at) {
		ahead = len(line.Returned)
	}
	return policy.Decide(admission.Request{
		At: at, Login: who.Login, Audience: who.Audience, Role: who.Role,
		Province: who.Province, Company: who.CompanyName, Load: d.load(line, ahead),
	})
}

// Load returns what admission needs to know about a line.
func (d *Desk) Load(line queue.Line) admission.Load { return d.load(line, line.Waiting()) }

// load is Load for a citizen with that many people ahead. While no advisor is present, no wait
// is promised, and only the length of a conversation has to fit before closing.
func (d *Desk) load(line queue.Line, ahead int) admission.Load {
	low, high, _ := line.Figures.Wait(ahead, d.Times.Handling)
	return admission.Load{LowWait: low, HighWait: high, Handling: d.Times.Handling, Known: true, Unattended: !line.Figures.Attended(), FullSince: line.Figures.FullSince}
}

// Line reads the line of a topic. It returns no code of its own.
func (d *Desk) Line(ctx context.Context, topic queue.Topic) (queue.Line, error) {
	n, err := d.shards(ctx)
	if err != nil {
		return queue.Line{}, err
	}
	return d.Store.Line(ctx, topic, n)
}

// Glance reads the line of a topic to tell a citizen about it. Tens of thousands of citizens
// may ask at the same time. With one shard Glance is exact. With several shards it may miss
// what was written in the last second, because each citizen reads every shard and a partition
// takes 3,000 exact reads a second. Glance returns no code of its own.
func (d *Desk) Glance(ctx context.Context, topic queue.Topic) (queue.Line, error) {
	n, err := d.shards(ctx)
	switch {
	case err != nil:
		return queue.Line{}, err
	case n == 1:
		return d.Store.Line(ctx, topic, n)
	}
	return d.Store.Glance(ctx, topic, n)
}

func (d *Desk) shards(ctx context.Context) (int, error) {
	if d.Shards == nil {
		return 1, nil
	}
	return d.Shards(ctx)
}
