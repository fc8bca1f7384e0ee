package chat

import (
	"context"
	"errors"
	"slices"

	"infocig/shared/admission"
)

// MaxCases is how many cases a conversation can be about.
const MaxCases = 5

// NewPass makes a pass for who.
func (d *Desk) NewPass(ctx context.Context, who Identity) (Pass, error) {
	p := Pass{ID: d.NewID(), Identity: who, Expires: d.now().Add(d.Times.Pass)}
	if who.Side == SideCitizen {
		live, err := d.Store.Live(ctx, PersonID(who.ID))
		if err != nil && !errors.Is(err, NotFound) {
			return Pass{}, err
		}
		p.Conversation = live.Conversation
	}
	return p, d.Store.PutPass(ctx, p)
}

// Redeem takes a pass out. It returns NotFound if there is none, it is used up
// or it has expired.
func (d *Desk) Redeem(ctx context.Context, id string) (Pass, error) {
	return d.Store.Redeem(ctx, id, d.now())
}

// Connected makes c the connection of who's side in the conversation, if it is
// a live one of theirs. It is called before the client can be answered.
func (d *Desk) Connected(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	if who.Side == SideAdvisor {
		return d.signIn(ctx, who, c)
	}
	if id == "" {
		return nil
	}
	_, err := d.apply(ctx, id, who.Actor(c), Connect{})
	if errors.Is(err, Closed) || errors.Is(err, Superseded) {
		return nil // the client's hello gets the answer
	}
	return err
}

// Disconnected notes that a connection is gone. It may come late or never, and
// never harms a newer connection.
func (d *Desk) Disconnected(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	if who.Side == SideAdvisor {
		err := d.Store.Commit(ctx, Step{Changes: []Change{Renew{Advisor: AdvisorID(who.ID), Epoch: c.Epoch, Lease: d.now().Add(d.Times.Offer)}}})
		if errors.Is(err, Conflict) {
			return nil
		}
		return err
	}
	if id == "" { // joined over this connection, or not at all
		live, err := d.Store.Live(ctx, PersonID(who.ID))
		if errors.Is(err, NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		id = live.Conversation
	}
	_, err := d.apply(ctx, id, system, Away{Connection: c.ID, Reason: Disconnected})
	return err
}

// A View is a conversation as a party may see it: entries after the number
// asked for, at most a page.
type View struct {
	Last    Entry // its state is the conversation's
	Entries []Entry
	More    bool // there are entries after these
	Position
}

// Page is how many entries a View has at most.
const Page = 50

// Resume returns the conversation with the entries after since to a citizen:
// the one named, open or ended, or with id "" the live one. It returns NotFound
// if there is none of theirs. The citizen's side is on c afterwards.
func (d *Desk) Resume(ctx context.Context, who Identity, c Connection, id ConversationID, since int) (View, error) {
	if id == "" {
		live, err := d.Store.Live(ctx, PersonID(who.ID))
		if err != nil {
			return View{}, err
		}
		id = live.Conversation
	}
	return d.view(ctx, who, c, id, since)
}

// view returns the entries after since of a conversation to one of its parties,
// whose connection is c from now on.
func (d *Desk) view(ctx context.Context, who Identity, c Connection, id ConversationID, since int) (View, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Connect{})
	if err != nil && !errors.Is(err, Closed) {
		return View{}, err
	}
	v := View{Last: a.last()}
	if v.Entries, err = d.Store.Read(ctx, id, since, Page); err != nil {
		return View{}, err
	}
	if n := len(v.Entries); n > 0 && v.Entries[n-1].Seq > v.Last.Seq {
		v.Last = v.Entries[n-1]
	} else {
		v.More = n > 0 && v.Entries[n-1].Seq < v.Last.Seq
	}
	if who.Side == SideCitizen && v.Last.State.Status == Queued {
		v.Position, err = d.position(ctx, v.Last)
	}
	return v, err
}

// position returns where the queued conversation with last entry e stands.
func (d *Desk) position(ctx context.Context, e Entry) (Position, error) {
	line, err := d.Store.Line(ctx, e.State.Topic)
	if err != nil {
		return Position{}, err
	}
	return d.positionIn(line, e), nil
}

func (d *Desk) positionIn(line Line, e Entry) Position {
	p := Position{Conversation: e.Conversation, Ahead: line.Ahead(e.State.Ticket, e.State.Returned)}
	p.Low, p.High, p.WaitKnown = line.Figures.Wait(p.Ahead, d.Times.Handling)
	return p
}

// A JoinRequest is what a citizen brings to the queue.
type JoinRequest struct {
	Topic    Topic
	Question Text     // "" for none
	Cases    []CaseID // of theirs, at most MaxCases
}

// Joined is the answer to a JoinRequest. If Decision does not admit, there is
// no conversation.
type Joined struct {
	Decision admission.Decision
	View     View
}

// Join takes a ticket and opens a conversation. Whoever has a live one gets
// that: a person has one, whatever the number of tabs and devices. Admission is
// decided by this clock, not by what the page showed.
func (d *Desk) Join(ctx context.Context, who Identity, c Connection, req JoinRequest) (Joined, error) {
	if who.Side != SideCitizen {
		return Joined{}, Forbidden
	}
	cases, err := d.attach(ctx, who, req)
	if err != nil {
		return Joined{}, err
	}
	line, err := d.Store.Line(ctx, req.Topic)
	if err != nil {
		return Joined{}, err
	}
	decision, err := d.Admit(ctx, who, line)
	if err != nil {
		return Joined{}, err
	}
	if !decision.Admitted() {
		return d.rejoin(ctx, who, c, decision)
	}
	ticket, err := d.Store.Take(ctx, req.Topic)
	if err != nil {
		return Joined{}, err
	}
	profile := Profile{
		Person: PersonID(who.ID), Name: who.Name, Role: string(who.Role), Province: who.Province,
		Company: who.Company, CompanyName: who.CompanyName,
	}
	first := Join(Command{At: d.now(), By: who.Actor(c)}, ticket, profile, req.Question, cases)
	err = d.Store.Commit(ctx, StepFor(Entry{}, first))
	var unmet *Unmet
	if errors.As(err, &unmet) { // has a live one: the ticket is nobody's
		if err := d.Store.Commit(ctx, Step{Changes: []Change{Gone{Ticket: ticket}}}); err != nil {
			return Joined{}, err
		}
		return d.rejoin(ctx, who, c, decision)
	}
	var lost *Lost
	if err != nil && (!errors.As(err, &lost) || lost.Entry.State.Citizen.ID != who.ID) {
		return Joined{}, err
	}
	line.Taken = ticket.N
	v := View{Last: first, Entries: []Entry{first}, Position: d.positionIn(line, first)}
	if v.Ahead == 0 {
		d.dispatch(ctx, req.Topic)
	}
	return Joined{Decision: decision, View: v}, nil
}

// rejoin answers a join by the live conversation, if there is one: it stays
// whatever the desk would say to somebody new.
func (d *Desk) rejoin(ctx context.Context, who Identity, c Connection, decision admission.Decision) (Joined, error) {
	v, err := d.Resume(ctx, who, c, "", 0)
	switch {
	case err == nil:
		return Joined{Decision: admission.Decision{State: admission.Open}, View: v}, nil
	case !errors.Is(err, NotFound):
		return Joined{}, err
	case decision.Admitted():
		return Joined{}, Conflict // it ended between the two reads: ask again
	}
	return Joined{Decision: decision}, nil
}

// attach checks topic and cases of a request.
func (d *Desk) attach(ctx context.Context, who Identity, req JoinRequest) ([]CaseRef, error) {
	workers := who.Audience == admission.Worker
	if !slices.Contains(Topics, req.Topic) || (req.Topic == WorkerCase) != workers || len(req.Cases) > MaxCases {
		return nil, Invalid
	}
	var refs []CaseRef
	for i, id := range req.Cases {
		if slices.Contains(req.Cases[:i], id) {
			return nil, Invalid
		}
		ref, err := d.Cases.Find(ctx, who, id)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// Admit answers whether who may join a queue with that line now.
func (d *Desk) Admit(ctx context.Context, who Identity, line Line) (admission.Decision, error) {
	policy, err := d.Policy(ctx)
	if err != nil {
		return admission.Decision{}, err
	}
	return policy.Decide(admission.Request{
		At: d.now(), Login: who.Login, Audience: who.Audience, Role: who.Role,
		Province: who.Province, Company: who.CompanyName, Load: d.Load(line),
	}), nil
}

// Load is what admission needs to know about a line.
func (d *Desk) Load(line Line) admission.Load {
	low, high, known := line.Figures.Wait(line.Waiting(), d.Times.Handling)
	return admission.Load{LowWait: low, HighWait: high, Handling: d.Times.Handling, Known: known}
}

// Sent is what became of a message or another numbered command.
type Sent struct {
	Entry Entry // as stored; of a duplicate only Seq, and Number, may be known
	Again bool  // it was stored before
}

// Send adds a message by either side.
func (d *Desk) Send(ctx context.Context, who Identity, c Connection, id ConversationID, m Send) (Sent, error) {
	a, err := d.apply(ctx, id, who.Actor(c), m)
	if err != nil {
		return Sent{}, err
	}
	return d.sent(ctx, a, who, m.Number), nil
}

// sent answers a numbered command. A duplicate is pushed to the peer again where
// its entry is at hand, since the first push may be what was lost.
func (d *Desk) sent(ctx context.Context, a applied, who Identity, number int) Sent {
	if a.Append {
		return Sent{Entry: a.entry}
	}
	if a.before.Seq != a.Seq {
		return Sent{Entry: Entry{Conversation: a.before.Conversation, Seq: a.Seq, Number: number}, Again: true}
	}
	side, peer := SideCitizen, a.before.State.Citizen
	if who.Side == SideCitizen {
		side, peer = SideAdvisor, a.before.State.Advisor
	}
	_ = d.push(ctx, side, peer, Happened{Entry: a.before})
	return Sent{Entry: a.before, Again: true}
}

// Typing tells the other side that who is writing.
func (d *Desk) Typing(ctx context.Context, who Identity, c Connection, id ConversationID) error {
	return d.signal(ctx, who, c, id, Typing{Conversation: id})
}

// Read tells the other side that who has seen everything up to seq.
func (d *Desk) Read(ctx context.Context, who Identity, c Connection, id ConversationID, seq int) error {
	return d.signal(ctx, who, c, id, ReadMark{Conversation: id, Seq: seq})
}

func (d *Desk) signal(ctx context.Context, who Identity, c Connection, id ConversationID, e Event) error {
	tail, err := d.Store.Tail(ctx, id)
	if err != nil {
		return err
	}
	peer, code := Peer(tail, who.Actor(c))
	if code != "" {
		return code
	}
	side := SideCitizen
	if who.Side == SideCitizen {
		side = SideAdvisor
	}
	_ = d.push(ctx, side, Party{Connection: peer}, e)
	return nil
}

// Leave ends the conversation by its citizen, waiting or talking.
func (d *Desk) Leave(ctx context.Context, who Identity, c Connection, id ConversationID) (Entry, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Leave{})
	if err != nil {
		return Entry{}, err
	}
	d.slotFreed(ctx, a)
	return a.last(), nil
}

// slotFreed gives the slot that a closed or requeued conversation had to
// whoever waits.
func (d *Desk) slotFreed(ctx context.Context, a applied) {
	if a.Append && a.before.State.Open() && !a.entry.State.Open() {
		if a.entry.State.Status == Queued {
			d.dispatch(ctx, a.entry.State.Topic)
		}
		d.dispatchFor(ctx, AdvisorID(a.before.State.Advisor.ID))
	}
}

// Ping renews the lease of a citizen with a live conversation and returns where
// it stands: a client that misses entries sees it by the number.
func (d *Desk) Ping(ctx context.Context, who Identity, c Connection, id ConversationID) (View, error) {
	a, err := d.apply(ctx, id, who.Actor(c), Connect{})
	if err != nil && !errors.Is(err, Closed) {
		return View{}, err
	}
	v := View{Last: a.last()}
	if who.Side != SideCitizen || err != nil {
		return v, nil
	}
	err = d.Store.Commit(ctx, Step{Changes: []Change{Seen{Person: PersonID(who.ID), Conversation: id, At: d.now()}}})
	if err != nil && !errors.Is(err, Conflict) { // ended in between
		return View{}, err
	}
	if v.Last.State.Status == Queued {
		v.Position, err = d.position(ctx, v.Last)
		return v, err
	}
	return v, nil
}
