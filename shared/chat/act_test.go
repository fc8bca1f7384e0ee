package chat_test

import (
	"testing"
	"time"

	"infocig/shared/cases"
	"infocig/shared/chat/conversation"
	"infocig/shared/chat/queue"
	"infocig/shared/code"
	"infocig/shared/identity"
)

// TestDecide has, for every act, what it does where it may be done, and how it
// is refused where not.
func TestDecide(t *testing.T) {
	const offer = 20 * time.Second
	until := opening.Add(offer)
	citizen := conversation.Actor{Side: identity.SideCitizen, ID: "p", Connection: "c5", Epoch: 5}
	advisor := conversation.Actor{Side: identity.SideAdvisor, ID: "a", Name: "Anna", Connection: "d5", Epoch: 5}
	system := conversation.Actor{Side: identity.SideSystem}
	base := func(status conversation.Status, change func(*conversation.State)) conversation.Entry {
		s := conversation.State{
			Status: status, Topic: queue.WorkerCase, Ticket: queue.Ticket{Topic: queue.WorkerCase, N: 1}, Cases: []cases.Ref{{ID: "k", Office: "o"}},
			Citizen: conversation.Party{ID: "p", Connection: "c5", Epoch: 5, Number: 3, Seq: 6, Digest: digest(t, "x")},
		}
		if status != conversation.Queued {
			s.Advisor = conversation.Party{ID: "a", Connection: "d5", Epoch: 5}
		}
		if change != nil {
			change(&s)
		}
		return conversation.Entry{Conversation: "worker_case.0.1", Seq: 9, State: s}
	}
	queued := base(conversation.Queued, nil)
	offered := base(conversation.Assigned, func(s *conversation.State) { s.OfferUntil = &until })
	talking := base(conversation.Assigned, nil)
	away := base(conversation.CitizenAway, func(s *conversation.State) { s.Citizen.Connection = "" })
	escalated := base(conversation.Assigned, func(s *conversation.State) { s.Escalation = "e" })
	ended := base(conversation.StatusEnded, func(s *conversation.State) { s.Outcome = conversation.Settled })
	absent := base(conversation.Queued, func(s *conversation.State) { s.Citizen.Connection = "" })
	expecting := base(conversation.Assigned, func(s *conversation.State) { s.AnswerUntil = &until })
	front := base(conversation.Queued, func(s *conversation.State) { s.Returned = true })
	at := func(a conversation.Actor, epoch int64) conversation.Actor { a.Epoch = epoch; return a }
	call := func(number int, text conversation.Text) conversation.Act {
		return conversation.Send{Number: number, Text: text}
	}
	escalate := func(about cases.ID) conversation.Act {
		return conversation.Escalate{Number: 1, ID: "e", Case: about, Text: "t"}
	}
	const nothing = code.Code("nothing")
	const again = code.Code("again")

	for name, test := range map[string]struct {
		tail   conversation.Entry
		by     conversation.Actor
		act    conversation.Act
		after  time.Duration
		want   code.Code           // refused so; "" for an entry
		status conversation.Status // after it
	}{
		"the citizen writes":                        {tail: talking, by: citizen, act: call(4, "y"), status: conversation.Assigned},
		"and may while waiting":                     {tail: queued, by: citizen, act: call(4, "y"), status: conversation.Queued},
		"writing brings back who was away":          {tail: away, by: citizen, act: call(4, "y"), status: conversation.Assigned},
		"the advisor writes":                        {tail: talking, by: advisor, act: call(1, "y"), status: conversation.Assigned},
		"to somebody away, too":                     {tail: away, by: advisor, act: call(1, "y"), status: conversation.CitizenAway},
		"but not before accepting":                  {tail: offered, by: advisor, act: call(1, "y"), want: code.Conflict},
		"the last number again":                     {tail: talking, by: citizen, act: call(3, "x"), want: again},
		"the last number with another text":         {tail: talking, by: citizen, act: call(3, "z"), want: code.Conflict},
		"an older number":                           {tail: talking, by: citizen, act: call(2, "x"), want: code.Conflict},
		"writing after the end":                     {tail: ended, by: citizen, act: call(4, "y"), want: code.Closed},
		"an older connection":                       {tail: talking, by: at(citizen, 4), act: call(4, "y"), want: code.Superseded},
		"a newer connection":                        {tail: talking, by: at(citizen, 6), act: call(4, "y"), status: conversation.Assigned},
		"connecting with the present connection":    {tail: talking, by: citizen, act: conversation.Connect{}, want: nothing},
		"connecting with a newer one":               {tail: talking, by: at(citizen, 6), act: conversation.Connect{}, status: conversation.Assigned},
		"coming back":                               {tail: away, by: at(citizen, 6), act: conversation.Connect{}, status: conversation.Assigned},
		"the connection goes":                       {tail: talking, by: system, act: conversation.Away{Connection: "c5", Reason: conversation.Disconnected}, status: conversation.CitizenAway},
		"and in the queue":                          {tail: queued, by: system, act: conversation.Away{Connection: "c5", Reason: conversation.Disconnected}, status: conversation.Queued},
		"another connection goes":                   {tail: talking, by: system, act: conversation.Away{Connection: "c4"}, want: nothing},
		"no connection goes":                        {tail: away, by: system, act: conversation.Away{Connection: ""}, want: nothing},
		"assigning":                                 {tail: queued, by: system, act: conversation.Assign{Advisor: "b", Until: until}, status: conversation.Assigned},
		"assigning from the front":                  {tail: front, by: system, act: conversation.Assign{Advisor: "b", Until: until}, status: conversation.Assigned},
		"assigning twice":                           {tail: offered, by: system, act: conversation.Assign{Advisor: "b", Until: until}, want: code.Conflict},
		"assigning what has ended":                  {tail: ended, by: system, act: conversation.Assign{Advisor: "b", Until: until}, want: code.Closed},
		"accepting":                                 {tail: offered, by: advisor, act: conversation.Accept{}, status: conversation.Assigned},
		"accepting late, but not too late":          {tail: offered, by: advisor, act: conversation.Accept{}, after: offer + time.Second, status: conversation.Assigned},
		"accepting again":                           {tail: talking, by: advisor, act: conversation.Accept{}, want: nothing},
		"accepting as a citizen":                    {tail: offered, by: citizen, act: conversation.Accept{}, want: code.Forbidden},
		"an offer is missed":                        {tail: offered, by: system, act: conversation.Requeue{Reason: conversation.OfferMissed, Advisor: "a"}, after: offer, status: conversation.Queued},
		"but not before its time":                   {tail: offered, by: system, act: conversation.Requeue{Reason: conversation.OfferMissed, Advisor: "a"}, after: offer - 1, want: nothing},
		"nor after it was accepted":                 {tail: talking, by: system, act: conversation.Requeue{Reason: conversation.OfferMissed, Advisor: "a"}, after: offer, want: nothing},
		"nor another's offer":                       {tail: offered, by: system, act: conversation.Requeue{Reason: conversation.OfferMissed, Advisor: "b"}, after: offer, want: nothing},
		"the advisor is lost":                       {tail: talking, by: system, act: conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: "a", Epoch: 5}, status: conversation.Queued},
		"another advisor is lost":                   {tail: talking, by: system, act: conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: "b", Epoch: 5}, want: nothing},
		"the advisor is lost while nobody is there": {tail: away, by: system, act: conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: "a", Epoch: 5}, status: conversation.Queued},
		"the advisor is back on a newer connection": {tail: talking, by: system, act: conversation.Requeue{Reason: conversation.AdvisorLost, Advisor: "a", Epoch: 4}, want: nothing},
		"the advisor has logged out":                {tail: talking, by: system, act: conversation.Requeue{Reason: conversation.AdvisorLeft, Advisor: "a", Epoch: 5}, status: conversation.Queued},
		"assigning somebody who is away":            {tail: absent, by: system, act: conversation.Assign{Advisor: "b", Until: until}, want: code.Conflict},
		"a ticket is called of somebody away":       {tail: absent, by: system, act: conversation.Requeue{Reason: conversation.Absent}, status: conversation.Queued},
		"of somebody who is there":                  {tail: queued, by: system, act: conversation.Requeue{Reason: conversation.Absent}, want: nothing},
		"the advisor asks for an answer":            {tail: talking, by: advisor, act: conversation.Expect{Within: time.Minute}, status: conversation.Assigned},
		"and asks again":                            {tail: expecting, by: advisor, act: conversation.Expect{Within: time.Minute}, want: nothing},
		"the citizen asks for one":                  {tail: talking, by: citizen, act: conversation.Expect{Within: time.Minute}, want: code.Forbidden},
		"asking before accepting":                   {tail: offered, by: advisor, act: conversation.Expect{Within: time.Minute}, want: code.Conflict},
		"nobody is free after the call":             {tail: queued, by: system, act: conversation.Requeue{Reason: conversation.NobodyFree}, status: conversation.Queued},
		"who is at the front stays there":           {tail: front, by: system, act: conversation.Requeue{Reason: conversation.NobodyFree}, want: nothing},
		"a transfer":                                {tail: talking, by: advisor, act: conversation.Transfer{To: "b"}, status: conversation.Queued},
		"a transfer before accepting":               {tail: offered, by: advisor, act: conversation.Transfer{To: "b"}, want: code.Conflict},
		"a transfer while the citizen is away":      {tail: away, by: advisor, act: conversation.Transfer{To: "b"}, want: code.Conflict},
		"a transfer to oneself":                     {tail: talking, by: advisor, act: conversation.Transfer{To: "a"}, want: code.Invalid},
		"a transfer by the citizen":                 {tail: talking, by: citizen, act: conversation.Transfer{}, want: code.Forbidden},
		"an escalation":                             {tail: talking, by: advisor, act: escalate("k"), status: conversation.Assigned},
		"an escalation before accepting":            {tail: offered, by: advisor, act: escalate("k"), want: code.Conflict},
		"an escalation about another case":          {tail: talking, by: advisor, act: escalate("l"), want: code.Invalid},
		"a second escalation":                       {tail: escalated, by: advisor, act: escalate("k"), want: code.Conflict},
		"closing":                                   {tail: talking, by: advisor, act: conversation.Close{Outcome: conversation.Settled}, status: conversation.StatusEnded},
		"closing before accepting":                  {tail: offered, by: advisor, act: conversation.Close{Outcome: conversation.Settled}, want: code.Conflict},
		"closing while the citizen is away":         {tail: away, by: advisor, act: conversation.Close{Outcome: conversation.NoAnswer}, status: conversation.StatusEnded},
		"closing as what it is not":                 {tail: escalated, by: advisor, act: conversation.Close{Outcome: conversation.Settled}, want: code.Conflict},
		"closing as escalated":                      {tail: escalated, by: advisor, act: conversation.Close{Outcome: conversation.Escalated}, status: conversation.StatusEnded},
		"closing as escalated without escalation":   {tail: talking, by: advisor, act: conversation.Close{Outcome: conversation.Escalated}, want: code.Conflict},
		"closing as not served":                     {tail: talking, by: advisor, act: conversation.Close{Outcome: conversation.NotServed}, want: code.Invalid},
		"closing again":                             {tail: ended, by: advisor, act: conversation.Close{Outcome: conversation.Settled}, want: nothing},
		"closing again otherwise":                   {tail: ended, by: advisor, act: conversation.Close{Outcome: conversation.NoAnswer}, want: code.Closed},
		"leaving the queue":                         {tail: queued, by: citizen, act: conversation.Leave{}, status: conversation.StatusEnded},
		"leaving again":                             {tail: ended, by: citizen, act: conversation.Leave{}, want: nothing},
		"leaving as the advisor":                    {tail: talking, by: advisor, act: conversation.Leave{}, want: code.Forbidden},
		"away too long":                             {tail: away, by: system, act: conversation.Expire{Reason: conversation.AwayTooLong}, status: conversation.StatusEnded},
		"back in time":                              {tail: talking, by: system, act: conversation.Expire{Reason: conversation.AwayTooLong}, want: nothing},
		"waiting, and there":                        {tail: queued, by: system, act: conversation.Expire{Reason: conversation.AwayTooLong}, want: nothing},
		"idle":                                      {tail: expecting, by: system, act: conversation.Expire{Reason: conversation.IdleTooLong}, after: offer, status: conversation.StatusEnded},
		"silent, but there is time to answer":       {tail: expecting, by: system, act: conversation.Expire{Reason: conversation.IdleTooLong}, after: offer - 1, want: nothing},
		"silent while it is the advisor's turn":     {tail: talking, by: system, act: conversation.Expire{Reason: conversation.IdleTooLong}, after: time.Hour, want: nothing},
		"idle, but not yet accepted":                {tail: offered, by: system, act: conversation.Expire{Reason: conversation.IdleTooLong}, want: nothing},
		"waiting when the desk closes":              {tail: queued, by: system, act: conversation.Expire{Reason: conversation.DeskClosed}, status: conversation.StatusEnded},
		"talking when the desk closes":              {tail: talking, by: system, act: conversation.Expire{Reason: conversation.DeskClosed}, want: nothing},
		"a stranger":                                {tail: talking, by: conversation.Actor{Side: identity.SideCitizen, ID: "q", Epoch: 9}, act: call(4, "y"), want: code.NotFound},
		"an advisor while it is queued":             {tail: queued, by: advisor, act: conversation.Accept{}, want: code.NotFound},
		"somebody without an id":                    {tail: queued, by: conversation.Actor{Side: identity.SideAdvisor, Epoch: 9}, act: conversation.Accept{}, want: code.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			next, v := conversation.Decide(test.tail, conversation.Command{At: opening.Add(test.after), By: test.by, Act: test.act})
			got := v.Err
			switch {
			case v.Append && v.Err == "":
				same(t, "status", next.State.Status, test.status)
				same(t, "number", next.Seq, test.tail.Seq+1)
			case v.Err == "" && v.Seq == test.tail.State.Citizen.Seq:
				got = again
			case v.Err == "":
				got = nothing
			}
			same(t, "refused as", got, test.want)
		})
	}
}

// digest is what a party's state keeps of a text.
func digest(t *testing.T, text conversation.Text) uint64 {
	t.Helper()
	by := conversation.Actor{Side: identity.SideCitizen, ID: "p", Epoch: 1}
	first := conversation.Join(conversation.Command{By: by}, queue.Ticket{Topic: queue.WorkerCase, N: 1}, conversation.Profile{}, "", nil)
	next, _ := conversation.Decide(first, conversation.Command{By: by, Act: conversation.Send{Number: 1, Text: text}})
	return next.State.Citizen.Digest
}

// TestProgress: news come once, in order, and nothing comes after the end.
func TestProgress(t *testing.T) {
	tail := func(status conversation.Status, p conversation.EscalationProgress) conversation.Entry {
		return conversation.Entry{Conversation: "c", Seq: 9, State: conversation.State{Status: status, Escalation: "e", Progress: p}}
	}
	talking := tail(conversation.Assigned, conversation.EscalationProgress{Step: 2})
	ended := tail(conversation.StatusEnded, conversation.EscalationProgress{Step: 2})
	late := tail(conversation.StatusEnded, conversation.EscalationProgress{Step: 2, Late: true})
	final := tail(conversation.StatusEnded, conversation.EscalationProgress{Step: 3, Final: true})
	unsent := tail(conversation.Assigned, conversation.EscalationProgress{})
	is := func(step int, status conversation.EscalationStatus) conversation.Escalation {
		return conversation.Escalation{ID: "e", Step: step, Status: status}
	}
	other := is(3, conversation.EscalationTaken)
	other.ID = "f"
	overdue := func(step int) conversation.Escalation {
		e := is(step, conversation.EscalationTaken)
		e.Overdue = true
		return e
	}
	for name, test := range map[string]struct {
		tail   conversation.Entry
		act    conversation.Progress
		stored bool
	}{
		"the next step":                        {talking, conversation.Progress{Escalation: is(3, conversation.EscalationSettled)}, true},
		"the next step after the end":          {ended, conversation.Progress{Escalation: is(3, conversation.EscalationTaken)}, true},
		"the same step again":                  {ended, conversation.Progress{Escalation: is(2, conversation.EscalationTaken)}, false},
		"an older step":                        {ended, conversation.Progress{Escalation: is(1, conversation.EscalationDelivered)}, false},
		"a step after the last":                {final, conversation.Progress{Escalation: is(4, conversation.EscalationTaken)}, false},
		"a step of another escalation":         {ended, conversation.Progress{Escalation: other}, false},
		"late":                                 {ended, conversation.Progress{Escalation: overdue(2), Reason: conversation.OfficeLate}, true},
		"late again":                           {late, conversation.Progress{Escalation: overdue(2), Reason: conversation.OfficeLate}, false},
		"late, by who does not know the step":  {ended, conversation.Progress{Escalation: overdue(1), Reason: conversation.OfficeLate}, false},
		"late after the end":                   {final, conversation.Progress{Escalation: overdue(3), Reason: conversation.OfficeLate}, false},
		"refused":                              {unsent, conversation.Progress{Escalation: is(0, conversation.EscalationFailed), Reason: conversation.OfficeRefused}, true},
		"refused, although it was delivered":   {ended, conversation.Progress{Escalation: is(0, conversation.EscalationFailed), Reason: conversation.OfficeRefused}, false},
		"a step by who does not know the late": {late, conversation.Progress{Escalation: is(3, conversation.EscalationTaken)}, true},
	} {
		next, v := conversation.Decide(test.tail, conversation.Command{By: conversation.Actor{Side: identity.SideSystem}, Act: test.act})
		if v.Err != "" || v.Append != test.stored {
			t.Errorf("%s: %+v", name, v)
			continue
		}
		if !test.stored {
			continue
		}
		same(t, name+": status of the conversation", next.State.Status, test.tail.State.Status)
		same(t, name+": step", next.State.Progress.Step, test.act.Escalation.Step)
		wasLate := test.tail.State.Progress.Late || test.act.Escalation.Overdue
		same(t, name+": late", [2]bool{next.State.Progress.Late, next.Escalation.Overdue}, [2]bool{wasLate, wasLate})
		same(t, name+": final", next.State.Progress.Final, test.act.Escalation.Status.Final())
	}
}
