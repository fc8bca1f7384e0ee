package chat_test

import (
	"errors"
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/upkeep"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// forCompany returns a consultant who acts for a company.
func forCompany(id string, company identity.CompanyID) conversation.Caller {
	return conversation.Caller{
		Identity: identity.Identity{
			Side:        identity.SideCitizen,
			ID:          id,
			Name:        "Persona " + id,
			Login:       identity.Login{Scheme: identity.SPID, Level: 2},
			Audience:    identity.Intermediary,
			Role:        identity.RoleConsultant,
			Province:    "MI",
			Company:     company,
			CompanyName: "Azienda " + string(company),
		},
	}
}

func (w *world) joinFor(c client, topic queue.Topic) (desk.Joined, error) {
	return w.Join(w.t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: topic, Question: "domanda di " + conversation.Text(c.who.CompanyName)})
}

// TestAConversationIsOfOneContext: for another company of the same person, and for the
// person as a worker, it is not found, and nothing of it is told or done.
func TestAConversationIsOfOneContext(t *testing.T) {
	w := newWorld(t)
	a := client{forCompany("p", "A"), w.connection()}
	j, err := w.joinFor(a, queue.EmployerCase)
	w.must(err)
	id := j.View.Last.Conversation
	for name, who := range map[string]conversation.Caller{"another company": forCompany("p", "B"), "the person as a worker": worker("p")} {
		c := client{who, w.connection()}
		c.conn.Epoch = w.clock().UnixMilli() + 1000
		_, err := w.Resume(t.Context(), who.Over(c.conn), id, 0)
		fails(t, name+" resumes it", err, code.NotFound)
		_, err = w.say(c, id, 1, "x")
		fails(t, name+" writes in it", err, code.NotFound)
		_, err = w.Ping(t.Context(), who.Over(c.conn), id)
		fails(t, name+" pings it", err, code.NotFound)
		_, err = w.Leave(t.Context(), who.Over(c.conn), id)
		fails(t, name+" leaves it", err, code.NotFound)
		fails(t, name+" types in it", w.Typing(t.Context(), who.Over(c.conn), id), code.NotFound)
		_, err = w.Transcript(t.Context(), who, id)
		fails(t, name+" reads it", err, code.NotFound)
		pass, err := w.NewPass(t.Context(), who)
		w.must(err)
		same(t, name+": the ticket knows", pass.Conversation, queue.ConversationID(""))
	}
	same(t, "still of its own socket", w.tail(id).State.Citizen.Connection, a.conn.ID)
}

// TestWhoIsElsewhereIsToldSoAtAnyPace checks that a person who asks too fast is still told of
// the conversation for another company.
func TestWhoIsElsewhereIsToldSoAtAnyPace(t *testing.T) {
	w := newWorld(t)
	_, err := w.joinFor(client{forCompany("p", "A"), w.connection()}, queue.EmployerCase)
	w.must(err)
	b := client{forCompany("p", "B"), w.connection()}
	for range w.Times.JoinPace.Burst + 1 {
		_, err = w.joinFor(b, queue.EmployerBenefits)
		if _, ok := errors.AsType[*desk.Elsewhere](err); !ok {
			t.Fatalf("got %v", err)
		}
	}
}

// TestAPersonHoldsOnePlaceForAllCompanies, and one as a worker.
func TestAPersonHoldsOnePlaceForAllCompanies(t *testing.T) {
	w := newWorld(t)
	a := client{forCompany("p", "A"), w.connection()}
	first, err := w.joinFor(a, queue.EmployerCase)
	w.must(err)
	b := client{forCompany("p", "B"), w.connection()}
	_, err = w.joinFor(b, queue.EmployerBenefits)
	var other *desk.Elsewhere
	if !errors.As(err, &other) || !errors.Is(err, code.Conflict) {
		t.Fatalf("joining for another company: %v", err)
	}
	same(t, "the company is named", other.Name, "Azienda A")
	_, err = w.Resume(t.Context(), b.who.Over(b.conn), "", 0)
	if !errors.As(err, &other) {
		t.Errorf("hello of another company: %v", err)
	}
	own := client{worker("p"), w.connection()}
	private, err := w.joinFor(own, queue.WorkerCase)
	w.must(err)
	same(t, "the private case is apart", private.View.Last.State.Topic, queue.WorkerCase)
	again, err := w.joinFor(a, queue.EmployerBenefits)
	w.must(err)
	same(t, "the same company gets its own", again.View.Last.Conversation, first.View.Last.Conversation)

	fails(t, "leaving what is not elsewhere", w.LeaveElsewhere(t.Context(), a.who), code.NotFound)
	fails(t, "as an advisor", w.LeaveElsewhere(t.Context(), advisor("p")), code.Forbidden)
	w.must(w.LeaveElsewhere(t.Context(), b.who))
	same(t, "ended", w.tail(first.View.Last.Conversation).Reason, conversation.LeftByCitizen)
	same(t, "its page is told", w.kinds(a.conn), []conversation.Kind{conversation.KindClosed})
	second, err := w.joinFor(b, queue.EmployerBenefits)
	w.must(err)
	same(t, "the question is asked", second.View.Entries[0].Text, conversation.Text("domanda di Azienda B"))
	same(t, "the private one goes on", w.tail(private.View.Last.Conversation).State.Status, conversation.Queued)
}

// TestAnEscalationIsOfOneContext: what was sent for one company is listed for no other.
func TestAnEscalationIsOfOneContext(t *testing.T) {
	w := newWorld(t)
	a, c := w.onDuty("a", 3), client{forCompany("p", "A"), w.connection()}
	j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.EmployerCase, Cases: []cases.ID{"p.case"}})
	w.must(err)
	id := j.View.Last.Conversation
	_, err = w.Accept(t.Context(), a.who.Over(a.conn), id)
	w.must(err)
	_, err = w.Escalations.Escalate(t.Context(), a.who.Over(a.conn), id, 1, "p.case", "manca un documento")
	w.must(err)
	for name, test := range map[string]struct {
		who  conversation.Caller
		want int
	}{
		"the company":     {c.who, 1},
		"another company": {forCompany("p", "B"), 0},
		"as a worker":     {worker("p"), 0},
		"another person":  {forCompany("q", "A"), 0},
	} {
		all, err := w.Escalations.List(t.Context(), test.who)
		w.must(err)
		same(t, name, len(all), test.want)
	}
}

// TestErasureFindsEveryContext of a person.
func TestErasureFindsEveryContext(t *testing.T) {
	w := newWorld(t)
	c := client{forCompany("p", "A"), w.connection()}
	j, err := w.joinFor(c, queue.EmployerCase)
	w.must(err)
	_, err = w.Erase(t.Context(), "p", noted)
	fails(t, "while one is live", err, code.Conflict)
	_, err = w.Leave(t.Context(), c.who.Over(c.conn), j.View.Last.Conversation)
	w.must(err)
	d, err := w.Export(t.Context(), "p")
	w.must(err)
	same(t, "exported", len(d.Conversations), 1)
	r, err := w.Erase(t.Context(), "p", noted)
	w.must(err)
	same(t, "erased", r.Conversations, 1)
}

// TestAVisitorOfTheQueueIsToldTheTruth: nobody serves, or not before the end.
func TestAVisitorOfTheQueueIsToldTheTruth(t *testing.T) {
	w := newWorld(t)
	w.sweep()
	line, err := w.Line(t.Context(), queue.WorkerCase)
	w.must(err)
	d, err := w.Admit(t.Context(), worker("p"), line)
	w.must(err)
	same(t, "with nobody there", []any{d.State, d.Reason, d.High}, []any{admission.Open, admission.Unattended, time.Duration(0)})
	c := w.citizen("p")
	id := w.join(c)
	v, err := w.Ping(t.Context(), c.who.Over(c.conn), id)
	w.must(err)
	same(t, "who waits is told", []any{v.Unattended, v.WaitKnown, v.Unlikely}, []any{true, false, false})

	full := w.onDuty("a", 1)
	same(t, "the first is served", w.tail(id).State.Advisor.ID, "a")
	w.sweep()
	q := w.citizen("q")
	second := w.join(q)
	v, err = w.Ping(t.Context(), q.who.Over(q.conn), second)
	w.must(err)
	same(t, "now somebody serves", []any{v.Unattended, v.WaitKnown}, []any{false, true})
	_, err = w.SetPresence(t.Context(), full.who.Over(full.conn), conversation.Paused, 1)
	w.must(err)
	w.sweep()
	v, err = w.Ping(t.Context(), q.who.Over(q.conn), second)
	w.must(err)
	same(t, "all are paused", v.Unattended, true)
}

// TestPeopleWaitAndNobodyServes: the sweep counts them for the alarm, the supervisor sees them.
func TestPeopleWaitAndNobodyServes(t *testing.T) {
	w := newWorld(t)
	w.join(w.citizen("p"))
	w.join(w.citizen("q"))
	same(t, "with nobody there", w.sweep().Unattended, 2)
	a := w.onDuty("a", 1)
	same(t, "with an advisor", w.sweep().Unattended, 0)
	_, err := w.SetPresence(t.Context(), a.who.Over(a.conn), conversation.Paused, 1)
	w.must(err)
	same(t, "all paused", w.sweep().Unattended, 1)
	all, err := w.Attendances(t.Context())
	w.must(err)
	same(t, "attendance", all[0], upkeep.Attendance{Topic: queue.WorkerCase, Waiting: 1, Advisors: 1})
	w.pass(4 * time.Hour)
	same(t, "after the closing", w.sweep().Unattended, 0)
}

// TestTheEstimateNeverGoesPastTheEnd of the day's service.
func TestTheEstimateNeverGoesPastTheEnd(t *testing.T) {
	w := newWorld(t)
	w.pass(2*time.Hour + 30*time.Minute) // 17:30
	a := w.onDuty("a", 1)
	w.Times.SlowLease = 24 * time.Hour
	w.must(w.RenewAdvisor(t.Context(), a.who.Over(a.conn)))
	w.talking(w.citizen("first"), a)
	w.sweep()
	var waiting []client
	var ids []queue.ConversationID
	for _, name := range []string{"p1", "p2", "p3", "p4"} {
		c := w.citizen(name)
		j, err := w.Join(t.Context(), c.who.Over(c.conn), desk.JoinRequest{Topic: queue.WorkerCase})
		w.must(err)
		if j.Decision.Admitted() {
			waiting, ids = append(waiting, c), append(ids, j.View.Last.Conversation)
		}
	}
	end := opening.Add(3*time.Hour + w.Times.Grace)
	unlikely := 0
	for w.clock().Before(end.Add(-time.Minute)) {
		w.pass(time.Minute)
		w.sweep()
		for i, c := range waiting {
			v, err := w.Ping(t.Context(), c.who.Over(c.conn), ids[i])
			w.must(err)
			if v.WaitKnown && w.clock().Add(v.High).After(end) {
				t.Fatalf("at %s number %d is told of up to %s", w.clock(), i, v.High)
			}
			if v.Unlikely {
				unlikely++
			}
		}
	}
	if len(waiting) == 0 || unlikely == 0 {
		t.Errorf("%d wait, told %d times that it is unlikely", len(waiting), unlikely)
	}
}

// TestAnAdvisorIsToldOfAMissedOffer, and why there is a pause now.
func TestAnAdvisorIsToldOfAMissedOffer(t *testing.T) {
	w := newWorld(t)
	a := w.onDuty("a", 1)
	w.join(w.citizen("p"))
	w.pass(w.Times.Offer)
	w.sweep()
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.told[a.conn.ID]
	last, ok := told[len(told)-1].(desk.DutyChanged)
	same(t, "told", []any{ok, last.Why, last.Advisor.Presence}, []any{true, conversation.OfferMissed, conversation.Paused})
}
