package upkeep

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"infocig/shared/chat/admission"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/desk"
	"infocig/shared/chat/escalation"
	"infocig/shared/chat/queue"
	"infocig/shared/chat/store"
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
	Aside    int `json:"aside"`    // citizens who have not answered and stepped aside
	Silent   int `json:"silent"`   // conversations ended at the closing whose citizens had stepped aside
	Told     int `json:"told"`     // positions told to citizens
	Failed   int `json:"failed"`   // conversations left for the next sweep by an error

	// Stuck is for how long a citizen has waited beside a free advisor, as the sweep found it
	// before assigning conversations. It is zero if there is no such citizen.
	Stuck time.Duration `json:"stuck"`

	// Unattended is how many citizens wait for topics that no advisor serves, while the desk
	// is open.
	Unattended int `json:"unattended"`

	Escalations escalation.Chased `json:"escalations"`
}

// Sweep looks at every live conversation and does what is due. Then it gives waiting
// conversations to free advisors, and looks after the escalations. It may overlap with itself
// and with everything else, and may stop anywhere: the next sweep goes on. It goes on after an
// error, and returns all errors joined, with no code of its own.
func (d *Service) Sweep(ctx context.Context) (Swept, error) {
	s := sweep{Service: d, advisors: map[identity.StaffID]conversation.Advisor{}, lines: map[queue.Topic]queue.Line{}, waiting: map[queue.ConversationID]bool{}, outOfLine: map[queue.ConversationID]bool{}}
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
	var queues []desk.InQueue
	moved := false // whether a number of waiting citizens has changed since the sweep before
	for _, topic := range queue.Topics {
		met = errors.Join(met, s.dropOrphans(ctx, topic))
		if s.day.Serving {
			d.Dispatch(ctx, topic, conversation.Entry{})
		}
		if s.day.Serving && !s.attended(topic) {
			s.Unattended += s.lines[topic].Waiting()
		}
		figures := s.figures(topic)
		figures.Figures.Marks = s.tellPositions(ctx, topic)
		met = errors.Join(met, d.Store.Commit(ctx, store.Step{Changes: []store.Change{figures}}))
		queues = append(queues, desk.InQueue{Topic: topic, Waiting: figures.Figures.Waiting})
		moved = moved || figures.Figures.Waiting != s.lines[topic].Figures.Waiting
	}
	s.tellQueues(ctx, queues, moved)
	chased, err := d.Escalations.Chase(ctx)
	s.Swept.Escalations = chased
	return s.Swept, errors.Join(met, err)
}

type sweep struct {
	*Service
	Swept
	advisors map[identity.StaffID]conversation.Advisor
	lines    map[queue.Topic]queue.Line
	policy   admission.Policy
	day      desk.Phase // of the desk, by the calendar
	waiting  map[queue.ConversationID]bool
	// outOfLine has the conversations that an advisor has or that wait at the front. The
	// tickets of most of them were called, but not of those that went first (reordered, slip).
	outOfLine map[queue.ConversationID]bool
}

func (s *sweep) load(ctx context.Context) error {
	policy, err := s.Policy(ctx)
	if err != nil {
		return err
	}
	s.policy, s.day = policy, s.PhaseOf(policy, s.Time())
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
	for _, t := range queue.Topics {
		if s.lines[t], err = s.Line(ctx, t); err != nil {
			return err
		}
		for _, ticket := range s.lines[t].Returned {
			s.outOfLine[ticket.Conversation()] = true
		}
	}
	return nil
}

// findStuck looks for a citizen who waits while an advisor is free. The conversation may be
// about to be assigned, so only one that still waits after Times.Settle counts.
func (s *sweep) findStuck(ctx context.Context) error {
	suspects := map[queue.Topic]queue.Ticket{}
	for _, topic := range queue.Topics {
		if first, ok := s.lines[topic].First(topic); ok && s.day.Serving && s.free(topic) {
			suspects[topic] = first
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	if err := desk.Sleep(ctx, s.Times.Settle); err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	for _, topic := range queue.Topics {
		suspect, ok := suspects[topic]
		if !ok {
			continue
		}
		if first, ok := s.lines[topic].First(topic); !ok || first != suspect || !s.free(topic) {
			continue
		}
		tail, err := s.Store.Tail(ctx, suspect.Conversation())
		if errors.Is(err, code.NotFound) { // a ticket that no citizen has
			continue
		}
		if err != nil {
			return err
		}
		if tail.State.Status == conversation.Queued && s.mayHave(tail.State) {
			s.Stuck = max(s.Stuck, s.Time().Sub(tail.At))
		}
	}
	return nil
}

// attended reports whether an advisor serves topic.
func (s *sweep) attended(topic queue.Topic) bool {
	for _, a := range s.advisors {
		if a.Serves(topic, s.Time()) {
			return true
		}
	}
	return false
}

// free reports whether an advisor can be given a conversation of topic.
func (s *sweep) free(topic queue.Topic) bool {
	for _, a := range s.advisors {
		if a.Free(topic, s.Time()) > 0 {
			return true
		}
	}
	return false
}

// mayHave reports whether an advisor is free who may have the conversation with state st.
func (s *sweep) mayHave(st conversation.State) bool {
	_, ok := conversation.Pick(slices.Collect(maps.Values(s.advisors)), st, s.Time())
	return ok
}

// inLine reports whether nothing can be due for a live conversation, so that its log need not
// be read. It is true if the conversation waits with a ticket that was not called, a sign of
// its citizen has come within Times.Silence, and more than desk.AskAhead people are ahead.
func (s *sweep) inLine(l store.Live) bool {
	t, ok := queue.TicketOf(l.Conversation)
	if !ok || s.outOfLine[l.Conversation] || !s.day.Serving && !s.day.Early || s.Time().Sub(l.Seen) >= s.Times.Silence {
		return false
	}
	line := s.lines[t.Topic]
	return t.Shard < len(line.Shards) && line.Shards[t.Shard].Ahead(t.N) > desk.AskAhead
}

func (s *sweep) look(ctx context.Context, l store.Live) error {
	if s.inLine(l) {
		s.waiting[l.Conversation] = true
		return nil
	}
	tail, err := s.Store.Tail(ctx, l.Conversation)
	if err != nil {
		return err
	}
	if tail.State.Status == conversation.Queued {
		s.waiting[l.Conversation] = true
	}
	if id := identity.StaffID(tail.State.Advisor.ID); tail.State.Open() && !s.advisors[id].Lease.After(s.Time()) {
		// The advisor may have connected since the sweep began, or be writing: look again
		// before taking the conversation away.
		if s.advisors[id], err = s.heard(ctx, id); err != nil {
			return err
		}
	}
	act := s.due(tail, l, s.Time())
	if act == nil {
		s.pingCitizen(ctx, tail, l)
		return nil
	}
	a, err := s.do(ctx, tail, act)
	if err != nil || !a.Append {
		return err
	}
	switch act := act.(type) {
	case conversation.Away:
		s.Away++
	case conversation.Requeue:
		s.Requeued++
	case conversation.Ask:
		s.Asked++
	case conversation.StepAside:
		s.Aside++
	case conversation.Expire:
		if act.Reason == conversation.Silent {
			s.Silent++
		} else {
			s.Expired++
		}
	}
	s.SlotFreed(ctx, a)
	return nil
}

// do carries out an act that is due.
func (s *sweep) do(ctx context.Context, tail conversation.Entry, act conversation.Act) (desk.Applied, error) {
	if e, ok := act.(conversation.Expire); ok && e.Reason == conversation.DeskClosed {
		now := s.Time()
		closed := desk.ClosedAt(s.policy.Calendar, now.Add(-24*time.Hour), now)
		if closed.IsZero() {
			closed = now
		}
		return s.NotServed(ctx, tail, e, closed.UTC())
	}
	return s.ApplyAt(ctx, tail, desk.System, act)
}

// due returns the act that is due in a conversation at t, or nil. If several are due it
// returns one of them, and the next sweep finds the others.
func (s *sweep) due(tail conversation.Entry, l store.Live, t time.Time) conversation.Act {
	st := tail.State
	citizen := time.UnixMilli(st.Citizen.At)
	sign := citizen
	if l.Seen.After(sign) {
		sign = l.Seen
	}
	advisor := s.advisors[identity.StaffID(st.Advisor.ID)]
	switch {
	case st.Aside && !s.day.Serving && !s.day.Early:
		return conversation.Expire{Reason: conversation.Silent}
	case st.Status == conversation.Queued && !s.day.Serving && !s.day.Early:
		return desk.AtClosing(s.policy.Calendar, t)
	case st.Citizen.Connection != "" && t.Sub(sign) > s.Times.CitizenLease:
		return conversation.Away{Connection: st.Citizen.Connection, Reason: conversation.LeaseExpired}
	case st.Status == conversation.Queued && st.Citizen.Connection == "" && t.Sub(citizen) > s.Times.KeepPlace,
		s.GoneTooLong(st, t):
		return conversation.Expire{Reason: conversation.AwayTooLong}
	case st.Open() && st.OfferUntil != nil && !t.Before(*st.OfferUntil):
		return conversation.Requeue{Reason: conversation.OfferMissed, Advisor: identity.StaffID(st.Advisor.ID)}
	case st.Open() && !advisor.Lease.After(t):
		return conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: identity.StaffID(st.Advisor.ID), Epoch: st.Advisor.Epoch}
	case st.Accepted() && st.AnswerUntil != nil && !t.Before(*st.AnswerUntil):
		return conversation.Expire{Reason: conversation.IdleTooLong}
	case st.Status == conversation.Queued && !st.Returned && s.lines[st.Ticket.Topic].WasCalled(st.Ticket):
		return conversation.Requeue{Reason: conversation.TicketSkipped}
	case st.Status == conversation.Queued && (s.day.Serving || s.day.Opens <= s.Times.Sign) && s.attended(st.Topic): // not long before the opening
		return s.DueHere(st, s.lines[st.Topic].Ahead(st.Ticket, st.Returned), t)
	}
	return nil
}
