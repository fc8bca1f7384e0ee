package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// Swept counts what a sweep did.
type Swept struct {
	Looked   int `json:"looked"`   // live conversations looked at
	Away     int `json:"away"`     // citizens without a sign of life
	Requeued int `json:"requeued"` // missed offers, lost advisors, skipped tickets
	Expired  int `json:"expired"`  // conversations ended because of time, the silent ones apart
	Asked    int `json:"asked"`    // citizens asked whether they are still there
	Aside    int `json:"aside"`    // those who have not answered and stepped aside
	Silent   int `json:"silent"`   // conversations ended at the closing whose citizens had stepped aside
	Told     int `json:"told"`     // positions
	Failed   int `json:"failed"`   // conversations left for the next sweep by an error

	// Stuck is for how long somebody has waited although an advisor is free, as
	// the sweep found it and before it put that right; zero if nobody does.
	Stuck time.Duration `json:"stuck"`

	// Unattended is how many people wait for a topic that nobody serves, while the desk
	// is open.
	Unattended int `json:"unattended"`

	Escalations Chased `json:"escalations"`
}

// Sweep looks at every live conversation and does what time asks for; then it
// gives waiting conversations to free advisors and looks after the escalations.
// It may overlap with itself and with everything else, and stop anywhere: the next
// one goes on. It returns the errors that it met after having done what it could.
func (d *Desk) Sweep(ctx context.Context) (Swept, error) {
	s := sweep{Desk: d, advisors: map[identity.StaffID]Advisor{}, lines: map[Topic]Line{}, waiting: map[ConversationID]bool{}, outOfLine: map[ConversationID]bool{}}
	if err := s.load(ctx); err != nil {
		return s.Swept, err
	}
	s.pingAdvisors(ctx)
	met := s.findStuck(ctx)
	closing := s.tellClosing(ctx)
	for from := ""; ; {
		page, next, err := d.Store.AllLive(ctx, from)
		if err != nil {
			return s.Swept, err
		}
		d.tellCitizens(ctx, page, closing)
		for _, l := range page {
			s.Looked++
			if err := s.look(ctx, l); err != nil {
				s.Failed++
				met = errors.Join(met, err)
			}
		}
		if from = next; from == "" {
			break
		}
	}
	var queues []InQueue
	moved := false // since the look before
	for _, topic := range Topics {
		met = errors.Join(met, s.dropOrphans(ctx, topic))
		if s.day.serving {
			d.dispatch(ctx, topic, Entry{})
		}
		if s.day.serving && !s.attended(topic) {
			s.Unattended += s.lines[topic].Waiting()
		}
		figures := s.figures(topic)
		figures.Figures.Marks = s.tellPositions(ctx, topic)
		met = errors.Join(met, d.Store.Commit(ctx, Step{Changes: []Change{figures}}))
		queues = append(queues, InQueue{Topic: topic, Waiting: figures.Figures.Waiting})
		moved = moved || figures.Figures.Waiting != s.lines[topic].Figures.Waiting
	}
	s.tellQueues(ctx, queues, moved)
	chased, err := d.chase(ctx)
	s.Swept.Escalations = chased
	return s.Swept, errors.Join(met, err)
}

type sweep struct {
	*Desk
	Swept
	advisors map[identity.StaffID]Advisor
	lines    map[Topic]Line
	policy   admission.Policy
	day      phase // of the desk, by the calendar
	waiting  map[ConversationID]bool
	// outOfLine are those that an advisor has or that wait at the front: mostly their
	// tickets were called, but not those of who was let go first.
	outOfLine map[ConversationID]bool
}

func (s *sweep) load(ctx context.Context) error {
	policy, err := s.Policy(ctx)
	if err != nil {
		return err
	}
	s.policy, s.day = policy, s.phaseOf(policy, s.now())
	all, err := s.Store.Advisors(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		s.advisors[a.ID] = a
		for _, id := range a.Open {
			s.outOfLine[id] = true
		}
	}
	for _, t := range Topics {
		if s.lines[t], err = s.Line(ctx, t); err != nil {
			return err
		}
		for _, ticket := range s.lines[t].Returned {
			s.outOfLine[ticket.Conversation()] = true
		}
	}
	return nil
}

// findStuck looks for somebody who waits while an advisor is free. The two may
// just be finding each other: only who is still there after Settle counts.
func (s *sweep) findStuck(ctx context.Context) error {
	suspects := map[Topic]Ticket{}
	for _, topic := range Topics {
		if first, ok := s.lines[topic].first(topic); ok && s.day.serving && s.free(topic) {
			suspects[topic] = first
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	if err := sleep(ctx, s.Times.Settle); err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	for _, topic := range Topics {
		suspect, ok := suspects[topic]
		if !ok {
			continue
		}
		if first, ok := s.lines[topic].first(topic); !ok || first != suspect || !s.free(topic) {
			continue
		}
		tail, err := s.Store.Tail(ctx, suspect.Conversation())
		if errors.Is(err, code.NotFound) { // a ticket that nobody has
			continue
		}
		if err != nil {
			return err
		}
		if tail.State.Status == Queued && s.mayHave(tail.State) {
			s.Stuck = max(s.Stuck, s.now().Sub(tail.At))
		}
	}
	return nil
}

// attended reports whether somebody serves topic.
func (s *sweep) attended(topic Topic) bool {
	for _, a := range s.advisors {
		if a.Serves(topic, s.now()) {
			return true
		}
	}
	return false
}

// free reports whether an advisor can be given a conversation of topic.
func (s *sweep) free(topic Topic) bool {
	for _, a := range s.advisors {
		if a.Free(topic, s.now()) > 0 {
			return true
		}
	}
	return false
}

// mayHave reports whether an advisor who is free may have the conversation with state st.
func (s *sweep) mayHave(st State) bool {
	_, ok := Pick(slices.Collect(maps.Values(s.advisors)), st, s.now())
	return ok
}

// inLine reports whether a live conversation waits with a ticket that was not called,
// there is a sign of its citizen, and too many are ahead for him to be asked whether
// he is still there: time asks nothing of it, and its log need not be read.
func (s *sweep) inLine(l Live) bool {
	t, ok := ticketOf(l.Conversation)
	if !ok || s.outOfLine[l.Conversation] || !s.day.serving && !s.day.early || s.now().Sub(l.Seen) >= s.Times.Silence {
		return false
	}
	line := s.lines[t.Topic]
	return t.Shard < len(line.Shards) && line.Shards[t.Shard].ahead(t.N) > asked
}

func (s *sweep) look(ctx context.Context, l Live) error {
	if s.inLine(l) {
		s.waiting[l.Conversation] = true
		return nil
	}
	tail, err := s.Store.Tail(ctx, l.Conversation)
	if err != nil {
		return err
	}
	if tail.State.Status == Queued {
		s.waiting[l.Conversation] = true
	}
	if id := identity.StaffID(tail.State.Advisor.ID); tail.State.Open() && !s.advisors[id].Lease.After(s.now()) {
		// The advisor may have come since the sweep began, or be writing: look again
		// before taking it away.
		if s.advisors[id], err = s.heard(ctx, id); err != nil {
			return err
		}
	}
	act := s.due(tail, l, s.now())
	if act == nil {
		s.pingCitizen(ctx, tail, l)
		return nil
	}
	a, err := s.do(ctx, tail, act)
	if err != nil || !a.Append {
		return err
	}
	switch act := act.(type) {
	case Away:
		s.Away++
	case Requeue:
		s.Requeued++
	case Ask:
		s.Asked++
	case StepAside:
		s.Aside++
	case Expire:
		if act.Reason == Silent {
			s.Silent++
		} else {
			s.Expired++
		}
	}
	s.slotFreed(ctx, a)
	return nil
}

// do does what is due.
func (s *sweep) do(ctx context.Context, tail Entry, act Act) (applied, error) {
	if e, ok := act.(Expire); ok && e.Reason == DeskClosed {
		now := s.now()
		closed := closedAt(s.policy.Calendar, now.Add(-24*time.Hour), now)
		if closed.IsZero() {
			closed = now
		}
		return s.notServed(ctx, tail, e, closed.UTC())
	}
	return s.applyAt(ctx, tail, system, act)
}

// due returns what time asks for in a conversation, or nil. One thing at a
// time: the rest is still due at the next look.
func (s *sweep) due(tail Entry, l Live, t time.Time) Act {
	st := tail.State
	citizen := time.UnixMilli(st.Citizen.At)
	sign := citizen
	if l.Seen.After(sign) {
		sign = l.Seen
	}
	advisor := s.advisors[identity.StaffID(st.Advisor.ID)]
	switch {
	case st.Aside && !s.day.serving && !s.day.early:
		return Expire{Reason: Silent}
	case st.Status == Queued && !s.day.serving && !s.day.early:
		return deskClosed(s.policy.Calendar, t)
	case st.Citizen.Connection != "" && t.Sub(sign) > s.Times.CitizenLease:
		return Away{Connection: st.Citizen.Connection, Reason: LeaseExpired}
	case st.Status == Queued && st.Citizen.Connection == "" && t.Sub(citizen) > s.Times.KeepPlace,
		s.goneTooLong(st, t):
		return Expire{Reason: AwayTooLong}
	case st.Open() && st.OfferUntil != nil && !t.Before(*st.OfferUntil):
		return Requeue{Reason: OfferMissed, Advisor: identity.StaffID(st.Advisor.ID)}
	case st.Open() && !advisor.Lease.After(t):
		return Requeue{Reason: AdvisorLost, Advisor: identity.StaffID(st.Advisor.ID), Epoch: st.Advisor.Epoch}
	case st.Accepted() && st.AnswerUntil != nil && !t.Before(*st.AnswerUntil):
		return Expire{Reason: IdleTooLong}
	case st.Status == Queued && !st.Returned && s.lines[st.Ticket.Topic].wasCalled(st.Ticket):
		return Requeue{Reason: TicketSkipped}
	case st.Status == Queued && (s.day.serving || s.day.opens <= s.Times.Sign) && s.attended(st.Topic): // not long before the opening
		return s.dueHere(st, s.lines[st.Topic].Ahead(st.Ticket, st.Returned), t)
	}
	return nil
}
