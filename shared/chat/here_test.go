package chat_test

import (
	"testing"
	"time"

	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// TestAreYouStillThere has, for everybody who waits, what the question and its
// answers do.
func TestAreYouStillThere(t *testing.T) {
	const limit = time.Minute
	until := opening.Add(limit)
	citizen := conversation.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c5", Epoch: 5}
	system := conversation.Actor{Side: identity.SideSystem}
	waiting := func(change func(*conversation.State)) conversation.Entry {
		s := conversation.State{
			Status: conversation.Queued, Topic: queue.WorkerCase, Ticket: queue.Ticket{Topic: queue.WorkerCase, N: 1},
			Citizen: conversation.Party{ID: "p", Connection: "c5", Epoch: 5},
		}
		change(&s)
		return conversation.Entry{Conversation: "worker_case.0.1", Seq: 9, State: s}
	}
	plain := waiting(func(*conversation.State) {})
	asked := waiting(func(s *conversation.State) { s.AnswerUntil = &until })
	aside := waiting(func(s *conversation.State) { s.AnswerUntil, s.Aside = &until, true })
	asideCalled := waiting(func(s *conversation.State) { s.AnswerUntil, s.Aside, s.Returned = &until, true, true })
	atFront := waiting(func(s *conversation.State) { s.AnswerUntil, s.Returned = &until, true })
	served := waiting(func(s *conversation.State) { s.Status, s.Advisor.ID = conversation.Assigned, "a" })
	const (
		nothing = "nothing"
		free    = "free" // waits, and nothing is asked
		put     = "put"  // the question is put
		passed  = "passed over"
	)
	ticket := plain.State.Ticket
	back := store.Return{Topic: queue.WorkerCase, Ticket: ticket}
	off := store.Unreturn{Topic: queue.WorkerCase, Ticket: ticket}
	for name, test := range map[string]struct {
		tail   conversation.Entry
		by     conversation.Actor
		act    conversation.Act
		after  time.Duration
		want   string // or the code of a refusal
		front  bool
		change store.Change
	}{
		"asking":                 {tail: plain, by: system, act: conversation.Ask{Within: limit}, want: put},
		"asking again":           {tail: asked, by: system, act: conversation.Ask{Within: limit}, want: nothing},
		"asking who is served":   {tail: served, by: system, act: conversation.Ask{Within: limit}, want: nothing},
		"no answer in time":      {tail: asked, by: system, act: conversation.StepAside{}, after: limit, want: passed},
		"no answer at the front": {tail: atFront, by: system, act: conversation.StepAside{}, after: limit, want: passed, front: true, change: off},
		"there is time left":     {tail: asked, by: system, act: conversation.StepAside{}, after: limit - 1, want: nothing},
		"who was not asked":      {tail: plain, by: system, act: conversation.StepAside{}, after: limit, want: nothing},
		"stepping aside twice":   {tail: aside, by: system, act: conversation.StepAside{}, after: limit, want: nothing},
		"an answer":              {tail: asked, by: citizen, act: conversation.Here{}, want: free},
		"a late answer, before the ticket is called": {tail: aside, by: citizen, act: conversation.Here{}, after: limit, want: free},
		"a late answer, after it":                    {tail: asideCalled, by: citizen, act: conversation.Here{}, after: limit, want: free, front: true, change: back},
		"an answer to no question":                   {tail: plain, by: citizen, act: conversation.Here{}, want: nothing},
		"an answer of somebody else":                 {tail: aside, by: conversation.Actor{Side: identity.SideCitizen, ID: "q", Epoch: 9}, act: conversation.Here{}, want: string(code.NotFound)},
		"an answer by an advisor":                    {tail: aside, by: conversation.Actor{Side: identity.SideAdvisor, ID: "a"}, act: conversation.Here{}, want: string(code.Forbidden)},
		"a message":                                  {tail: asideCalled, by: citizen, act: conversation.Send{Number: 1, Text: "x"}, want: free, front: true, change: back},
		"a page that reconnects":                     {tail: aside, by: conversation.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c6", Epoch: 6}, act: conversation.Connect{}, want: passed},
		"a connection that is lost":                  {tail: aside, by: system, act: conversation.Away{Connection: "c5"}, want: passed},
		"the ticket is called":                       {tail: aside, by: system, act: conversation.Requeue{Reason: conversation.Silent}, want: passed, front: true},
		"called again":                               {tail: asideCalled, by: system, act: conversation.Requeue{Reason: conversation.Silent}, want: nothing},
		"called, and there is the answer":            {tail: asked, by: system, act: conversation.Requeue{Reason: conversation.Silent}, want: nothing},
		"offering it":                                {tail: aside, by: system, act: conversation.Assign{Advisor: "a"}, want: string(code.Conflict)},
		"ending it":                                  {tail: aside, by: system, act: conversation.Expire{Reason: conversation.Silent}, want: "closed", change: store.Gone{Ticket: ticket, At: opening}},
		"ending it after the call":                   {tail: asideCalled, by: system, act: conversation.Expire{Reason: conversation.Silent}, want: "closed", front: true},
		"ending what was not passed over":            {tail: asked, by: system, act: conversation.Expire{Reason: conversation.Silent}, want: nothing},
	} {
		t.Run(name, func(t *testing.T) {
			next, v := conversation.Decide(test.tail, conversation.Command{At: opening.Add(test.after), By: test.by, Act: test.act})
			s := next.State
			got := nothing
			switch {
			case v.Err != "":
				got = string(v.Err)
			case !v.Append:
			case s.Status != conversation.Queued:
				got = string(s.Status)
			case s.Aside:
				got = passed
			case s.AnswerUntil != nil:
				got = put
			default:
				got = free
			}
			same(t, "what comes of it", got, test.want)
			if !v.Append {
				return
			}
			same(t, "ticket", s.Ticket, ticket)
			same(t, "at the front", s.Returned, test.front)
			if test.by.Side == identity.SideCitizen && got == free {
				same(t, "the sign", s.Sign, next.At.UnixMilli())
			}
			var changes []store.Change
			for _, c := range store.StepFor(test.tail, next).Changes {
				if _, live := c.(store.ClearLive); !live {
					changes = append(changes, c)
				}
			}
			var want []store.Change
			if test.change != nil {
				want = append(want, test.change)
			}
			same(t, "changes", changes, want)
		})
	}
}

// quiet lets time pass in which pages answer pings and nobody does anything.
func (w *world) quiet(d time.Duration, waiting map[queue.ConversationID]client) {
	w.t.Helper()
	for end := w.clock().Add(d); w.clock().Before(end); {
		w.pass(20 * time.Second)
		for id, c := range waiting {
			if w.tail(id).State.Status != conversation.StatusEnded {
				_, err := w.Ping(w.t.Context(), c.who.Over(c.conn), id)
				w.must(err)
			}
		}
		w.sweep()
	}
}

// busy has an advisor serve who has no slot free, and will not give one back.
func (w *world) busy() {
	w.t.Helper()
	w.Times.SlowLease, w.Times.CitizenLease = 24*time.Hour, 24*time.Hour
	w.talking(w.citizen("busy"), w.onDuty("full", 1))
}

// line has people join whom nobody serves yet.
func (w *world) line(ids ...string) (all []queue.ConversationID, pages map[queue.ConversationID]client) {
	w.t.Helper()
	pages = map[queue.ConversationID]client{}
	for _, id := range ids {
		c := w.citizen(id)
		all = append(all, w.join(c))
		pages[all[len(all)-1]] = c
	}
	return all, pages
}

func TestWhoIsAsked(t *testing.T) {
	w := newWorld(t)
	w.busy()
	all, pages := w.line("p1", "p2", "p3", "p4")
	w.quiet(w.Times.Sign, pages)
	for _, id := range all {
		same(t, "asked, minutes after joining", w.tail(id).State.AnswerUntil != nil, false)
	}
	_, err := w.say(pages[all[1]], all[1], 1, "sono qui")
	w.must(err)
	w.quiet(20*time.Second, pages)
	for i, want := range []bool{true, false, true, false} { // the second has just written, the fourth has three ahead
		same(t, "asked", w.tail(all[i]).State.AnswerUntil != nil, want)
		same(t, "told", w.kinds(pages[all[i]].conn), map[bool][]conversation.Kind{true: {conversation.KindAsked}}[want])
	}
}

// silent brings two to the front of which the first has stepped aside.
func silent(t *testing.T) (*world, []queue.ConversationID, map[queue.ConversationID]client) {
	t.Helper()
	w := newWorld(t)
	w.busy()
	all, pages := w.line("p1", "p2")
	w.quiet(w.Times.Sign+20*time.Second, pages)
	_, err := w.Here(t.Context(), pages[all[1]].who.Over(pages[all[1]].conn), all[1])
	w.must(err)
	w.quiet(w.Times.Answer, pages)
	same(t, "the first steps aside", w.tail(all[0]).State.Aside, true)
	same(t, "the second has answered", w.tail(all[1]).State.AnswerUntil == nil, true)
	return w, all, pages
}

func TestWhoStepsAsideIsPassedOverAndLosesNothing(t *testing.T) {
	w, all, pages := silent(t)
	a := w.onDuty("a", 2)
	same(t, "the first", w.tail(all[0]).State.Status, conversation.Queued)
	same(t, "why", w.tail(all[0]).Reason, conversation.Silent)
	same(t, "the second", w.tail(all[1]).State.Advisor.ID, a.who.ID)
	third := w.citizen("p3")
	id := w.join(third)
	same(t, "who comes then", w.tail(id).State.Advisor.ID, a.who.ID)
	_, err := w.Accept(t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	fourth, err := w.Join(t.Context(), worker("p4").Over(w.connection()), desk.JoinRequest{Topic: queue.WorkerCase})
	w.must(err)
	same(t, "nobody is ahead of the fourth", fourth.View.Ahead, 0)
	v, err := w.Here(t.Context(), pages[all[0]].who.Over(pages[all[0]].conn), all[0])
	w.must(err)
	same(t, "back, with nobody ahead", []any{v.Last.State.Returned, v.Ahead, v.Last.State.Ticket.N}, []any{true, 0, 2})
	_, err = w.Close(t.Context(), a.who.Over(a.conn), id, conversation.Settled)
	w.must(err)
	same(t, "and is served before the fourth", w.tail(all[0]).State.Advisor.ID, a.who.ID)
}

func TestWhoAnswersBeforeTheCallKeepsThePlace(t *testing.T) {
	w, all, pages := silent(t)
	_, err := w.Here(t.Context(), pages[all[0]].who.Over(pages[all[0]].conn), all[0])
	w.must(err)
	same(t, "not at the front, but where it was", w.tail(all[0]).State.Returned, false)
	a := w.onDuty("a", 1)
	same(t, "served first", w.tail(all[0]).State.Advisor.ID, a.who.ID)
}

// TestWhatIsASign: everything that a person does brings back whoever had stepped
// aside, to an advisor who is free; nothing that a page does by itself.
func TestWhatIsASign(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(w *world, c client, id queue.ConversationID) error
		sign bool
	}{
		"here": {func(w *world, c client, id queue.ConversationID) error {
			_, err := w.Here(w.t.Context(), c.who.Over(c.conn), id)
			return err
		}, true},
		"a message": {func(w *world, c client, id queue.ConversationID) error {
			_, err := w.say(c, id, 1, "eccomi")
			return err
		}, true},
		"typing": {func(w *world, c client, id queue.ConversationID) error {
			return w.Typing(w.t.Context(), c.who.Over(c.conn), id)
		}, true},
		"joining again": {func(w *world, c client, _ queue.ConversationID) error {
			_, err := w.Join(w.t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
			return err
		}, true},
		"a ping": {func(w *world, c client, id queue.ConversationID) error {
			_, err := w.Ping(w.t.Context(), c.who.Over(c.conn), id)
			return err
		}, false},
		"a read mark": {func(w *world, c client, id queue.ConversationID) error {
			return w.Read(w.t.Context(), c.who.Over(c.conn), id, 1)
		}, false},
		"a new connection": {func(w *world, c client, id queue.ConversationID) error {
			return w.Connected(w.t.Context(), c.who.Over(w.connection()), id)
		}, false},
		"a hello": {func(w *world, c client, id queue.ConversationID) error {
			_, err := w.Resume(w.t.Context(), c.who.Over(c.conn), id, 0)
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, all, pages := silent(t)
			w.onDuty("a", 2)
			w.must(test.do(w, pages[all[0]], all[0]))
			same(t, "given to an advisor", w.tail(all[0]).State.Status == conversation.Assigned, test.sign)
		})
	}
}

// TestWhoHasThePageOpenKeepsThePlace without doing anything, until the desk closes.
func TestWhoHasThePageOpenKeepsThePlace(t *testing.T) {
	w, all, pages := silent(t)
	w.quiet(2*time.Hour, pages)
	same(t, "status", w.tail(all[0]).State.Status, conversation.Queued)
	w.pass(time.Hour + w.Times.Grace)
	swept := w.sweep()
	last := w.tail(all[0])
	same(t, "after", []any{last.State.Outcome, last.Reason, swept.Silent}, []any{conversation.Abandoned, conversation.Silent, 2})
}

// TestNobodyIsAskedWhileNobodyServes: there is no turn to be there for.
func TestNobodyIsAskedWhileNobodyServes(t *testing.T) {
	w := newWorld(t)
	all, pages := w.line("p1", "p2")
	paused := w.onDuty("paused", 1)
	_, err := w.SetPresence(t.Context(), paused.who.Over(paused.conn), conversation.Paused, 1)
	w.must(err)
	same(t, "the first is with the advisor", w.tail(all[0]).State.Status, conversation.Assigned)
	w.quiet(w.Times.Sign+time.Minute, map[queue.ConversationID]client{all[1]: pages[all[1]]})
	same(t, "the second is not asked", w.tail(all[1]).State.AnswerUntil == nil, true)
	same(t, "and waits", w.tail(all[1]).State.Status, conversation.Queued)
}

// TestWhoHadSteppedAsideAtTheEndIsNotUnserved: I-17 counts those who were there.
func TestWhoHadSteppedAsideAtTheEndIsNotUnserved(t *testing.T) {
	w, all, _ := silent(t)
	w.pass(3*time.Hour + w.Times.Grace)
	w.sweep()
	var got []conversation.Reason
	for _, id := range all {
		got = append(got, w.tail(id).Reason)
	}
	same(t, "reasons", got, []conversation.Reason{conversation.Silent, conversation.DeskClosed})
}

// TestWhoStepsAsideWhileTheTicketIsCalled: between the call and the assignment.
func TestWhoStepsAsideWhileTheTicketIsCalled(t *testing.T) {
	w := newWorld(t)
	w.busy()
	all, pages := w.line("p1")
	w.quiet(w.Times.Sign+w.Times.Answer, pages)
	w.pass(20 * time.Second)
	w.store.beforeEntry = map[conversation.Kind]func(){conversation.KindAssigned: func() { // a sweep that read the line before the call
		tail := w.tail(all[0])
		next, v := conversation.Decide(tail, conversation.Command{At: w.clock(), By: conversation.Actor{Side: identity.SideSystem}, Act: conversation.StepAside{}})
		same(t, "steps aside", v.Append, true)
		w.must(w.store.Store.Commit(t.Context(), store.StepFor(tail, next)))
	}}
	w.onDuty("a", 1)
	same(t, "given away", w.tail(all[0]).State.Status, conversation.Queued)
	same(t, "stepped aside", w.tail(all[0]).State.Aside, true)
	w.sweep()
	same(t, "called, as the sweep finds", w.tail(all[0]).State.Returned, true)
	c := pages[all[0]]
	_, err := w.Here(t.Context(), c.who.Over(c.conn), all[0])
	w.must(err)
	same(t, "served after the answer", w.tail(all[0]).State.Status, conversation.Assigned)
}

// TestAnAnswerWhileTheTicketIsPassedOver is in time.
func TestAnAnswerWhileTheTicketIsPassedOver(t *testing.T) {
	w, all, pages := silent(t)
	c := pages[all[0]]
	w.store.beforeEntry = map[conversation.Kind]func(){conversation.KindRequeued: func() {
		_, err := w.Here(t.Context(), c.who.Over(c.conn), all[0])
		w.must(err)
	}}
	w.onDuty("a", 2)
	same(t, "served", w.tail(all[0]).State.Status, conversation.Assigned)
}
